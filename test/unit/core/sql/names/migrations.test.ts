/* eslint no-template-curly-in-string: off -- programs with templates in them are what is read here */
import assert from 'node:assert/strict';
import { toCatalog } from '../../../../../src/core/sql/catalog.ts';
import { Analyst } from '../../../../../src/core/sql/lint/analyst.ts';
import type { AnalysisRequest } from '../../../../../src/core/sql/lint/request.ts';
import { allPending, pendingMigrations } from '../../../../../src/core/sql/lint/roles.ts';
import { rules } from '../../../../../src/core/sql/lint/ruleTable.ts';
import { grammar, marked } from '../lint/cases.ts';
import { catalogOf, rowsOf } from './catalogs.ts';

const { signal } = new AbortController();

interface Setting {
  readonly path?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly migrations?: readonly string[] | 'unreadable';
}

async function check(sql: string, { path, files = {}, migrations = [] }: Setting = {}): Promise<string> {
  const analyst = new Analyst({ grammar, rules });
  const data = catalogOf(['public.orders(id, total)', 'pg_catalog.pg_class(relname)'], ['pg_catalog.now', 'pg_catalog.count']);
  analyst.setCatalog('db 1', rowsOf({ ...data, ...(migrations === 'unreadable' ? {} : { migrations }) }));
  analyst.setFiles('set', Object.entries(files).map(([name, text]) => ({ path: `supabase/migrations/${name}.sql`, text })));
  const set = path === undefined ? {} : { set: { id: 'set', path: `supabase/migrations/${path}.sql` } };
  const [found = []] = await analyst.analyze({ document: 'a', pieces: [{ text: sql, openings: [], manual: false }], role: path === undefined ? 'script' : 'migration', exposedSchemas: [], catalog: 'db 1', ...set }, signal);
  return marked(sql, found.filter(({ code }) => code.startsWith('OB3')));
}

describe('names of a text whose statements follow on each other', () => {
  const cases = [
    'create table a (x int); select x, «y» from a;',
    'select x from «a»; create table a (x int);',
    'create table a (x int); alter table a add column y int; alter table a rename x to z; select y, z, «x» from a;',
    'create table a (x int); alter table a rename to b; select x from b; select x from «a»;',
    'alter table orders drop column total; select «total» from orders; select id from orders;',
    'drop table orders; select * from «orders»;',
    'alter table pg_class rename relname to x; drop table pg_catalog.pg_class; select relname from pg_class;',
    'create temp table orders as select 1 as n; select n, «total» from orders; drop table orders; select total from orders;',
    'create view v (a) as select id from orders; select a, «b» from v;',
    'create view v as select * from orders; select whatever from v;',
    'create table a (like orders); select whatever from a;',
    'create function f() returns int language sql as $$ select 1 $$; select f(), «g»();',
    'set search_path = private; create table a (x int); select x from a; reset search_path; select x from «a»; select x from private.a;',
    '«create» extension postgis; select st_point(1, 2) from spatial_ref_sys; select st_point(1, 2), «nope» from orders;',
    "«create» extension postgis; «do» $$ begin execute 'x'; end $$; select nope from orders;",
    'create schema s create table t (a int); drop schema s cascade; select a from «s.t»; select «nope» from orders;',
    'create schema s create table t (a int); alter schema s rename to r; select a, «b» from r.t; select a from «s.t»;',
    'create extension if not exists pgcrypto; select * from «nowhere»;',
    "«do» $$ begin execute 'create table a ()'; end $$; select * from a;",
    "do $$ begin create type mood as enum ('sad'); exception when duplicate_object then null; end $$; select * from «nowhere»;",
    "select cron.schedule('a', '* * * * *', 'select 1'); select * from «nowhere»;",
  ];
  for (const expected of cases) {
    it(expected, async () => {
      // `cron.schedule` itself is not in this catalog.
      assert.equal((await check(expected.replace(/[«»]/g, ''))).replace('«cron.schedule»', 'cron.schedule'), expected);
    });
  }
});

