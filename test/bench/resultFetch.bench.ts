/** A million rows of ten columns, from the server into the store of a results tab, against `psql`, which throws them away. */
import { execa } from 'execa';
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { type Benchmark, type Line, measurePairs, median, p90, type Rival, rounded, type Run, type Side } from './benchmark.ts';
import { rowCount, startMillionRows, statement } from './millionRows.ts';
import type { Fetched } from './resultFetch.child.ts';

/** Processes whose growth is looked at. */
const freshRuns = 5;

const copy = `copy (${statement}) to stdout`;

export const benchmark: Benchmark = { name: 'resultFetch', run };

async function run(say: (line: string) => void): Promise<readonly Line[]> {
  const server = await startMillionRows();
  try {
    const memory = await growthLine(server.url, say);
    const host = await startHost(server.url);
    const ours: Side = {
      name: 'Opsbook',
      run: async () => {
        const { milliseconds, sum } = await host.fetch();
        return { value: milliseconds, work: [sum] };
      },
    };
    const psql = await findPsql(server.url);
    const lines = psql === undefined ? [await alone(ours)] : await against(psql, ours, say);
    host.end();
    return [...lines, memory];
  } finally {
    await server.stop();
  }
}

interface Host {
  fetch(): Promise<Fetched>;
  end(): void;
}

async function startHost(connection: string): Promise<Host> {
  const child = fork(path.join(import.meta.dirname, 'resultFetch.child.ts'), [JSON.stringify({ connection, statement })]);
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('the process that fetches ended')));
  ended.catch(() => {});
  await Promise.race([once(child, 'message'), ended]);
  return {
    fetch: async () => {
      const answer = once(child, 'message');
      child.send('fetch');
      const [told] = (await Promise.race([answer, ended])) as [Fetched];
      return told;
    },
    end: () => child.disconnect(),
  };
}

interface Psql {
  readonly version: string;
  run(...options: string[]): Promise<Run>;
}

/** `undefined` where it is not on the machine. Its rows go nowhere while it is measured, so they are summed once before. */
async function findPsql(url: string): Promise<Psql | undefined> {
  const version = await execa('psql', ['--version'], { reject: false });
  if (version.failed) {
    return undefined;
  }
  const env = { PGSSLMODE: 'disable' };
  const hash = createHash('sha256');
  const all = execa('psql', [url, '-c', copy], { env, buffer: false });
  for await (const chunk of all.iterable({ binary: true })) {
    hash.update(chunk);
  }
  const work = [hash.digest('hex').slice(0, 16)];
  return {
    version: version.stdout,
    run: async (...options) => {
      const begun = performance.now();
      await execa('psql', [url, ...options, '-o', '/dev/null'], { env });
      return { value: performance.now() - begun, work };
    },
  };
}

async function against(psql: Psql, ours: Side, say: (line: string) => void): Promise<Line[]> {
  const rivals = [
    { name: 'resultFetch.copy', options: ['-c', copy], limit: 1.5 },
    { name: 'resultFetch.rows', options: ['-At', '-c', statement], limit: 1 },
  ];
  const lines: Line[] = [];
  for (const { name, options, limit } of rivals) {
    const label = `psql ${options.map((option) => (option.includes(' ') ? `'${option}'` : option)).join(' ')}`;
    const samples = await measurePairs({ ours, rival: { name: label, run: async () => psql.run(...options) } }, say);
    const value = median(samples.ours);
    const against: Rival = { name: label, version: psql.version, median: rounded(median(samples.rival)), p90: rounded(p90(samples.rival)) };
    const ratio = value / median(samples.rival);
    lines.push({ name, value: rounded(value), unit: 'ms', against, ratio: rounded(ratio), limit: `ratio <= ${limit}`, ok: ratio <= limit, p90: rounded(p90(samples.ours)), runs: samples.ours.length, rows: rowCount, sum: samples.sum });
  }
  return lines;
}

/** Without `psql` there is nothing to say but how long it took. */
async function alone(ours: Side): Promise<Line> {
  const { value, work } = await ours.run();
  return { name: 'resultFetch.copy', value: rounded(value), unit: 'ms', against: undefined, ratio: undefined, limit: 'ratio <= 1.5', ok: false, error: 'rival absent: psql is not on the PATH', rows: rowCount, sum: work.join() };
}

/** Processes that have done nothing before. */
async function growthLine(connection: string, say: (line: string) => void): Promise<Line> {
  const fetched: Fetched[] = [];
  for (let run = 0; run < freshRuns; run++) {
    const host = await startHost(connection);
    fetched.push(await host.fetch());
    host.end();
  }
  const growth = Math.max(...fetched.map((each) => each.growth));
  const spilled = median(fetched.map((each) => each.spilled));
  say(`${Math.round(growth / 2 ** 20)} MB more at most, ${Math.round(spilled / 2 ** 20)} MB on the disk`);
  return { name: 'resultFetch.memory', value: growth, unit: 'bytes', against: undefined, ratio: undefined, limit: 'value <= 150 MB', ok: growth <= 150 * 2 ** 20, megabytes: rounded(growth / 2 ** 20), spilled, runs: fetched.length };
}
