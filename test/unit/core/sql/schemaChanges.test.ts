import assert from 'node:assert/strict';
import { createSqlGrammar } from '../../../../src/adapters/sql/grammar.ts';
import { OpsError } from '../../../../src/core/errors.ts';
import type { StatementRequest } from '../../../../src/core/ports.ts';
import { gather } from '../../../../src/core/sql/result.ts';
import { tellSchemaChanges } from '../../../../src/core/sql/schemaChanges.ts';
import { FakeDatabase } from '../../../fakes/database.ts';

const grammar = createSqlGrammar({ workerPath: '' });
const options = { signal: new AbortController().signal, priority: 'user' } as const;

function request(text: string, more: Partial<StatementRequest> = {}): StatementRequest {
  return { text, values: [], mode: 'write', rowLimit: 10, timeoutMs: 1000, background: false, ...more };
}

describe('changes of the schema that Opsbook itself makes', () => {
  let told: number;
  let fake: FakeDatabase;
  let database: ReturnType<typeof tellSchemaChanges>;

  beforeEach(() => {
    told = 0;
    fake = new FakeDatabase().answer('', {});
    database = tellSchemaChanges({ database: fake, grammar, changed: () => told++ });
  });

  const changing = ['create table a (x int)', 'alter table a add column y int', 'drop table a', 'create view v as select 1', 'select 1 as x into b', 'create function f() returns int language sql as $$ select 1 $$', "do $$ begin execute 'create table c ()'; end $$", 'call p()', 'create policy p on a', 'drop policy p on a', "comment on table a is 'x'", 'create extension postgis', "select pgmq.create('jobs')", 'alter type t add value \'x\''];
  for (const text of changing) {
    it(`are told of: ${text}`, async () => {
      await gather(database.run(request(text), options));
      assert.equal(told, 1);
    });
  }

  for (const text of ['insert into a values (1)', 'update a set x = 1', 'delete from a', 'truncate a', 'select * from a', 'vacuum a', 'grant select on a to public']) {
    it(`are not: ${text}`, async () => {
      await gather(database.run(request(text), options));
      assert.equal(told, 0);
    });
  }

  it('are not where it reads, is rolled back, or fails', async () => {
    await gather(database.run(request('create table a (x int)', { mode: 'read' }), options));
    await gather(database.run(request('create table a (x int)', { rolledBack: true }), options));
    fake.answer('', new OpsError('queryFailed', { sqlState: '42P07', message: 'exists' }));
    await assert.rejects(gather(database.run(request('create table a (x int)'), options)));
    assert.equal(told, 0);
  });

  it('in a transaction are told of when it is committed, and never when it is not', async () => {
    const first = await database.begin(1000, options);
    await gather(first.run(request('create table a (x int)'), options));
    assert.equal(told, 0);
    await first.rollBack();
    assert.equal(told, 0);
    const second = await database.begin(1000, options);
    await gather(second.run(request('create table a (x int)'), options));
    await second.commit();
    assert.equal(told, 1);
    const third = await database.begin(1000, options);
    await gather(third.run(request('insert into a values (1)'), options));
    await third.commit();
    assert.equal(told, 1);
  });
});
