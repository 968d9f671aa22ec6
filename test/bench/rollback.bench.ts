import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { provision, versions } from '../world/provision.ts';
import { measurePairs, median, RivalAbsent, rounded, summary, type Benchmark, type Line } from './benchmark.ts';
import { makeLongHistory } from './liveHistory.ts';
import { startService } from './service.ts';
import { openRollbackWindow, type RollbackWindow } from './rollbackWindow.ts';

/** Milliseconds that are Opsbook's own, and how much longer the whole may take than the bare CLI. */
const atMost = { own: 200, ratio: 1.5 };

/** The body that was live before goes the same way whatever the CLI, and takes three deploys a run to come about. */
const ways = { cli3: ['picked', 'toBefore'], cli2: ['picked'] } as const;

/**
 * A rollback as the commands of the row do it, through the adapters of the window, in a repository of 10,000 commits with 50 functions:
 * from the commit that was picked, or from the one click of *Roll Back to the Version Before*, to the message that it is live and verified.
 * The Supabase CLI deploying the same files is the rival; what its process takes within a rollback is not Opsbook's own time.
 */
export const benchmark: Benchmark = {
  name: 'rollback',
  async run(say) {
    const folder = await mkdtemp(path.join(tmpdir(), 'opsbook-rollback-'));
    say('making a repository');
    const history = await makeLongHistory(path.join(folder, 'work'));
    const service = await startService({ latencyMs: 0, engines: false });
    try {
      const lines: Line[] = [];
      for (const major of ['cli3', 'cli2'] as const) {
        await provision(major).catch((error: unknown) => {
          throw new RivalAbsent(`Supabase CLI ${versions[major]}`, { cause: error });
        });
        const window = await openRollbackWindow(service, history, major, path.join(folder, major));
        try {
          lines.push(...(await measure(window, say)));
        } finally {
          await window.close();
        }
      }
      return lines;
    } finally {
      await service.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function measure(window: RollbackWindow, say: (line: string) => void): Promise<Line[]> {
  const { major, history } = window;
  const rival = { name: `supabase functions deploy ${versions[major]}`, run: async () => window.bareCli() };
  const lines: Line[] = [];
  const waits: number[] = [];
  for (const name of ways[major]) {
    const own: number[] = [];
    const ours = {
      name,
      run: async () => {
        const { value, work, child, wait } = await window[name]();
        own.push(value - child);
        waits.push(...(wait === undefined ? [] : [wait]));
        return { value, work };
      },
    };
    const { ours: wholes, rival: bare, sum } = await measurePairs({ ours, rival }, (line) => say(`CLI ${versions[major]}, ${name}, ${line}, own ${own.at(-1)?.toFixed(1)}`));
    // The first pair does not count.
    const { median: value, p90 } = summary(own.slice(1));
    const ratio = median(wholes) / median(bare);
    const facts = { runs: wholes.length, commits: history.commits, functions: history.deployed.length, latencyMs: 0, input: sum };
    lines.push(
      { name: `rollback.${name}.${major}.own`, value, unit: 'ms', against: undefined, ratio: undefined, limit: `value <= ${atMost.own}`, ok: value <= atMost.own, p90, ...facts },
      { name: `rollback.${name}.${major}`, value: summary(wholes).median, unit: 'ms', against: { name: 'supabase functions deploy', version: versions[major], ...summary(bare) }, ratio: rounded(ratio), limit: `ratio <= ${atMost.ratio}`, ok: ratio <= atMost.ratio, p90: summary(wholes).p90, ...facts },
    );
  }
  const list = waits.slice(1);
  return [...lines, { name: `rollback.list.${major}`, value: summary(list).median, unit: 'ms', against: undefined, ratio: undefined, limit: 'the commits are offered', ok: true, p90: summary(list).p90, runs: list.length, commits: history.commits }];
}
