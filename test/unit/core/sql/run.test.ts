import assert from 'node:assert/strict';
import { createSqlGrammar } from '../../../../src/adapters/sql/grammar.ts';
import { isOpsError, type ErrorCode } from '../../../../src/core/errors.ts';
import type { CallOptions } from '../../../../src/core/ports.ts';
import { gather, type Cell, type ResultSet } from '../../../../src/core/sql/result.ts';
import { guardReads, inspectStatement, runStatement, type RunRequest } from '../../../../src/core/sql/run.ts';
import { FakeDatabase } from '../../../fakes/database.ts';

const grammar = createSqlGrammar({ workerPath: '' });
const options: CallOptions = { signal: new AbortController().signal, priority: 'user' };

describe('running a statement', () => {
  let database: FakeDatabase;
  beforeEach(() => {
    database = new FakeDatabase().answer('', { columns: ['a'], rows: [['1'], ['2'], ['3']] });
  });

  function run(statement: string, more: Partial<RunRequest> = {}): Promise<ResultSet> {
    const request = { statement, rowLimit: 100, timeoutMs: 1000, background: false, ...more };
    return gather(runStatement({ grammar, database }, request, options));
  }

  async function refuses(code: ErrorCode, statement: string, more: Partial<RunRequest> = {}): Promise<void> {
    await assert.rejects(run(statement, more), (error) => isOpsError(error, code), statement);
    assert.deepEqual(database.requests, [], `${statement} was sent`);
  }

  it('reads in read mode and hands limits on', async () => {
    const { rows, truncated } = await run('select a from t', { rowLimit: 2, timeoutMs: 77, background: true });
    assert.deepEqual([rows, truncated], [[['1'], ['2']], true]);
    assert.deepEqual(database.requests, [
      { text: 'select a from t', values: [], mode: 'read', rowLimit: 2, timeoutMs: 77, background: true },
    ]);
  });

  it('sends nothing that writes without consent, and says why', async () => {
    for (const statement of ['delete from t', 'update t set a = 1 where b = 2', 'select pg_notify(a) from t', 'explain analyze delete from t', 'vacuum t']) {
      await refuses('notReadOnly', statement);
    }
    await assert.rejects(run('delete from orders'), (error) =>
      isOpsError(error, 'notReadOnly') && error.facts.because === 'deletes every row of orders',
    );
  });

  it('writes with consent to the risk, and to no graver one', async () => {
    await run('insert into t values (1)', { consent: 'writes' });
    assert.equal(database.requests.pop()?.mode, 'write');
    await refuses('notReadOnly', 'drop table t', { consent: 'writes' });
    await refuses('notReadOnly', "alter role r password 'x'", { consent: 'writes' });
    await run('drop table t', { consent: 'destroys' });
    assert.equal(database.requests.pop()?.mode, 'write');
  });

  it('reads in read mode whatever was consented to', async () => {
    await run('select 1', { consent: 'destroys' });
    assert.equal(database.requests[0]?.mode, 'read');
  });

  it('never runs transaction control, settings, several statements, or what only psql can', async () => {
    for (const statement of ['begin read write', 'commit', 'set role postgres', 'set transaction read write', 'discard all', 'copy t to stdout']) {
      await refuses('notReadOnly', statement);
      await refuses('notReadOnly', statement, { consent: 'destroys' });
    }
    for (const statement of ['select 1; drop table t', 'begin read write; insert into t values (1); commit', '\\d t', '-- nothing', 'selec 1']) {
      await refuses('sqlSyntax', statement, { consent: 'destroys' });
    }
  });

  it('binds values and sends text of the same length', async () => {
    const values = new Map<string, Cell>([['id', "1'; drop table t; --"], ['n', null]]);
    await run('select * from t where id = :id and n = {{n}}', { values });
    assert.equal(database.requests[0]?.text, 'select * from t where id = $1  and n = $2   ');
    assert.deepEqual(database.requests[0]?.values, ["1'; drop table t; --", null]);
    database.requests.length = 0;
    await refuses('placeholdersLeft', 'select :id, :n', { values: new Map([['id', '1']]) });
  });

  it('says what the way to the database cannot do', async () => {
    database.capabilities = { ...database.capabilities, outsideTransaction: false };
    await refuses('absent', 'vacuum t', { consent: 'writes' });
    await run('analyze t', { consent: 'writes' });
    assert.equal(database.requests.length, 1);
  });

  describe('functions the grammar does not know', () => {
    const catalog = (rows: [string, string, string][]): FakeDatabase =>
      database.answer('pg_proc', { columns: ['schema', 'name', 'volatility'], rows });

    it('are looked up in the catalog, in the background, all at once', async () => {
      catalog([['public', 'mine', 's'], ['public', 'other', 'i']]);
      await run('select mine(), other(1), upper(a) from t');
      const [asked, sent] = database.requests;
      assert.deepEqual([asked?.mode, asked?.background, asked?.values], ['read', true, ['["mine","other"]']]);
      assert.equal(sent?.mode, 'read');
    });

    it('write when any of that name is volatile', async () => {
      catalog([['public', 'mine', 's'], ['other', 'mine', 'v']]);
      await assert.rejects(run('select mine()'), (error) => isOpsError(error, 'notReadOnly') && error.facts.because.includes('volatile'));
      assert.equal(database.requests.length, 1);
      await run('select public.mine()');
      await run('select mine()', { consent: 'writes' });
      assert.equal(database.requests.at(-1)?.mode, 'write');
    });

    it('read when there is none, so that the server can say so', async () => {
      catalog([['public', 'mine', 'v']]);
      await run('select mien(), elsewhere.mine()');
      assert.equal(database.requests.at(-1)?.mode, 'read');
    });

    it('are not run when the catalog cannot be read', async () => {
      const { classification } = await inspectStatement({ grammar, database: catalog([]) }, 'select known()', options);
      assert.equal(classification.kind, 'read');
      database.answer('pg_proc', () => {
        throw new Error('torn');
      });
      await assert.rejects(run('select known()'), /torn/);
    });
  });

  it('can be guarded against what acts in spite of read-only, whoever asks', async () => {
    const guarded = guardReads({ grammar, database });
    const ask = (text: string, mode: 'read' | 'write') =>
      gather(guarded.run({ text, values: [], mode, rowLimit: 10, timeoutMs: 1000, background: true }, options));
    for (const text of ['select pg_terminate_backend(1)', 'set role postgres', "copy t to program 'x'", 'do $$ begin end $$']) {
      await assert.rejects(ask(text, 'read'), (error) => isOpsError(error, 'notReadOnly'), text);
    }
    await assert.rejects(ask('select 1; select 2', 'read'), (error) => isOpsError(error, 'sqlSyntax'));
    assert.deepEqual(database.requests, []);
    for (const [text, mode] of [['select 1', 'read'], ['insert into t values (1)', 'read'], ['select pg_terminate_backend(1)', 'write']] as const) {
      await ask(text, mode);
    }
    assert.deepEqual(database.requests.map(({ mode }) => mode), ['read', 'read', 'write']);
    assert.equal(guarded.address, database.address);
    await guarded.close();
    assert.equal(database.closed, 1);
  });

  it('inspects without running', async () => {
    const inspected = await inspectStatement({ grammar, database }, 'delete from t where id = :id', options);
    assert.equal(inspected.classification.risk, 'writes');
    assert.deepEqual(inspected.placeholders.map(({ name }) => name), ['id']);
    assert.deepEqual(database.requests, []);
  });
});
