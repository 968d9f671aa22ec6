import assert from 'node:assert/strict';
import pg from 'pg';
import type { Diagnostic } from '../../src/core/diagnostics/diagnostic.ts';
import { repairSql } from '../../src/core/diagnostics/repair.ts';
import { diagnose } from '../../src/core/diagnostics/run.ts';
import type { Verdict } from '../../src/core/diagnostics/verdict.ts';
import type { Connection } from '../../src/core/project/connection.ts';
import type { Step } from '../../src/core/runbook/document.ts';
import { splitStatements } from '../../src/core/sql/split.ts';
import { createPostgresDatabase } from '../../src/adapters/postgres/database.ts';
import { systemClock } from '../../src/adapters/systemClock.ts';
import { fakeConnection } from '../fakes/connection.ts';
import { FakeLogger } from '../fakes/logger.ts';
import type { PostgresMajor } from '../sandbox/engines/postgresServer.ts';
import { byUser, grammar, startServer, type Server } from '../sql/server.ts';
import { readDiagnostics } from './library.ts';
import { bucket, cases, emptyPublic, noBuckets, settings, type Case, type Script, type Unknown } from './cases.ts';

const diagnostics = await readDiagnostics();

describe('the library of diagnostics', () => {
  it('has forty and more, each with a case of its own', () => {
    assert.ok(diagnostics.length >= 40);
    assert.deepEqual(diagnostics.map(({ title }) => title).sort(), Object.keys(cases).sort());
  });

  it('says of each what its number means, what its limits are for, and what to do next', () => {
    for (const { title, prose } of diagnostics) {
      const [paragraphs, next] = [prose.split(/\n\n+/), prose.indexOf('**What next.**')];
      assert.ok(next > 0 && paragraphs.findIndex((each) => each.startsWith('**What next.**')) >= 2, title);
    }
  });

  it('leaves out the same schemas of the platform everywhere', () => {
    const lists = diagnostics.flatMap(({ step, title }) => [...step.text.matchAll(/not in \(([^)]*'extensions'[^)]*)\)/g)].map(([, list]) => ({ title, list })));
    assert.ok(lists.length >= 8);
    assert.deepEqual(lists.filter(({ list }) => list !== lists[0]?.list), []);
  });

  it('gives of rows that are counted as many as a run takes, and one more, which tells that there are others', () => {
    for (const { step, title } of diagnostics.filter(({ step: { options } }) => /^rows /.test(options.critical ?? options.warn ?? ''))) {
      assert.match(step.text, /\n(?:limit 1001|order by (?:extensions\.(?:name|extname)|slot_name))\n?$/, title);
    }
  });
});

/** `npm run test:pg` runs this suite once per major that Postgres' own statistics differ by. */
const major = Number(process.env['OPSBOOK_TEST_POSTGRES'] ?? 17) as PostgresMajor;