describe('names of a migration', () => {
  const files = { '1_a': 'create table a (x int);', '2_b': 'alter table a add column y int; alter table orders drop column total;', '3_c': '', '4_d': 'create table d (x int);' };

  it('are looked for in the schema as it is after the earlier pending ones', async () => {
    assert.equal(await check('select x, y, z from a; select id, total from orders; select * from d;', { path: '3_c', files }), 'select x, y, «z» from a; select id, «total» from orders; select * from «d»;');
  });

  it('do not count what was applied twice', async () => {
    assert.equal(await check('select x from a; select total from orders;', { path: '3_c', files, migrations: ['1', '2'] }), 'select x from «a»; select total from orders;');
  });

  it('of one that was applied are not checked: what it names may be gone', async () => {
    assert.equal(await check('select * from nowhere;', { path: '3_c', files, migrations: ['1', '2', '3'] }), 'select * from nowhere;');
  });

  it('are said not to be checked where nobody can read what was applied', async () => {
    assert.equal(await check('select * from nowhere;', { path: '3_c', files, migrations: 'unreadable' }), '«s»elect * from nowhere;');
  });

  it('are said not to be checked after code that may change anything', async () => {
    assert.equal(await check('select * from nowhere;', { path: '3_c', files: { ...files, '2_b': "do $$ begin execute 'x'; end $$;" } }), '«s»elect * from nowhere;');
  });

  it('are checked anew when an earlier file changes', async () => {
    const analyst = new Analyst({ grammar, rules });
    analyst.setCatalog('db 1', rowsOf({ ...catalogOf(['public.orders(id)']), migrations: [] }));
    const sql = 'select x from a;';
    const look = async (earlier: string): Promise<string> => {
      analyst.setFiles('set', [{ path: 'supabase/migrations/1_a.sql', text: earlier }]);
      const set = { id: 'set', path: 'supabase/migrations/2_b.sql' };
      const [found = []] = await analyst.analyze({ document: 'a', pieces: [{ text: sql, openings: [], manual: false }], role: 'migration', exposedSchemas: [], catalog: 'db 1', set }, signal);
      return marked(sql, found);
    };
    assert.equal(await look('create table a (x int)'), sql);
    assert.equal(await look('create table a (y int)'), 'select «x» from a;');
    assert.equal(await look(''), 'select x from «a»;');
  });
});

describe('names of what runs with or without the pending migrations', () => {
  const made = 'create table a (x int, order_id int references orders (id)); alter table orders add column y int; alter table orders rename column total to sum; create function f() returns int language sql as $$ select 1 $$; create table b (z int); alter table b rename to c; create view v as select 1 as total; create or replace view v as select 1 as total, 2 as sum;';
  const gone = 'drop table orders;';

  async function look(text: string, { program = false, files = { '1_a': made }, migrations = [] }: { program?: boolean; files?: Readonly<Record<string, string>>; migrations?: readonly string[] } = {}): Promise<string> {
    const analyst = new Analyst({ grammar, rules });
    analyst.setCatalog('db 1', rowsOf({ ...catalogOf(['public.orders(id, total)'], ['pg_catalog.now']), foreignKeys: [], partitions: [], migrations }));
    analyst.setFiles('set', Object.entries(files).map(([name, sql]) => ({ path: `supabase/migrations/${name}.sql`, text: sql })));
    const what = program ? { pieces: [], program: text, role: 'snippet' as const } : { pieces: [{ text, openings: [], manual: false }], role: 'data' as const };
    const [found = []] = await analyst.analyze({ document: 'a', ...what, exposedSchemas: ['public'], catalog: 'db 1', aroundPending: 'set' }, signal);
    return marked(text, found.filter(({ code }) => code.startsWith('OB3')));
  }

  const cases = [
    "supabase.from('a').select('x, «w», orders(id, y, total, sum, «no»)')",
    "supabase.from('orders').select('id, total, y, sum, a(x)')",
    "supabase.from('b').select('z'); supabase.from('c').select('z'); supabase.from('«d»').select('z');",
    "supabase.rpc('f'); supabase.rpc('«g»');",
    'db.query(`select sum, total, «no» from v`)',
    'db.query(`select x, «w» from a join orders on orders.id = order_id where y = sum and total = 1`)',
  ];
  for (const expected of cases) {
    it(`a program: ${expected}`, async () => assert.equal(await look(expected.replace(/[«»]/g, ''), { program: true }), expected));
  }

  it('a seed', async () => {
    assert.equal(await look('insert into a (x) values (1); insert into orders (id, y, n) values (1, 2, 3); select f();'), 'insert into a (x) values (1); insert into orders (id, y, «n») values (1, 2, 3); select f();');
  });

  it('may still be there when a pending migration drops them, and are gone when it was applied', async () => {
    const program = "supabase.from('orders').select('id'); db.query('select id from orders');";
    assert.equal(await look(program, { program: true, files: { '1_a': gone } }), program);
    assert.equal(await look("supabase.from('a')", { program: true, migrations: ['1'] }), "supabase.from('a')");
    assert.equal(await look("supabase.from('a').select('x')", { program: true, migrations: ['1'] }), "supabase.from('«a»').select('x')");
  });

  it('are not known where code runs that may make anything', async () => {
    const program = "supabase.from('nowhere').select('x'); db.query('select x from nowhere');";
    assert.equal(await look(program, { program: true, files: { '1_a': "do $$ begin execute 'x'; end $$" } }), program);
  });
});

