import assert from 'node:assert/strict';
import { createSqlGrammar } from '../../../src/adapters/sql/grammar.ts';
import { OpsError } from '../../../src/core/errors.ts';
import type { Project } from '../../../src/core/project/project.ts';
import { Analyst, type SqlAnalyst } from '../../../src/core/sql/lint/analyst.ts';
import type { AnalysisRequest } from '../../../src/core/sql/lint/request.ts';
import { rules } from '../../../src/core/sql/lint/ruleTable.ts';
import { ServerChecks } from '../../../src/features/sqlLanguage/serverChecks.ts';
import { FakeClock, settle } from '../../fakes/clock.ts';
import { acme, fakeConnection } from '../../fakes/connection.ts';
import { FakeDatabase } from '../../fakes/database.ts';
import { FakeLogger } from '../../fakes/logger.ts';
import { TestSession } from '../../fakes/session.ts';
import { FakeSettings } from '../../fakes/settings.ts';
import { catalogOf, rowsOf } from '../core/sql/names/catalogs.ts';

const local: Project = { kind: 'local', ref: 'local-acme', name: 'acme', environment: 'local' };

interface Seen {
  text: string;
  /** The first statement that is seen. */
  from: number;
}

describe('what somebody looks at while it is written', () => {
  let database: FakeDatabase;
  let clock: FakeClock;
  let analyst: Analyst;
  let settings: FakeSettings;
  let document: Seen;
  let answered: number;
  let checks: ServerChecks<Seen>;
  /** Questions to the analyst that are under way. */
  let looking = 0;

  // It comes with its first use.
  before(async () => import('../../../src/core/sql/prepared/serverQuestions.ts'));

  const many = Array.from({ length: 5000 }, (_, index) => `select ${index}, total from orders;\n`).join('');

  beforeEach(async () => {
    database = new FakeDatabase();
    clock = new FakeClock();
    settings = new FakeSettings({});
    analyst = new Analyst({ grammar: createSqlGrammar({ workerPath: '' }), rules });
    analyst.setCatalog('db 1', rowsOf({ ...catalogOf(['public.orders(id, total)']), migrations: [] }));
    document = { text: many, from: 2000 };
    answered = 0;
    await connect(local);
  });

  async function connect(project: Project): Promise<void> {
    const session = await new TestSession().show(fakeConnection({ project, database }));
    const counted: SqlAnalyst = Object.assign(Object.create(analyst) as SqlAnalyst, {
      preparable: async (...given: Parameters<SqlAnalyst['preparable']>) => {
        looking++;
        return analyst.preparable(...given).finally(() => looking--);
      },
    });
    checks = new ServerChecks<Seen>({ session, settings, analyst: counted, clock, log: new FakeLogger(), answered: () => answered++, seen: async ({ text, from }) => ({ request: request(text), within: [within(text, from)] }) });
  }

  function request(text: string): AnalysisRequest {
    return { document: 'a', pieces: [{ text, openings: [], manual: false }], role: 'script', exposedSchemas: [], catalog: 'db 1' };
  }

  /** Thirty rows, as an editor shows them. */
  function within(text: string, from: number): { start: number; end: number } {
    const start = text.indexOf(`select ${from},`);
    return { start, end: text.indexOf(`select ${from + 29},`) + 5 };
  }

  /** So much time goes by, and all that is under way comes to rest. */
  async function after(milliseconds: number): Promise<void> {
    await clock.advance(milliseconds);
    for (let turn = 0; turn < 20 || looking > 0; turn++) {
      await settle();
    }
  }

  it('is prepared once: of 5,000 statements those that are seen, and after a key the one that was changed', async () => {
    checks.schedule(document);
    await after(399);
    assert.equal(database.prepared.length, 0, 'before the pause is over');
    await after(1);
    assert.equal(database.prepared.length, 30);
    assert.equal(answered, 1);
    for (let key = 0; key < 10; key++) {
      document.text = document.text.replace('select 2003, ', 'select 2003, +');
      checks.schedule(document);
      await after(100);
    }
    assert.equal(database.prepared.length, 30, 'while somebody types');
    await after(400);
    assert.deepEqual(database.prepared.slice(30), ['select 2003, ++++++++++total from orders']);
    document.from = 2010;
    checks.schedule(document);
    await after(400);
    assert.deepEqual([database.prepared.length, database.prepared[31]], [41, 'select 2030, total from orders']);
    checks.schedule(document);
    await after(400);
    assert.equal(database.prepared.length, 41, 'nothing is new');
    assert.equal(answered, 3);
  });

  it('is left at once when somebody types on, and what was heard is kept', async () => {
    const release = database.hold();
    checks.schedule(document);
    await after(400);
    assert.equal(database.prepared.length, 1, 'one at a time');
    checks.schedule(document);
    release();
    await after(0);
    assert.ok(database.prepared.length <= 2, 'no more are asked');
    await after(400);
    assert.equal(new Set(database.prepared).size, 30);
    assert.ok(database.prepared.length <= 31);
  });

  it('is not prepared by a hosted project, whatever somebody calls it, nor where it is switched off', async () => {
    for (const project of [acme, { ...acme, environment: 'development' as const }, { ...local, environment: 'production' as const }]) {
      await connect(project);
      checks.schedule(document);
      await after(1000);
    }
    await connect({ ...acme, environment: 'preview', parentRef: acme.ref });
    settings = new FakeSettings({ 'opsbook.sql.serverChecks': false });
    await connect(local);
    checks.schedule(document);
    await after(1000);
    assert.equal(database.prepared.length, 0);
  });

  it('is prepared by a preview branch, where the way can', async () => {
    await connect({ ...acme, environment: 'preview', parentRef: acme.ref });
    database.capabilities = { ...database.capabilities, prepares: false };
    checks.schedule(document);
    await after(400);
    assert.equal(database.prepared.length, 0);
    database.capabilities = { ...database.capabilities, prepares: true };
    checks.schedule(document);
    await after(400);
    assert.equal(database.prepared.length, 30);
  });

  it('is left alone for half a minute when the server does not answer', async () => {
    database.refuses('select', new OpsError('connectionLost', { host: 'fake' }));
    checks.schedule(document);
    await after(400);
    checks.schedule(document);
    await after(400);
    assert.equal(database.prepared.length, 1);
    await after(30_000);
    checks.schedule(document);
    await after(400);
    assert.equal(database.prepared.length, 2);
  });

  it('is asked about again where a lock was wanting, when somebody looks again and not by itself', async () => {
    database.refuses('select 2000,', new OpsError('queryFailed', { sqlState: '55P03', message: 'lock not available' }));
    checks.schedule(document);
    await after(400);
    await after(5000);
    assert.equal(database.prepared.length, 30);
    checks.schedule(document);
    await after(400);
    assert.deepEqual(database.prepared.slice(30), ['select 2000, total from orders']);
  });
});
