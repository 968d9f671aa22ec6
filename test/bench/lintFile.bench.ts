import { execa } from 'execa';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createSqlAnalyst } from '../../src/adapters/sql/analyst.ts';
import { buildAll } from '../build.ts';
import { languageServerBinary, provision, versions } from '../world/provision.ts';
import { measurePairs, median, RivalAbsent, rounded, summary, timed, type Benchmark, type Side } from './benchmark.ts';
import { sqlFileOf } from './sqlFile.ts';

const atMost = 1;
/** 0.9 MB */
const size = 900_000;

/** Every lint over one long file: the process that looks at SQL, as it is packaged, against `postgres-language-server check`, each started for it. */
export const benchmark: Benchmark = {
  name: 'lintFile',
  async run(say) {
    await provision('languageServer', say).catch((error: unknown) => {
      throw new RivalAbsent(`Postgres Language Server ${versions.languageServer}`, { cause: error });
    });
    const folder = await mkdtemp(path.join(tmpdir(), 'opsbook-bench-'));
    try {
      await buildAll({ from: path.resolve(import.meta.dirname, '../..'), to: path.join(folder, 'dist') });
      const text = sqlFileOf(size);
      await writeFile(path.join(folder, 'file.sql'), text);
      await writeFile(path.join(folder, 'postgres-language-server.jsonc'), JSON.stringify({ linter: { enabled: true, rules: { all: true } } }));
      const { ours, rival, sum } = await measurePairs({ ours: analysing(path.join(folder, 'dist', 'analyst.worker.cjs'), text), rival: checking(folder, text) }, say);
      const ratio = median(ours) / median(rival);
      return [
        {
          name: 'lintFile',
          value: summary(ours).median,
          unit: 'ms',
          against: { name: 'postgres-language-server check', version: versions.languageServer, ...summary(rival) },
          ratio: rounded(ratio),
          limit: `ratio <= ${atMost}`,
          ok: ratio <= atMost,
          p90: summary(ours).p90,
          runs: ours.length,
          bytes: text.length,
          file: createHash('sha256').update(text).digest('hex').slice(0, 16),
          input: sum,
        },
      ];
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** From the start of the process until it has ended. */
function analysing(workerPath: string, text: string): Side {
  return {
    name: 'Opsbook',
    run: async () => {
      const { value, result } = await timed(async () => {
        const analyst = createSqlAnalyst({ workerPath });
        const pieces = [{ text, openings: [], manual: false }];
        const found = await analyst.analyze({ document: 'file', pieces, role: 'migration', exposedSchemas: ['public'] }, AbortSignal.timeout(60_000));
        await analyst.close();
        return found.flat();
      });
      // What both find shows that both have read all of it.
      const starts = result.filter(({ code }) => code === 'OB208').map(({ statementStart }) => statementStart);
      return { value, work: linesOf(text, starts) };
    },
  };
}

function checking(folder: string, text: string): Side {
  const binary = languageServerBinary();
  return {
    name: `postgres-language-server ${versions.languageServer}`,
    run: async () => {
      const { value, result } = await timed(async () => execa(binary, ['check', '--disable-db', '--max-diagnostics=none', '--reporter=json', 'file.sql'], { cwd: folder }));
      const { diagnostics, summary: done } = JSON.parse(result.stdout) as { summary: { errors: number }; diagnostics: { category: string; location: { start: { line: number } } }[] };
      if (done.errors > 0) {
        throw new Error(`${done.errors} errors in a file of ${text.length} bytes that has none`);
      }
      return { value, work: diagnostics.filter(({ category }) => category.endsWith('/preferTimestamptz')).map(({ location }) => `timestamp in line ${location.start.line}`) };
    },
  };
}

function linesOf(text: string, starts: readonly number[]): string[] {
  return starts.map((start) => `timestamp in line ${text.slice(0, start).split('\n').length}`);
}
