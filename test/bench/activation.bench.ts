import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { activationLimit } from '../build.ts';
import { startBrowser } from '../world/browser.ts';
import { startCode, type Code } from '../world/code.ts';
import { connectionTo } from '../world/connection.ts';
import { versions } from '../world/provision.ts';
import type { Seen, Start } from './activation.probe.ts';
import { enoughRuns, median, rounded, summary, type Benchmark, type Line } from './benchmark.ts';
import { openProbe, prepareExtension } from './probe.ts';
import { startService } from './service.ts';

const atMostMs = 30;

/** What an own lazily loaded package is called where it lies; see test/build.ts. */
const heavy = /^dist\/lib\/(pg|pg-cursor|libpg-query|supabase-supabase-js)\./;

/**
 * Opsbook in the extension host of real windows, against an extension that comes with VS Code, in the same window and by turns. Both
 * are started once the host is at rest; Opsbook then signs in and connects to a sandbox.
 */
export const benchmark: Benchmark = {
  name: 'activation',
  async run(say) {
    const folder = await mkdtemp(path.join(tmpdir(), 'opsbook-bench-'));
    // On an interrupt too.
    const remove = () => rmSync(folder, { recursive: true, force: true });
    process.once('exit', remove);
    const service = await startService({ latencyMs: 0, engines: false });
    try {
      const extension = await prepareExtension(path.join(folder, 'extension'), 'activation.probe.ts');
      const results = path.join(folder, 'results.jsonl');
      const { environment, machineSettings } = connectionTo(service);
      const code = await startCode({ state: path.join(folder, 'state'), trusted: true, testDriver: true, machineSettings, environment: { ...environment, OPSBOOK_BENCH_RESULTS: results } });
      try {
        const seen = await openWindows({ code, extension, results, workspace: service.workspace }, say);
        return await judge(seen, path.join(extension, 'dist', 'extension.cjs'));
      } finally {
        await code.stop();
      }
    } finally {
      await service.stop();
      remove();
    }
  },
};

interface Windows {
  readonly code: Code;
  readonly extension: string;
  readonly results: string;
  readonly workspace: string;
}

/** One window after another, each with an extension host of its own; the first warms the server up. */
async function openWindows(windows: Windows, say: (line: string) => void): Promise<readonly Seen[]> {
  await mkdir(path.join(windows.code.state, 'tmp'), { recursive: true });
  const browser = await startBrowser();
  try {
    for (let run = 0; run <= enoughRuns; run++) {
      const exit = await openProbe(browser, windows);
      const lines = (await readFile(windows.results, 'utf8').catch(() => '')).trim().split('\n');
      if (exit.code !== 0 || lines.length !== run + 1) {
        throw new Error(`The probe ended with ${exit.code}:\n${exit.output}`);
      }
      const seen = JSON.parse(lines.at(-1) ?? '') as Seen;
      say(run === 0 ? 'warm' : `${run} of ${enoughRuns}: activate ${describe(seen.ours)} against ${describe(seen.rival)}, idle ${seen.idle.passed.toFixed(1)}`);
    }
  } finally {
    await browser.close();
  }
  return (await readFile(windows.results, 'utf8')).trim().split('\n').slice(1).map((line) => JSON.parse(line) as Seen);
}

function describe({ loadMs, activateMs, stall }: Start): string {
  return `${loadMs.toFixed(1)} + ${activateMs.toFixed(1)}, stall ${stall.passed.toFixed(1)}, worked ${stall.worked.toFixed(1)}`;
}

async function judge(seen: readonly Seen[], bundle: string): Promise<Line[]> {
  const conditions = { state: 'signs in and connects; another extension has made a request before', runs: seen.length, latencyMs: 0, input: createHash('sha256').update(await readFile(bundle)).digest('hex').slice(0, 16), host: `VS Code of code-server ${versions.codeServer}` };
  const line = (name: string, unit: Line['unit'], of: (start: Start) => number, limit: number): Line => {
    const [ours, rival] = [seen.map((one) => of(one.ours)), seen.map((one) => of(one.rival))];
    const value = median(ours);
    return {
      name: `activation.${name}`,
      value: rounded(value),
      unit,
      against: { name: 'vscode.markdown-language-features', version: seen[0]?.rivalVersion ?? '', ...summary(rival) },
      ratio: rounded(value / median(rival)),
      limit: `value <= ${limit}`,
      ok: value <= limit,
      p90: summary(ours).p90,
      ...conditions,
    };
  };
  const loaded = [...new Set(seen.flatMap((one) => one.loaded))];
  const early = loaded.filter((name) => heavy.test(name));
  const commands = seen.map((one) => one.commandMs);
  return [
    { ...line('activate', 'ms', (start) => start.activateMs, atMostMs), load: summary(seen.map((one) => one.ours.loadMs)), rivalLoad: summary(seen.map((one) => one.rival.loadMs)) },
    { ...line('stall', 'ms', (start) => start.stall.worked, atMostMs), passed: summary(seen.map((one) => one.ours.stall.passed)), passedWhenIdle: summary(seen.map((one) => one.idle.passed)) },
    line('bytes', 'bytes', (start) => Object.values(start.reads).reduce((sum, size) => sum + size, 0), activationLimit),
    { ...line('files', 'files', (start) => Object.keys(start.reads).length, 1), read: [...new Set(seen.flatMap((one) => Object.keys(one.ours.reads)))] },
    { name: 'activation.heavyBeforeUse', value: early.length, unit: 'files', against: undefined, ratio: undefined, limit: 'value <= 0', ok: early.length === 0, loadedAfterTwoSeconds: loaded, ...conditions },
    { name: 'activation.firstCommand', value: summary(commands).median, unit: 'ms', against: undefined, ratio: undefined, limit: 'it opens what it should', ok: true, p90: summary(commands).p90, ...conditions },
  ];
}
