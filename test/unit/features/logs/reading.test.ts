import assert from 'node:assert/strict';
import { OpsError } from '../../../../src/core/errors.ts';
import { ActiveTails } from '../../../../src/core/logs/activeTails.ts';
import { gather } from '../../../../src/core/sql/result.ts';
import { Ledger } from '../../../../src/core/functions/ledger.ts';
import type { Connection } from '../../../../src/core/project/connection.ts';
import { readHandlers } from '../../../../src/features/logs/readCommands.ts';
import { SavedFilters } from '../../../../src/features/logs/savedFilters.ts';
import type { LineFormat } from '../../../../src/features/logs/savedLines.ts';
import { openSource, workingPath } from '../../../../src/features/logs/source.ts';
import type { ShownRun } from '../../../../src/host/results.ts';
import { FakeClock } from '../../../fakes/clock.ts';
import { acme, fakeConnection } from '../../../fakes/connection.ts';
import { FakeJournal } from '../../../fakes/journal.ts';
import { FakeLogStore, logLine } from '../../../fakes/logStore.ts';
import { FakeManagementApi } from '../../../fakes/managementApi.ts';
import { sessionOf } from '../../../fakes/session.ts';
import { FakeBodyArchive, FakeStorage } from '../../../fakes/storage.ts';
import { FakeUi } from '../../../fakes/ui.ts';

const minute = 60_000;
const hour = 60 * minute;
const mintRow = { kind: 'function', slug: 'mint-token', ref: acme.ref };
const index = 'supabase/functions/mint-token/index.ts';

