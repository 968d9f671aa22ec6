import { openCli, type CliMajor, type SupabaseCli } from '../cli/supabaseCli.ts';
import { versions } from '../world/provision.ts';
import { measurePairs, median, RivalAbsent, rounded, summary, timed, type Benchmark, type Line, type Run, type Side } from './benchmark.ts';
import { openOpsbook, type Opsbook } from './opsbook.ts';
import { startService, type Service } from './service.ts';

const atLeast = 20;

/** The Functions view refreshed, from the command to its rows, against `supabase functions list` in a new process. */
export const benchmark: Benchmark = {
  name: 'functionsList',
  async run(say) {
    const service = await startService({ latencyMs: 0, engines: true });
    const lines: Line[] = [];
    try {
      for (const major of ['cli3', 'cli2'] as const) {
        lines.push(await compare(service, major, say));
      }
    } finally {
      await service.stop();
    }
    return lines;
  },
};

async function compare(service: Service, major: CliMajor, say: (line: string) => void): Promise<Line> {
  const cli = await openCli(major, service).catch((error: unknown) => {
    throw new RivalAbsent(`Supabase CLI ${versions[major]}`, { cause: error });
  });
  try {
    const { ours, rival, sum } = await measurePairs({ ours: refreshing(service), rival: listing(cli, service) }, (line) => say(`CLI ${cli.version}, ${line}`));
    const ratio = median(rival) / median(ours);
    return {
      name: `functionsList.${major}`,
      value: summary(ours).median,
      unit: 'ms',
      against: { name: 'supabase functions list', version: cli.version, ...summary(rival) },
      ratio: rounded(ratio),
      limit: `ratio >= ${atLeast}`,
      ok: ratio >= atLeast,
      p90: summary(ours).p90,
      runs: ours.length,
      latencyMs: 0,
      input: sum,
    };
  } finally {
    await cli.remove();
  }
}

/**
 * Each run signs in anew, so that no answer and no budget of an earlier one helps, and then presses *Refresh*: everything that the
 * view shows is asked for again, error rates and secrets too.
 */
function refreshing(service: Service): Side {
  return {
    name: 'the Functions view',
    run: async () => {
      const opsbook = await openOpsbook(service);
      try {
        await opsbook.session.select(opsbook.selection);
        await opsbook.views.functions.rows();
        return await refresh(opsbook);
      } finally {
        await opsbook.close();
      }
    },
  };
}

async function refresh({ session, views }: Opsbook): Promise<Run> {
  const { value, result } = await timed(async () => {
    const asked = new Promise<void>((resolve) => views.functions.onDidChange(resolve));
    const refreshed = session.refresh();
    await asked;
    const rows = await views.functions.rows();
    await refreshed;
    return rows;
  });
  const deployed = result.filter(({ kind, states }) => kind === 'function' && states?.includes('deployed'));
  return { value, work: deployed.map(({ label, description }) => `${label} ${/^v\d+/.exec(description ?? '')?.[0]}`) };
}

function listing(cli: SupabaseCli, { ref }: Service): Side {
  return {
    name: `supabase functions list ${cli.version}`,
    run: async () => {
      const { value, result } = await timed(async () => cli.run(['functions', 'list', '--project-ref', ref, '--output-format', 'json']));
      if (result.code !== 0) {
        throw new Error(`supabase functions list ended with ${result.code}: ${result.stderr}`);
      }
      const { functions } = JSON.parse(result.stdout) as { functions: { slug: string; version: number }[] };
      return { value, work: functions.map(({ slug, version }) => `${slug} v${version}`) };
    },
  };
}
