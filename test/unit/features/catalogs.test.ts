import assert from 'node:assert/strict';
import { createSqlGrammar } from '../../../src/adapters/sql/grammar.ts';
import { OpsError } from '../../../src/core/errors.ts';
import { functionsStatement, migrationsStatement, relationsStatement, surroundingsStatement } from '../../../src/core/sql/catalog.ts';
import { Analyst } from '../../../src/core/sql/lint/analyst.ts';
import { createCatalogs, type Catalogs } from '../../../src/features/sqlLanguage/catalogs.ts';
import { Emitter } from '../../../src/util/event.ts';
import { FakeClock, settle } from '../../fakes/clock.ts';
import { fakeConnection } from '../../fakes/connection.ts';
import { FakeDatabase } from '../../fakes/database.ts';
import { FakeLogger } from '../../fakes/logger.ts';
import { TestSession } from '../../fakes/session.ts';

describe('the catalog of the connected database', () => {
  const slow = new OpsError('timedOut', { operation: 'run SQL', seconds: 2 });
  let database: FakeDatabase;
  let clock: FakeClock;
  let catalogs: Catalogs;
  let sessions: TestSession;

  // It comes with its first use.
  before(async () => import('../../../src/core/sql/catalog.ts'));

  beforeEach(async () => {
    database = new FakeDatabase();
    clock = new FakeClock();
    sessions = new TestSession();
    const session = await sessions.show(fakeConnection({ database }));
    const analyst = new Analyst({ grammar: createSqlGrammar({ workerPath: '' }), rules: [] });
    catalogs = createCatalogs({ session, analyst, clock, log: new FakeLogger(), schemaChanged: new Emitter<string>().event, migratedByHand: new Emitter<void>().event });
  });
  afterEach(() => catalogs.dispose());

  function answers(): void {
    [relationsStatement, functionsStatement, surroundingsStatement, migrationsStatement].forEach((statement) => database.answer(statement, { columns: [], rows: [] }));
  }

  async function times(milliseconds: number): Promise<number> {
    await clock.advance(milliseconds);
    await settle();
    return database.requests.filter(({ text }) => text === relationsStatement).length;
  }

  it('is read once', async () => {
    answers();
    assert.equal(catalogs.idFor(undefined), undefined);
    await catalogs.ready(AbortSignal.timeout(5000));
    assert.notEqual(catalogs.idFor(undefined), undefined);
    assert.equal(await times(3_600_000), 1);
  });

  it('is read again by itself, less and less often, when the database was slow, until it answers', async () => {
    database.answer('', slow);
    catalogs.idFor(undefined);
    assert.equal(await times(0), 1);
    assert.equal(await times(4_900), 1);
    assert.equal(await times(200), 2);
    assert.equal(await times(15_000), 3);
    assert.equal(await times(60_000), 4);
    assert.equal(await times(300_000), 5);
    assert.equal(await times(300_000), 6);
    assert.equal(catalogs.idFor(undefined), undefined);
    answers();
    assert.equal(await times(300_000), 7);
    assert.notEqual(catalogs.idFor(undefined), undefined);
    assert.equal(await times(3_600_000), 7);
  });

  it('is not read again where it may not be read, nor once another project is open', async () => {
    database.answer('', new OpsError('queryFailed', { message: 'permission denied', sqlState: '42501' }));
    catalogs.idFor(undefined);
    assert.equal(await times(3_600_000), 1);
    database.answer('', slow);
    await sessions.show(fakeConnection({ database }));
    catalogs.idFor(undefined);
    assert.equal(await times(0), 2);
    await sessions.show(fakeConnection({ database: new FakeDatabase() }));
    assert.equal(await times(3_600_000), 2);
  });
});
