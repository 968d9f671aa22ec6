import assert from 'node:assert/strict';
import { OpsError, isOpsError } from '../../../../src/core/errors.ts';
import type { Database } from '../../../../src/core/ports.ts';
import { readElsewhere } from '../../../../src/core/sql/readElsewhere.ts';
import { gather } from '../../../../src/core/sql/result.ts';
import { FakeClock } from '../../../fakes/clock.ts';
import { FakeDatabase } from '../../../fakes/database.ts';

describe('a database that takes no more connections', () => {
  let direct: FakeDatabase;
  let other: FakeDatabase;
  let clock: FakeClock;
  let database: Database;
  beforeEach(() => {
    direct = new FakeDatabase();
    other = new FakeDatabase().answer('', { columns: ['n'], rows: [['2']] });
    clock = new FakeClock();
    database = readElsewhere({ database: direct, other, clock });
  });

  const refuse = (sqlState: string) => direct.answer('', new OpsError('databaseRefused', { host: 'db.example.test', message: 'sorry, too many clients already', sqlState }));
  const ask = (mode: 'read' | 'write') =>
    gather(database.run({ text: 'select n', values: [], mode, rowLimit: 10, timeoutMs: 1000, background: false }, { signal: new AbortController().signal, priority: 'user' }));

  it('is asked itself while it answers', async () => {
    direct.answer('', { columns: ['n'], rows: [['1']] });
    const { rows, notices } = await ask('read');
    assert.deepEqual([rows, notices, other.requests.length], [[['1']], [], 0]);
  });

  for (const sqlState of ['53300', 'XX000', '08P01']) {
    it(`is read over the other way, and it is said (${sqlState})`, async () => {
      refuse(sqlState);
      const { rows, notices } = await ask('read');
      assert.deepEqual(rows, [['2']]);
      assert.deepEqual(notices.map(({ message }) => message), ['db.example.test takes no more connections (sorry, too many clients already): this was read over postgres@fake:5432.']);
    });
  }

  for (const sqlState of ['28P01', '3D000']) {
    it(`is not read elsewhere where the connection string is wrong (${sqlState})`, async () => {
      refuse(sqlState);
      await assert.rejects(ask('read'), (error) => isOpsError(error, 'databaseRefused'));
      assert.equal(other.requests.length, 0);
    });
  }

  it('is never written to over the other way', async () => {
    refuse('53300');
    await assert.rejects(ask('write'), (error) => isOpsError(error, 'databaseRefused'));
    assert.equal(other.requests.length, 0);
  });

  it('is left alone for ten seconds, then asked again', async () => {
    refuse('53300');
    await ask('read');
    await ask('read');
    assert.equal(direct.requests.length, 1);
    await clock.advance(10_000);
    direct.answer('', { columns: ['n'], rows: [['1']] });
    assert.deepEqual((await ask('read')).rows, [['1']]);
  });
});