describe('names of what stands in pieces', () => {
  async function look(pieces: readonly string[], program?: string): Promise<string[]> {
    const analyst = new Analyst({ grammar, rules });
    analyst.setCatalog('db 1', rowsOf(catalogOf(['public.orders(id, total)', 'private.keys(id, secret)'], ['pg_catalog.now', 'pg_catalog.count', 'public.tidy'])));
    const asked = program === undefined ? { pieces: pieces.map((text) => ({ text, openings: [], manual: true })) } : { pieces: [], program };
    const found = await analyst.analyze({ document: 'a', ...asked, role: 'snippet', exposedSchemas: ['public'], catalog: 'db 1' }, signal);
    return found.map((findings, index) => marked(program ?? pieces[index] ?? '', findings.filter(({ code }) => code.startsWith('OB3') || code === 'OB001')));
  }

  const manuals: string[][] = [
    ['create table a (x int);', 'select x, «y» from a;', 'select * from «b»;'],
    ['select x, «y» from a;', 'create table a (x int);'],
    ['select x from «a»; create table a (x int);', 'select x from a;'],
    ['select total from orders;', 'alter table orders rename column total to amount;', 'select amount, total, «no» from orders;'],
    ['select * from orders;', 'alter table orders rename to purchases;', 'select id, «no» from purchases; select id from orders;'],
    ['select * from «purchases»;'],
    ['drop table orders;', 'select total from orders;'],
    ['drop table orders; select total from «orders»;', 'select total from orders;'],
    ['create temp table orders as select 1 as n;', 'select n, total, «no» from orders;'],
    ['create or replace view orders as select 1 as id, 2 as total, 3 as sum;', 'select sum, «no» from orders;'],
    ['create function f() returns int language sql as $$ select 1 $$;', 'select f(), «g»();'],
    ['set search_path = private;', 'select secret from keys;', 'create table a (x int);', 'select x from public.a;'],
    ['begin; create table a (x int);', 'select x from a; rollback;', 'select x from a; select * from «b»;'],
    ['select * from «b»;', "do $$ begin execute 'create table ' || 'b (x int)'; end $$;", 'select x from b;'],
    ['select * from «b»;', 'select public.tidy();', 'select x from b;'],
    ['create table <name> (x int);', 'select * from «b»; select y from <name>;'],
    ['select * from your_table where id = 1; select id, … from orders where «no» = YOUR_VALUE; update orders set total = ? where «no» = ?;'],
  ];
  for (const expected of manuals) {
    it(`fences of a manual: ${expected.join(' ⏎ ')}`, async () => assert.deepEqual(await look(expected.map((text) => text.replace(/[«»]/g, ''))), expected));
  }

  const programs = [
    'await sql`select total, «nope» from orders where id in ${sql(ids)}`; await sql`select * from orders where (id, «nope») in ${pairs}`;',
    'await sql`select nope, orders.nope from orders ${joins}`; await sql`select nope, c.nope, o.«nope» from orders o ${joins} where o.total > 1`;',
    "db.raw('select * from ?? where id = ?', [t, 1]); db.raw('update orders set total = ? where «nope» = ? and id in (?, ?)'); db.query(`select id from orders where total ? 'a' and «nope» ?| array['b']`);",
    'await sql`select o.id, «nope» from orders o where ${condition} order by ${column}`;',
    'await sql`create temp table staging (x int)`; await sql`insert into staging (x, «y») values (1, 2)`; await sql`select * from «nowhere»`;',
    'await sql`set search_path to private`; await sql`select secret from keys`; await sql`select * from «nowhere»`;',
    'await sql`select public.tidy()`; await sql`rollback`; await sql`select * from «nowhere»`;',
    "await sql`create table made (x int)`; await supabase.from('made').select('x, «y»'); await supabase.from('«mad»').select('x');",
  ];
  for (const expected of programs) {
    it(`strings of a program: ${expected}`, async () => assert.deepEqual(await look([], expected.replace(/[«»]/g, '')), [expected]));
  }

  it('are looked up anew when another piece changes, and offered in all of them', async () => {
    const analyst = new Analyst({ grammar, rules });
    analyst.setCatalog('db 1', rowsOf(catalogOf(['public.orders(id, total)'])));
    const request = (first: string): AnalysisRequest => ({ document: 'a', pieces: [first, 'select x from a;'].map((text) => ({ text, openings: [], manual: true })), role: 'snippet', exposedSchemas: ['public'], catalog: 'db 1' });
    const second = async (first: string): Promise<string> => marked('select x from a;', (await analyst.analyze(request(first), signal))[1] ?? []);
    assert.equal(await second('create table a (x int)'), 'select x from a;');
    assert.equal(await second('create table a (y int)'), 'select «x» from a;');
    assert.equal(await second('select 1'), 'select x from «a»;');
    const offered = await analyst.complete(request('create table a (xylophone int)'), { piece: 1, offset: 'select x'.length }, signal);
    assert.deepEqual(offered.map(({ insert }) => insert).slice(0, 1), ['xylophone']);
  });
});