describe(`a bundled diagnostic on Postgres ${major}, over both ways`, () => {
  let server: Server;
  let ways: readonly { readonly name: string; readonly connection: Connection }[];
  /** A role that may sign in, and nothing else. */
  let stranger: ReturnType<typeof createPostgresDatabase>;
  const sessions = new Map<string, pg.Client>();

  before(async function () {
    // The first run on a machine installs the server.
    this.timeout(300_000);
    server = await startServer({ major, settings });
    ways = [
      { name: 'pg', connection: fakeConnection({ database: server.direct }) },
      { name: 'API', connection: fakeConnection({ database: server.api }) },
    ];
    await run("create role stranger login password 'stranger'");
    const url = new URL(server.engine.url);
    url.username = url.password = 'stranger';
    stranger = createPostgresDatabase({ connection: url.href, ssl: { ca: server.ca }, log: new FakeLogger(), clock: systemClock });
  });
  after(async () => {
    await stranger.close();
    await server.stop();
  });
  afterEach(closeSessions);

  async function open(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: server.engine.adminUrl, ssl: { ca: server.ca }, application_name: 'case' });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  /** A reader of the write-ahead log that is sent everything from the beginning of a slot on, and acknowledges that beginning. */
  async function replicate(): Promise<pg.Client> {
    await run(["select pg_create_physical_replication_slot('reader', true)", "select pg_logical_emit_message(false, 'fill', repeat('x', 3000000))"]);
    const client = new pg.Client({ connectionString: server.engine.adminUrl, ssl: { ca: server.ca }, application_name: 'case', replication: 'database' } as pg.ClientConfig);
    client.on('error', () => undefined);
    await client.connect();
    const [slot] = await server.look("select restart_lsn::text as lsn, restart_lsn - '0/0' as bytes from pg_replication_slots where slot_name = 'reader'");
    const { connection } = client as pg.Client & { readonly connection: NodeJS.EventEmitter & { sendCopyFromChunk(chunk: Buffer): void } };
    connection.once('copyData', () => connection.sendCopyFromChunk(standbyStatus(BigInt(String(slot?.['bytes'])))));
    void client.query(`START_REPLICATION SLOT reader PHYSICAL ${String(slot?.['lsn'])}`).catch(() => undefined);
    return client;
  }

  /** On a connection of its own, whose end hands its statistics over. */
  async function run(script: Script = []): Promise<void> {
    const client = await open();
    try {
      for (const sql of [script].flat()) {
        await client.query(sql);
      }
    } finally {
      await client.end();
    }
  }

  async function openSessions({ sessions: wanted = [] }: Pick<Case, 'sessions'>): Promise<void> {
    for (const { name, sql, waits, replicates } of wanted) {
      if (replicates) {
        sessions.set(name, await replicate());
        continue;
      }
      const client = sessions.get(name) ?? (await open());
      sessions.set(name, client);
      const answer = sql === undefined ? undefined : client.query(sql);
      // One that waits ends when it is closed, or as the victim of a deadlock.
      await (waits ? Promise.race([answer?.catch(() => undefined), new Promise((resolve) => setTimeout(resolve, 10))]) : answer);
    }
  }

  async function closeSessions(): Promise<void> {
    const open = [...sessions.values()];
    sessions.clear();
    const pids = open.map((client) => Number((client as pg.Client & { readonly processID: number }).processID));
    if (pids.length > 0) {
      await run(`select pg_terminate_backend(pid) from unnest(array[${pids.join(', ')}]) as one (pid)`);
    }
    await Promise.all(open.map((client) => client.end().catch(() => undefined)));
  }

  /** Statistics and the ends of sessions show a moment later. */
  async function expect(diagnostic: Pick<Diagnostic, 'step'>, state: Verdict['state'], when: string): Promise<void> {
    for (const { name, connection } of ways) {
      const end = Date.now() + 3000;
      let { verdict } = await diagnose(diagnostic.step, connection, byUser());
      while (verdict.state !== state && Date.now() < end) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        ({ verdict } = await diagnose(diagnostic.step, connection, byUser()));
      }
      assert.equal(verdict.state, state, `${when}, over ${name}: ${verdict.summary}`);
    }
  }

  async function expectUnknown(diagnostic: Diagnostic, { take, sessions = [], back }: Unknown): Promise<void> {
    await run(take);
    await openSessions({ sessions });
    try {
      await expect(diagnostic, 'unknown', 'without what it needs');
      for (const { connection } of ways) {
        assert.match((await diagnose(diagnostic.step, connection, byUser())).verdict.summary, /^needs .+ \(.+\)$/);
      }
    } finally {
      await closeSessions();
      await run(back);
    }
  }

  /** Round after round, as a person would: one of several duplicates at a time. */
  async function runRepairs({ step, repairs }: (typeof diagnostics)[number]): Promise<void> {
    const [way] = ways;
    assert.ok(way);
    for (let round = 0; round < 12; round++) {
      if (round > 0) {
        // What was done shows in the statistics of old servers half a second later.
        await new Promise((resolve) => setTimeout(resolve, 600));
      }
      const { verdict, result } = await diagnose(step, way.connection, byUser());
      const sql = result && repairSql({ repairs, result, broken: verdict.rows, head: [] });
      if (sql === undefined) {
        return;
      }
      for (const { text } of splitStatements(sql)) {
        await run(text);
      }
    }
  }

  for (const diagnostic of diagnostics) {
    const one = cases[diagnostic.title];
    it(`${diagnostic.title}: ${one?.state}, and healed`, async () => {
      assert.ok(one);
      const tried = { step: underLimits(diagnostic.step, one) };
      await run(one.make);
      await openSessions(one);
      await expect(tried, one.state, 'made');
      const { verdict: seen } = await diagnose(tried.step, fakeConnection({ database: stranger }), byUser());
      assert.notEqual(seen.state, 'ok', `made, and seen by a role without rights: ${seen.summary}`);
      if (one.state === 'warn' && diagnostic.step.options.critical !== undefined) {
        // It measures the same, and what is counted twice as grave is told so.
        await expect({ step: underLimits(tried.step, { limits: { critical: tried.step.options.warn ?? '' } }) }, 'critical', 'made, under a stricter limit');
      }
      await closeSessions();
      await run(one.heal);
      await expect(tried, 'ok', 'healed');
      await expect(diagnostic, 'ok', 'healed, under its own limits');
      await (one.unknown && expectUnknown(diagnostic, one.unknown));
    });
  }

  it('is unknown, never ok, to whom policies show but some of the rows', async () => {
    await run([noBuckets, "create role watcher login password 'watcher' in role pg_monitor; grant usage on schema cron, auth, storage to watcher; grant select on all tables in schema cron, auth, storage to watcher", bucket]);
    const url = new URL(server.engine.url);
    url.username = url.password = 'watcher';
    const database = createPostgresDatabase({ connection: url.href, ssl: { ca: server.ca }, log: new FakeLogger(), clock: systemClock });
    try {
      const hidden = ['cron.job', 'auth.users', 'auth.sessions', 'storage.buckets', 'storage.objects'];
      const reading = diagnostics.filter(({ step }) => hidden.some((table) => step.text.includes(`from ${table} `)));
      assert.ok(reading.length >= 15, String(reading.length));
      for (const { step, title } of reading) {
        const { verdict } = await diagnose(step, fakeConnection({ database }), byUser());
        assert.equal(verdict.state, 'unknown', `${title}: ${verdict.summary}`);
        assert.match(verdict.summary, /^needs .*row-level security/);
      }
    } finally {
      await database.close();
      await run(['drop owned by watcher; drop role watcher', noBuckets]);
    }
  });

  it('offers SQL that is made of columns it gives, and that Postgres can read', async () => {
    for (const { step, title, repairs } of diagnostics) {
      const [way] = ways;
      assert.ok(way);
      const { result } = await diagnose(step, way.connection, byUser());
      const known = result?.columns.map(({ name }) => name) ?? [];
      for (const repair of repairs) {
        const wanted = [...repair.text.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, name = '']) => name);
        assert.deepEqual(wanted.filter((name) => !known.includes(name)), [], title);
        const columns = wanted.map((name) => ({ name, type: 'text', category: 'text' as const }));
        const sql = repairSql({ repairs: [repair], result: { columns, rows: [wanted.map((name) => (/pid|_id$/.test(name) ? '7' : 'x'))] }, broken: [0], head: [] });
        for (const { text } of splitStatements(sql ?? '')) {
          assert.equal((await grammar.parse(text, AbortSignal.timeout(5000))).kind, 'parsed', `${title}: ${text}`);
        }
      }
    }
  });

  // Behind all others: each begins with an empty schema, in which cases leave things for those that follow.
  for (const diagnostic of diagnostics) {
    const one = cases[diagnostic.title];
    if (diagnostic.repairs.length > 0 && one && one.unrepaired === undefined) {
      it(`${diagnostic.title}: healed by the SQL that it offers`, async function () {
        this.timeout(60_000);
        await run(emptyPublic);
        await run(one.make);
        await openSessions(one);
        const tried = { ...diagnostic, step: underLimits(diagnostic.step, one) };
        await expect(tried, one.state, 'made');
        await runRepairs(tried);
        await expect(tried, 'ok', 'repaired');
        await closeSessions();
        // Some of it is done already.
        for (const script of [one.heal ?? []].flat()) {
          await run(script).catch(() => undefined);
        }
      });
    }
  }
});

/** Written, flushed and applied up to there: https://www.postgresql.org/docs/current/protocol-replication.html */
function standbyStatus(position: bigint): Buffer {
  const message = Buffer.alloc(34);
  message.write('r');
  [1, 9, 17].forEach((offset) => message.writeBigUInt64BE(position, offset));
  return message;
}

function underLimits(step: Step, { limits = {} }: Pick<Case, 'limits'>): Step {
  return { ...step, options: { ...step.options, ...limits } };
}
