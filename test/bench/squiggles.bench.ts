import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { splitStatements } from '../../src/core/sql/split.ts';
import { startBrowser } from '../world/browser.ts';
import { startCode } from '../world/code.ts';
import { versions } from '../world/provision.ts';
import { quantile, rounded, type Benchmark, type Line } from './benchmark.ts';
import { openProbe, prepareExtension } from './probe.ts';
import { sqlFile } from './sqlFile.ts';
import type { Seen } from './squiggles.probe.ts';

const atMostMs = 50;
const atMostStallMs = 16;

/** Typing in the middle of a migration of 5,000 statements, in the extension host of a real window. */
export const benchmark: Benchmark = {
  name: 'squiggles',
  async run(say) {
    const folder = await mkdtemp(path.join(tmpdir(), 'opsbook-bench-'));
    try {
      const extension = await prepareExtension(path.join(folder, 'extension'), 'squiggles.probe.ts');
      const text = sqlFile(5000);
      const file = await writeWorkspace(path.join(folder, 'workspace'), text);
      const results = path.join(folder, 'results.json');
      const code = await startCode({ state: path.join(folder, 'state'), trusted: true, testDriver: true, environment: { OPSBOOK_BENCH_RESULTS: results, OPSBOOK_BENCH_FILE: file } });
      const browser = await startBrowser();
      try {
        const exit = await openProbe(browser, { code, extension, workspace: path.join(folder, 'workspace') });
        if (exit.code !== 0) {
          throw new Error(`The probe ended with ${exit.code}:\n${exit.output}`);
        }
        return judge(JSON.parse(await readFile(results, 'utf8')) as Seen, text, say);
      } finally {
        await browser.close();
        await code.stop();
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function writeWorkspace(folder: string, text: string): Promise<string> {
  const migrations = path.join(folder, 'supabase', 'migrations');
  await mkdir(migrations, { recursive: true });
  await writeFile(path.join(folder, 'supabase', 'config.toml'), 'project_id = "bench"\n');
  const file = path.join(migrations, '20260101000000_everything.sql');
  await writeFile(file, text);
  return file;
}

function judge({ latencies, firstMs, stall, stallWithout, setMs, marks }: Seen, text: string, say: (line: string) => void): Line[] {
  const statements = splitStatements(text).length;
  const conditions = { edits: latencies.length, statements, bytes: text.length, marks, input: createHash('sha256').update(text).digest('hex').slice(0, 16), host: `VS Code of code-server ${versions.codeServer}` };
  const p95 = quantile(latencies, 0.95);
  say(`median ${quantile(latencies, 0.5).toFixed(1)}, p95 ${p95.toFixed(1)}, stall ${stall.worked.toFixed(1)}`);
  return [
    { name: 'squiggles.latency', value: rounded(p95), unit: 'ms', against: undefined, ratio: undefined, limit: `value <= ${atMostMs}`, ok: p95 <= atMostMs, quantile: 0.95, median: rounded(quantile(latencies, 0.5)), longest: rounded(Math.max(...latencies)), ...conditions },
    { name: 'squiggles.stall', value: rounded(stall.worked), unit: 'ms', against: undefined, ratio: undefined, limit: `value <= ${atMostStallMs}`, ok: stall.worked <= atMostStallMs, passed: rounded(stall.passed), without: { worked: rounded(stallWithout.worked), passed: rounded(stallWithout.passed) }, setMs: rounded(setMs), ...conditions },
    { name: 'squiggles.first', value: rounded(firstMs), unit: 'ms', against: undefined, ratio: undefined, limit: 'the first marks come', ok: true, ...conditions },
  ];
}