describe('pending migrations', () => {
  const all = ['supabase/migrations/10_a.sql', 'supabase/migrations/20_b.sql', 'supabase/migrations/30_c.sql', 'supabase/migrations/readme.sql'];
  it('are those whose digits are not among what was applied', () => {
    assert.deepEqual(pendingMigrations('supabase/migrations/30_c.sql', all, ['10']), { kind: 'pending', before: ['supabase/migrations/20_b.sql'] });
    assert.deepEqual(pendingMigrations('supabase/migrations/10_a.sql', all, ['10']), { kind: 'past' });
    assert.deepEqual(pendingMigrations('supabase/schemas/a.sql', all, []), { kind: 'past' });
    assert.deepEqual(pendingMigrations('supabase/migrations/30_c.sql', all, undefined), { kind: 'unknown' });
  });
});

describe('all pending migrations', () => {
  it('are the files of the folder itself that were not applied, in order, and say which come late', () => {
    const all = ['supabase/migrations/30_c.sql', 'supabase/migrations/10_a.sql', 'supabase/migrations/20_b.sql', 'supabase/migrations/old/05_x.sql', 'supabase/migrations/readme.sql', 'supabase/seed.sql'];
    assert.deepEqual(allPending(all, ['20']), [{ path: 'supabase/migrations/10_a.sql', outOfOrder: true }, { path: 'supabase/migrations/30_c.sql', outOfOrder: false }]);
    assert.deepEqual(allPending(all, []).map(({ path }) => path.slice(-8)), ['10_a.sql', '20_b.sql', '30_c.sql']);
  });
});

describe('a catalog of rows', () => {
  it('is the same as it was', () => {
    const data = catalogOf(['public.orders(id, total)'], ['auth.uid'], { types: [], migrations: ['1'] });
    const read = toCatalog(rowsOf(data));
    assert.deepEqual(read.relations[0]?.columns.map(({ name }) => name), ['id', 'total']);
    assert.deepEqual([read.schemas, read.searchPath, read.extensions, read.migrations], [data.schemas, data.searchPath, data.extensions, data.migrations]);
  });
});
