import assert from 'node:assert/strict';
import { parseStatement } from '../../../../src/adapters/sql/parse.ts';
import { classify, covers, type Catalog, type Classification } from '../../../../src/core/sql/classify.ts';

async function classified(sql: string, catalog?: Catalog): Promise<Classification> {
  const parsed = await parseStatement(sql);
  assert.ok(parsed.kind === 'parsed', `${sql}: ${parsed.kind === 'invalid' ? parsed.message : ''}`);
  return classify(parsed.tree, catalog);
}

function expects(kind: string, risk: string, statements: readonly string[]): void {
  for (const sql of statements) {
    it(sql, async () => {
      const { kind: foundKind, risk: foundRisk, why } = await classified(sql);
      assert.deepEqual([foundKind, foundRisk], [kind, risk]);
      assert.equal(why === '', kind === 'read');
    });
  }
}

describe('classifying SQL', () => {
  describe('reads', () => {
    expects('read', 'reads', [
      'select 1',
      'values (1), (2)',
      'table pg_class',
      'show all',
      'show transaction_read_only',
      'with recursive a as (select 1 union all select 2) select * from a',
      "select count(*), now(), extract(epoch from now()), coalesce(a, b), upper('x'), row_number() over () from t",
      "select pg_size_pretty(pg_total_relation_size('t')), pg_catalog.pg_relation_size('t'), pg_stat_get_numscans(1)",
      'select * from pg_stat_activity where pid <> pg_backend_pid()',
      'select auth.uid(), extensions.uuid_generate_v4(), gen_random_uuid(), storage.foldername(name) from storage.objects',
      'select * from generate_series(1, 10) g, jsonb_array_elements(x) e, lateral unnest(y) u',
      'explain select 1',
      'explain delete from t',
      'explain (analyze false, costs off) delete from t',
      'explain (analyze, buffers) select * from t',
      "select 'delete from t', $$drop table t$$",
      'select "delete", "drop" from "update"',
      "select xmlelement(name a), json_object('a': 1), cast('1' as int), case when a then 1 end from t tablesample system (1)",
    ]);
  });

  describe('writes', () => {
    expects('write', 'writes', [
      'insert into t values (1)',
      'insert into t select 1 on conflict do nothing returning *',
      'update t set a = 1 where id = 2',
      'delete from t where id = 1',
      'merge into t using s on t.a = s.a when matched then delete',
      'with gone as (delete from t where id = 1 returning *) select * from gone',
      'select * from (with a as (insert into t values (1) returning *) select * from a) b',
      'select * from t for update',
      'select * from (select * from t for share) x',
      'explain analyze insert into t values (1)',
      'explain (verbose, analyze true) update t set a = 1 where b = 2',
      'explain (analyze off, analyze) insert into t values (1)',
      'explain (analyze 1) insert into t values (1)',
      'copy t from stdin',
      "copy t from '/etc/passwd'",
      "copy t to '/tmp/x'",
      'do $$ begin perform 1; end $$',
      'do $$ begin update t set a = 1 where b = 2; end $$',
      'call p(1)',
      'execute x',
      'explain analyze execute x',
      'lock table t',
      'notify c',
      'refresh materialized view m',
    ]);
  });

  describe('reading functions that are none', () => {
    expects('write', 'writes', [
      'select pg_cancel_backend(1)',
      'select pg_advisory_lock(1)',
      'select pg_try_advisory_xact_lock(1)',
      "select pg_notify('a', 'b')",
      "select * from dblink('host=x', 'delete from t') as t(a int)",
      "select extensions.dblink_exec('host=x', 'delete from t')",
      "select pg_read_file('/etc/passwd')",
      "select lo_import('/etc/passwd')",
      'select lo_unlink(1)',
      "select net.http_post('http://x')",
      "select http_get('http://x')",
      "select set_config('transaction_read_only', 'off', true)",
      "select pg_catalog.set_config('a.b', 'c', false)",
      "select nextval('s')",
      "select setval('s', 1)",
      "select query_to_xml('select pg_terminate_backend(1)', true, true, '')",
      "select * from ts_stat('select pg_terminate_backend(1)')",
      "select * from crosstab('select 1, 2, 3') as c(a int)",
      "select cron.schedule('a', '* * * * *', 'select 1')",
      'select 1 from t where pg_advisory_lock(1) is null',
      'select (select my_function())',
      'select * from my_schema.my_function(1)',
      'select public.upper(1)',
      "select pg_drop_replication_slot('s')",
      'select pg_reload_conf()',
      'explain analyze select my_function()',
    ]);
    expects('write', 'destroys', ['select pg_terminate_backend(1)', 'select pg_stat_reset()', 'select extensions.pg_stat_statements_reset()']);
    expects('write', 'secret', ["select vault.create_secret('x')"]);
  });

  describe('losing rows or objects', () => {
    expects('write', 'destroys', [
      'delete from t',
      'delete from t where true',
      'delete from t where 1 = 1',
      'delete from t using s',
      'update t set a = 1',
      'with gone as (delete from t returning *) select count(*) from gone',
      'truncate t, s',
      'explain analyze delete from t',
      "copy t to program 'rm -rf /'",
      "copy t from program 'curl x'",
      'do $$ begin drop table t; end $$',
      "do $x$ begin execute 'truncate t'; end $x$",
      'do $x$ begin execute $y$ delete from t $y$; end $x$',
    ]);
    expects('ddl', 'destroys', [
      'drop table t, s',
      'drop function f(int)',
      'drop policy p on t',
      'drop database d',
      'drop role r',
      'drop owned by r',
      'drop schema s cascade',
      'alter table t add column a int, drop column b',
    ]);
  });

  describe('changing the schema', () => {
    expects('ddl', 'writes', [
      'create table t (a int)',
      'create table t as select 1',
      'select * into t from s',
      'create or replace view v as select 1',
      'create function f() returns int language sql as $$ delete from t $$',
      'create policy p on t using (true)',
      'create index on t (a)',
      'alter table t add column a int',
      'alter table t enable row level security',
      "comment on table t is 'x'",
      'grant select on t to anon',
      "alter system set work_mem = '1GB'",
      'alter role r set search_path = public',
      'create role r',
      'security label on table t is null',
      'import foreign schema a from server b into c',
    ]);
    expects('ddl', 'secret', [
      "alter role r password 'x'",
      "create role r login password 'x'",
      "create user mapping for r server s options (password 'x')",
    ]);
  });

  describe('the connection itself', () => {
    expects('transaction', 'writes', [
      'begin',
      'begin read write',
      'commit',
      'rollback',
      'end',
      'savepoint a',
      'release a',
      'prepare transaction \'x\'',
      'set transaction read write',
      'set session characteristics as transaction read write',
      'set transaction_read_only = off',
      'set default_transaction_read_only to off',
      'reset transaction_read_only',
      'set constraints all deferred',
    ]);
    expects('session', 'writes', [
      "set statement_timeout = '1h'",
      'set local role postgres',
      'reset role',
      'reset all',
      'set session authorization postgres',
      'discard all',
      'prepare p as delete from t',
      'deallocate p',
      'declare c cursor for select 1',
      'fetch 1 from c',
      'close c',
      'listen c',
      'unlisten *',
    ]);
  });

  describe('maintenance', () => {
    expects('utility', 'writes', ['vacuum t', 'analyze t', 'reindex table t', 'cluster t', 'checkpoint', "load 'x'"]);
    expects('utility', 'reads', ['copy t to stdout', 'copy (select 1) to stdout']);
  });

  it('says what the statement does', async () => {
    const says = async (sql: string): Promise<string> => (await classified(sql)).why;
    assert.equal(await says('delete from public.orders'), 'deletes every row of public.orders');
    assert.equal(await says('update orders set a = 1 where b = 2'), 'updates rows of orders');
    assert.equal(await says('drop table a.b, c'), 'drops a.b, c');
    assert.equal(await says('alter table t drop column a, drop column b'), 'drops the column a of t; drops the column b of t');
    assert.equal(await says('truncate a, b.c'), 'empties a, b.c');
    assert.equal(await says('select pg_terminate_backend(pid), my.f() from x'), 'calls pg_terminate_backend, which ends another session; calls my.f, which may change something');
    assert.equal(await says('explain analyze insert into t values (1)'), 'really runs what it explains, which inserts into t');
  });

  it('asks the catalog about functions it does not know, and only about these', async () => {
    const sql = 'select known(), public.mine(upper(a)), pg_notify(b) from t';
    const { unknownFunctions } = await classified(sql);
    assert.deepEqual(unknownFunctions, [
      { schema: undefined, name: 'known' },
      { schema: 'public', name: 'mine' },
    ]);
    assert.equal((await classified('select mine()', () => 'stable')).kind, 'read');
    assert.equal((await classified('select mine()', () => 'immutable')).kind, 'read');
    assert.equal((await classified('select mine()', () => 'missing')).kind, 'read');
    const volatile = await classified('select mine()', () => 'volatile');
    assert.deepEqual([volatile.kind, volatile.unknownFunctions], ['write', []]);
    assert.equal((await classified('select pg_notify(a) from t', () => 'stable')).kind, 'write');
  });

  it('knows what cannot run inside a transaction', async () => {
    const outside = [
      'vacuum t',
      'create index concurrently i on t (a)',
      'drop index concurrently i',
      'reindex table concurrently t',
      'reindex schema s',
      'cluster',
      'create database d',
      'alter system set a = 1',
      'alter table t detach partition p concurrently',
    ];
    // What code may commit, it cannot inside a transaction: the server says so of the few that do.
    const inside = ['call p()', 'do $$ begin end $$', 'analyze t', 'create index i on t (a)', 'reindex table t', 'cluster t', 'drop index i', 'alter table t detach partition p', 'select 1'];
    for (const sql of [...outside, ...inside]) {
      assert.equal((await classified(sql)).outsideTransaction, outside.includes(sql), sql);
    }
  });

  it('knows what is said to the transaction, and what is set for it alone', async () => {
    const said = { begin: ['begin', 'start transaction', 'begin work'], commit: ['commit', 'end'], rollback: ['rollback', 'abort'] };
    for (const [control, statements] of Object.entries(said)) {
      for (const sql of statements) {
        assert.equal((await classified(sql)).control, control, sql);
      }
    }
    for (const sql of ['begin isolation level serializable', 'start transaction read only', 'commit and chain', 'savepoint a', 'rollback to a', 'release a', "prepare transaction 'x'", "commit prepared 'x'", 'set transaction read only', 'set constraints all deferred', 'select 1']) {
      assert.equal((await classified(sql)).control, undefined, sql);
    }
    const local = ["set local role anon", "set local search_path = ''", "set local request.jwt.claims = '{}'"];
    for (const sql of [...local, 'set role anon', 'set local transaction_read_only = off', 'set local idle_in_transaction_session_timeout = 0', 'reset all', 'select 1']) {
      assert.equal((await classified(sql)).settingOfTransaction, local.includes(sql), sql);
    }
  });

  it('knows what a read-only transaction does not prevent', async () => {
    const held = ['select 1', 'insert into t values (1)', 'delete from t', 'create table t ()', 'drop table t', 'truncate t', 'select mine()', 'select 1 into x', 'select * from t for update', 'explain analyze update t set a = 1', 'explain select pg_notify(a) from t'];
    const acting = ["select pg_notify('a', 'b')", 'select pg_terminate_backend(1)', "select nextval('s')", 'with a as (select pg_advisory_lock(1)) select * from a', 'explain analyze select pg_stat_reset()', 'notify c', 'lock table t', "copy t to '/tmp/x'", "copy t to program 'x'", 'do $$ begin end $$', 'call p()', 'execute x', 'begin', 'set a = 1', 'listen c', 'checkpoint', 'vacuum t', "load 'x'", 'copy t to stdout', "create table t as select pg_notify('a', 'b')"];
    for (const sql of [...held, ...acting]) {
      assert.equal((await classified(sql)).heldByReadOnly, held.includes(sql), sql);
    }
  });

  it('takes what it has never seen for writing', () => {
    assert.equal(classify({ BrandNewStmt: {} }).kind, 'ddl');
    assert.deepEqual([classify({}).kind, classify({}).risk], ['utility', 'destroys']);
  });

  it('orders risks', () => {
    assert.ok(covers('destroys', 'writes') && covers('writes', 'writes') && covers('writes', 'reads'));
    assert.ok(!covers('writes', 'destroys') && !covers('reads', 'writes') && !covers('writes', 'secret'));
  });

  it('survives a tree as deep as the grammar makes', async () => {
    assert.equal((await classified(`select ${'1 + '.repeat(5000)} pg_backend_pid()`)).kind, 'read');
  });
});
