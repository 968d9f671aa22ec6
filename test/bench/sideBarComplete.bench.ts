import type { Row } from '../../src/host/row.ts';
import { measurePairs, median, rounded, summary, timed, type Benchmark, type Side } from './benchmark.ts';
import { openOpsbook, type Opsbook, type Views } from './opsbook.ts';
import { startService, type Service, type ServiceCall } from './service.ts';

const latencyMs = 200;
const atMost = 1.5;

/** All views of the side bar from the choice of a project on, against the slowest of the API's answers that they need. */
export const benchmark: Benchmark = {
  name: 'sideBarComplete',
  async run(say) {
    const service = await startService({ latencyMs, engines: true });
    const needed: ServiceCall[] = [];
    try {
      const { ours, rival, sum } = await measurePairs({ ours: choosing(service, needed), rival: asking(service, needed) }, say);
      const ratio = median(ours) / median(rival);
      return [
        {
          name: 'sideBarComplete',
          value: summary(ours).median,
          unit: 'ms',
          against: { name: `the slowest of the ${needed.length} answers that it needs`, version: 'sandbox', ...summary(rival) },
          ratio: rounded(ratio),
          limit: `ratio <= ${atMost}`,
          ok: ratio <= atMost,
          p90: summary(ours).p90,
          runs: ours.length,
          latencyMs,
          input: sum,
          answers: needed.map(({ route }) => route).sort(),
        },
      ];
    } finally {
      await service.stop();
    }
  },
};

/** A newly opened window each time; `needed` becomes what it asked the API for. */
function choosing(service: Service, needed: ServiceCall[]): Side {
  return {
    name: 'the side bar',
    run: async () => {
      const opsbook = await openOpsbook(service);
      try {
        await service.takeCalls();
        const { value, result } = await timed(async () => complete(opsbook));
        needed.splice(0, needed.length, ...(await service.takeCalls()));
        return { value, work: shown(result) };
      } finally {
        await opsbook.close();
      }
    },
  };
}

type ViewName = keyof Views;

/** As a window does: each view is read again whenever it says that something changed, until none does. */
async function complete({ session, selection, views }: Opsbook): Promise<readonly Row[]> {
  const shownRows = new Map<ViewName, readonly Row[]>();
  const reading = new Map<ViewName, Promise<void>>();
  const read = (name: ViewName): void => {
    const begun: Promise<void> = views[name].rows().then((rows) => {
      if (reading.get(name) === begun) {
        shownRows.set(name, rows);
        reading.delete(name);
      }
    });
    reading.set(name, begun);
  };
  for (const name of Object.keys(views) as ViewName[]) {
    views[name].onDidChange(() => read(name));
    read(name);
  }
  await session.select(selection);
  while (reading.size > 0) {
    await Promise.all(reading.values());
  }
  return [...shownRows.values()].flat();
}

/** What the API had to say, as the rows show it. */
function shown(rows: readonly Row[]): string[] {
  return rows.flatMap(({ id, kind, states, description }) => {
    switch (kind) {
      case 'function':
        return states?.includes('deployed') ? [`${id} ${/^v\d+/.exec(description ?? '')?.[0]}${description?.includes('% errors') ? ' counted' : ''}`] : [];
      case 'secret':
        return states?.includes('missing') ? [] : [id];
      case 'service':
        return [id];
      default:
        return [];
    }
  });
}

/** Every answer by itself, one after another; the slowest counts. */
function asking(service: Service, needed: readonly ServiceCall[]): Side {
  return {
    name: 'the answers one by one',
    run: async () => {
      let slowest = 0;
      const said: string[] = [];
      for (const call of needed) {
        const { value, result } = await timed(async () => ask(service, call));
        slowest = Math.max(slowest, value);
        said.push(...facts(call.route, result));
      }
      return { value: slowest, work: named(said) };
    },
  };
}

async function ask({ apiUrl }: Service, { method, path, query, headers, body }: ServiceCall): Promise<unknown> {
  const kept = Object.entries(headers).filter(([name]) => ['authorization', 'content-type', 'accept', 'user-agent'].includes(name));
  const url = `${apiUrl}${path}${query === '' ? '' : `?${query}`}`;
  const answer = await fetch(url, { method, headers: Object.fromEntries(kept), ...(body === '' ? {} : { body }) });
  if (!answer.ok) {
    throw new Error(`${method} ${path} was answered with ${answer.status}`);
  }
  return answer.json();
}

type Item = Readonly<Record<string, unknown>>;

/** The same words for the raw answers: `function/health v4`, `counted <id>`. */
function facts(route: string, answer: unknown): string[] {
  const items = (Array.isArray(answer) ? answer : []) as Item[];
  switch (route.split('/').at(-1)) {
    case 'functions':
      return items.map(({ id, slug, version }) => `${String(id)} function/${String(slug)} v${String(version)}`);
    case 'secrets':
      return items.map(({ name }) => `secret/${String(name)}`);
    case 'health':
      return items.map(({ name }) => `service/${name === 'db' ? 'database' : String(name)}`);
    case 'logs':
      return ((answer as { result: Item[] }).result).map((row) => `counted ${String(row['function_id'])}`);
    default:
      return [];
  }
}

/** Counts come by id and functions by name. */
function named(said: readonly string[]): string[] {
  const counted = new Set(said.filter((fact) => fact.startsWith('counted ')).map((fact) => fact.slice('counted '.length)));
  return said
    .filter((fact) => !fact.startsWith('counted '))
    .map((fact) => {
      const [id = '', ...rest] = fact.split(' ');
      return rest.length === 0 ? fact : `${rest.join(' ')}${counted.has(id) ? ' counted' : ''}`;
    });
}
