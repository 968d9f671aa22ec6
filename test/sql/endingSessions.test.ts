import assert from 'node:assert/strict';
import pg from 'pg';
import { systemClock } from '../../src/adapters/systemClock.ts';
import { Library } from '../../src/core/runbook/library.ts';
import { endSession } from '../../src/features/diagnostics/endSession.ts';
import { createConsent } from '../../src/host/consent.ts';
import { FakeCommands } from '../fakes/commands.ts';
import { fakeConnection } from '../fakes/connection.ts';
import { TestSession } from '../fakes/session.ts';
import { FakeSnapshotArchive } from '../fakes/snapshotArchive.ts';
import { FakeUi } from '../fakes/ui.ts';
import { eventually, startServer, type Server } from './server.ts';

const never = () => assert.fail('not asked for');

describe('ending a session of the database', () => {
  let server: Server;
  let client: pg.Client;
  before(async function () {
    this.timeout(60_000);
    server = await startServer();
  });
  after(() => server.stop());
  beforeEach(async () => {
    client = new pg.Client({ connectionString: server.engine.url, ssl: { ca: server.ca }, application_name: 'stuck' });
    client.on('error', () => undefined);
    await client.connect();
  });
  afterEach(() => client.end().catch(() => undefined));

  const pid = () => String((client as pg.Client & { readonly processID: number }).processID);
  const stateOf = async () => (await server.look(`select state from pg_stat_activity where pid = ${pid()}`))[0]?.['state'];

  /** The label holds how long it has been so: the person picks by the process id. */
  class Picking extends FakeUi {
    override async pick<T>(title: string, choices: Parameters<FakeUi['pick']>[1]): Promise<T> {
      const offered = await choices;
      const mine = offered.find(({ label }) => label.startsWith(`${pid()} · `));
      assert.ok(mine, title);
      return mine.value as T;
    }
  }

  for (const way of ['direct', 'api'] as const) {
    const end = async (ui: FakeUi) => {
      const world = new TestSession();
      await world.show(fakeConnection({ database: server[way] }));
      const library = new Library({ sources: [], grammar: () => Promise.reject(new Error('nothing is read')) });
      const documents = { showReport: never, openAt: never, openSql: never };
      await endSession({ session: world.session, library, results: { show: never }, documents, commands: new FakeCommands(ui), clock: systemClock, ui, consent: createConsent({ ui, clock: systemClock }), isTrusted: () => true, snapshots: async () => new FakeSnapshotArchive(), askFile: never })();
    };

    it(`cancels the statement first, over ${way}; the session lives until that is asked for`, async () => {
      const running = assert.rejects(client.query('select pg_sleep(60)'), { code: '57014' });
      await eventually('it runs', 3000, async () => (await stateOf()) === 'active');
      const ui = new Picking().willConsent();
      await end(ui);
      await running;
      assert.equal((await client.query<{ n: number }>('select 1 as n')).rows[0]?.n, 1);
      ui.willConsent();
      await ui.press('End Session…');
      await eventually('it is gone', 3000, async () => (await stateOf()) === undefined);
      ui.done();
    });

    it(`cancels nothing else that the session runs by then, over ${way}`, async () => {
      const first = client.query('select pg_sleep(1)');
      await eventually('it runs', 3000, async () => (await stateOf()) === 'active');
      const ui = new (class extends Picking {
        override async consent(plan: Parameters<FakeUi['consent']>[0]): Promise<void> {
          await super.consent(plan);
          // While the person reads, the statement ends and the next one begins.
          await first;
          next = client.query('select pg_sleep(1.5), 2 as n');
          await eventually('the next one runs', 3000, async () => (await server.look(`select query from pg_stat_activity where pid = ${pid()} and state = 'active'`))[0]?.['query'] === 'select pg_sleep(1.5), 2 as n');
        }
      })();
      let next: Promise<pg.QueryResult<{ n: number }>> | undefined;
      ui.willConsent();
      await end(ui);
      assert.match(ui.told.at(-1)?.message ?? '', /has ended; the session is still there/);
      assert.equal((await next)?.rows[0]?.n, 2);
      ui.done();
    });

    it(`ends one that only holds a transaction open, over ${way}`, async () => {
      await client.query('begin');
      const ui = new Picking().willConsent();
      await end(ui);
      assert.equal(await stateOf(), undefined);
      assert.match(ui.told.at(-1)?.message ?? '', /has ended/);
    });
  }
});