describe('reading logs', () => {
  let clock: FakeClock;
  let store: FakeLogStore;
  let management: FakeManagementApi;
  let ui: FakeUi;
  let saved: SavedFilters;
  let runs: ShownRun[];
  let written: { name: string; text: string } | undefined;
  let format: LineFormat | undefined;
  let connection: Connection;

  beforeEach(() => {
    clock = new FakeClock();
    store = new FakeLogStore();
    management = new FakeManagementApi();
    management.addProject(acme.ref, 'acme');
    management.deploy(acme.ref, 'mint-token', new Map([[index, new TextEncoder().encode('live')]]), { id: 'id-mint', version: 12 });
    ui = new FakeUi();
    saved = new SavedFilters(new FakeStorage());
    runs = [];
    written = undefined;
    format = 'log';
    connection = fakeConnection({ management, logs: store, clock });
  });

  afterEach(() => ui.done());

  const say = (message: string, more: object = {}) => store.add(logLine({ time: clock.now() - minute, functionId: 'id-mint', message, ...more }));

  async function handlers() {
    return readHandlers({
      session: await sessionOf(connection),
      tails: new ActiveTails(),
      clock,
      ui,
      results: {
        show: async (run) => {
          assert.ok('run' in run);
          runs.push(run);
          return { kind: 'done', rowCount: 0 };
        },
      },
      saved,
      mask: () => true,
      askFile: async (name) =>
        format && {
          format,
          path: `/home/ada/${name}.${format}`,
          write: async (text) => {
            written = { name, text };
          },
          open: async () => undefined,
        },
    });
  }

  async function shownRows(): Promise<readonly (readonly (string | null)[])[]> {
    const run = runs.at(-1);
    assert.ok(run);
    const { rows } = await gather(run.run(new AbortController().signal));
    return rows;
  }

  describe('errors in groups', () => {
    it('show how often, when and in which versions, for the row’s function', async () => {
      say('fine', { version: '11', time: clock.now() - 30 * minute });
      say('no wallet 1', { version: '12', level: 'error', time: clock.now() - 20 * minute });
      say('no wallet 22', { version: '12', level: 'error' });
      say('call', { version: '12', level: 'error', service: 'invocations', status: 546 });
      say('of another', { level: 'error', functionId: 'id-other' });
      ui.willPick('last hour');
      await (await handlers()).showErrors({ node: mintRow });
      const at = (ago: number) => new Date(clock.now() - ago).toISOString();
      assert.deepEqual(await shownRows(), [
        ['2', 'mint-token', 'no wallet 22', '12', 'new since version 12', at(20 * minute), at(minute)],
        ['1', 'mint-token', 'answered 546: the worker was ended: out of memory, CPU time or wall-clock time', '12', 'new since version 12', at(minute), at(minute)],
      ]);
    });

    it('are counted over days in pieces, and masked', async () => {
      for (const days of [0.5, 3, 6.5]) {
        store.add(logLine({ time: clock.now() - days * 24 * hour, service: 'postgres', level: 'error', message: `password of sb_secret_abcdefgh refused ${days}` }));
      }
      ui.willPick('Everything, merged by time').willPick('last 7 days');
      await (await handlers()).showErrors();
      assert.deepEqual((await shownRows()).map(([count, source, error]) => [count, source, error?.replace(/[\d.]+$/, '')]), [['3', 'Postgres', 'password of sb_secret_… refused ']]);
    });

    it('can be asked for again from their tab', async () => {
      ui.willPick('last hour');
      const run = await handlers();
      await run.showErrors(mintRow);
      const again = runs.at(-1)?.again;
      assert.deepEqual(again, { command: 'logs.showErrors', argument: { functions: ['mint-token'], hours: 1 } });
      await run.showErrors(again.argument);
      assert.deepEqual(runs.map(({ title }) => title), ['Errors: mint-token, last hour', 'Errors: mint-token, last hour']);
    });

    it('fail as errors do, never as none', async () => {
      store.failNext(new OpsError('allowanceExhausted', { operation: 'count log messages', message: '' }));
      ui.willPick('last hour');
      await (await handlers()).showErrors(mintRow);
      await assert.rejects(shownRows(), (error) => error instanceof OpsError && error.code === 'allowanceExhausted');
    });
  });

  describe('lines in a file', () => {
    it('are those of the filter, of several days, with version, region and execution, masked', async () => {
      say('kept sb_secret_abcdefgh', { level: 'error', version: '12', executionId: 'e-1', time: clock.now() - 50 * hour });
      say('dropped');
      await saved.remember(acme.ref, 'mint-token', { levels: ['error'] });
      ui.willPick('Last 7 days');
      await (await handlers()).saveLines(mintRow);
      assert.equal(written?.name, 'mint-token acme 2026-11-13T09-00Z');
      assert.match(written.text, /^2026-11-18T07:00:00\.000Z \[error\] mint-token v12 e-1 kept sb_secret_…\n$/);
      assert.match(ui.told.at(-1)?.message ?? '', /^1 lines saved in .*\.log\.$/);
    });

    it('can be JSON, one text per line', async () => {
      format = 'jsonl';
      say('two\nrows sbp_0123456789', { status: 500 });
      ui.willPick('Last hour');
      await (await handlers()).saveLines(mintRow);
      const [line = ''] = written?.text.split('\n') ?? [];
      const { time, function: slug, message, status } = JSON.parse(line) as Record<string, unknown>;
      assert.deepEqual([time, slug, message, status], [new Date(clock.now() - minute).toISOString(), 'mint-token', 'two\nrows sbp_…', 500]);
    });

    it('can be of any span', async () => {
      say('within', { time: Date.UTC(2026, 10, 19, 8, 30) });
      say('after', { time: Date.UTC(2026, 10, 19, 9, 30) });
      ui.willPick('Another span…').willType('since=2026-11-19T08:00 until=2026-11-19T09:00');
      await (await handlers()).saveLines(mintRow);
      assert.match(written?.text ?? '', /within\n$/);
    });

    it('are not read when nobody says where they go', async () => {
      format = undefined;
      ui.willPick('Last hour');
      await (await handlers()).saveLines(mintRow);
      assert.deepEqual([store.reads.length, written], [0, undefined]);
    });
  });

  describe('source as deployed', () => {
    const location = { ref: acme.ref, slug: 'mint-token', path: index, line: 3 };
    let shown: unknown[];
    let workingCopies: Set<string>;

    beforeEach(() => {
      shown = [];
      workingCopies = new Set();
    });

    async function open(argument: unknown, past = async () => ({ bodies: new FakeBodyArchive(), ledger: new Ledger(new FakeJournal(), clock) })): Promise<void> {
      await openSource({
        session: await sessionOf(connection),
        ui,
        past,
        showFile: async (name, text, at) => void shown.push(name, text, at.line),
        showWorkingCopy: async (_, path) => {
          shown.push(path);
          return workingCopies.has(path);
        },
      })(argument);
    }

    it('is opened at the line, under the name of its version', async () => {
      await open({ ...location, version: 12 });
      assert.deepEqual(shown, [`deployed/mint-token v12/${index}`, 'live', 3]);
      assert.equal(workingPath(`/held/deployed/mint-token v12/${index}`), index);
      assert.equal(workingPath('/held/elsewhere/x.ts'), undefined);
    });

    it('is the working copy, with a word, where that version is not kept', async () => {
      workingCopies.add(index);
      await open({ ...location, version: 11 });
      assert.deepEqual(shown, [index]);
      assert.match(ui.told.at(-1)?.message ?? '', /mint-token, version 11 is not kept here: this is the working copy/);
    });

    it('is looked for in the function’s folder when only its name is known', async () => {
      workingCopies.add('supabase/functions/mint-token/lib.ts');
      await open({ ...location, version: 11, path: 'lib.ts' });
      assert.deepEqual(shown, ['lib.ts', 'supabase/functions/mint-token/lib.ts']);
    });

    it('says so when there is none at all', async () => {
      await assert.rejects(open({ ...location, path: 'gone.ts' }), (error) => error instanceof OpsError && error.code === 'notFound');
    });

    it('needs no trust for what is live', async () => {
      const untrusted = async () => Promise.reject(new OpsError('untrusted', { what: 'git' }));
      await open({ ...location, version: 12 }, untrusted);
      workingCopies.add(index);
      await open({ ...location, version: 11 }, untrusted);
      assert.deepEqual(shown, [`deployed/mint-token v12/${index}`, 'live', 3, index]);
    });

    it('is picked from the palette', async () => {
      ui.willPick('mint-token').willPick(index);
      await open(undefined);
      assert.equal(shown[1], 'live');
    });

    it('is not that of another project', async () => {
      await assert.rejects(open({ ...location, ref: 'zzzzzzzzzzzzzzzzzzzz' }), (error) => error instanceof OpsError && error.code === 'notFound');
    });
  });
});
