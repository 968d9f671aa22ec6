/* eslint no-template-curly-in-string: off -- programs with templates in them are what is read here */
import assert from 'node:assert/strict';
import { OpsError } from '../../../../../src/core/errors.ts';
import { Analyst } from '../../../../../src/core/sql/lint/analyst.ts';
import type { AnalysisRequest } from '../../../../../src/core/sql/lint/request.ts';
import { ruleOf, rules } from '../../../../../src/core/sql/lint/ruleTable.ts';
import { askServer, keepVerdicts, type Preparable, type Refusal, type Verdict } from '../../../../../src/core/sql/prepared/verdict.ts';
import { FakeDatabase } from '../../../../fakes/database.ts';
import { grammar, marked } from '../lint/cases.ts';
import { catalogOf, rowsOf } from '../names/catalogs.ts';

const { signal } = new AbortController();
const options = { signal, priority: 'check' } as const;

/** A database with two tables, and a text that somebody writes. */
class Written {
  readonly analyst = new Analyst({ grammar, rules });
  private readonly request: Partial<AnalysisRequest>;

  constructor(request: Partial<AnalysisRequest> = {}, migrations: readonly string[] | 'unreadable' = []) {
    this.request = request;
    const data = catalogOf(['public.orders(id, total)', 'public.notes(id, body)'], ['pg_catalog.now', 'pg_catalog.lower', 'public.f', 'private.f']);
    this.analyst.setCatalog('db 1', rowsOf({ ...data, ...(migrations === 'unreadable' ? {} : { migrations }) }));
  }

  asked(sql: string): AnalysisRequest {
    const pieces = [{ text: sql, openings: [], manual: false }];
    return { document: 'a', pieces, role: 'script', exposedSchemas: [], catalog: 'db 1', ...this.request };
  }

  async texts(sql: string, most = 100): Promise<string[]> {
    return (await this.preparable(sql, most)).map(({ text }) => text);
  }

  async preparable(sql: string, most = 100): Promise<readonly Preparable[]> {
    return (await this.analyst.preparable(this.asked(sql), { most }, signal)).statements;
  }

  /** The server refuses every statement with this text in it, at that text. */
  async refused(sql: string, part: string, refusal: Partial<Refusal> = {}): Promise<void> {
    const verdicts = (await this.preparable(sql)).filter(({ text }) => text.includes(part)).map(({ key, text }): [string, Verdict] => [key, { kind: 'refused', sqlState: '42883', message: 'operator does not exist', position: [...text.slice(0, text.indexOf(part))].length + 1, ...refusal }]);
    assert.ok(verdicts.length > 0, 'nothing of it could be asked about');
    this.analyst.setVerdicts('db 1', verdicts);
  }

  async marked(sql: string): Promise<string> {
    const [found = []] = await this.analyst.analyze(this.asked(sql), signal);
    return marked(sql, found.filter(({ code }) => code.startsWith('OB4')));
  }
}

describe('what the server can be asked about', () => {
  const cases: [sql: string, asked: readonly string[]][] = [
    ['select 1; insert into notes values (1); update notes set id = 2; delete from notes where true; explain select 2; values (3); call p();', ['select 1', 'insert into notes values (1)', 'update notes set id = 2', 'delete from notes where true', 'explain select 2', 'values (3)', 'call p()']],
    ['create index on notes (id); alter table notes add column x int; create view v as select 1; grant select on notes to public; do $$ begin end $$;', []],
    ['select * from orders where id = :id and total > {{total}} and x = <name>', ['select * from orders where id = $1  and total > $3        and x = $2    ']],
    ['select * from orders where id = $2 and total = $1', ['select * from orders where id = $2 and total = $1']],
    ['select * from :table', []],
    ['select * from orders order by :column', []],
    ['selct 1; select 2', ['select 2']],
    ['\\d orders\nselect 1;', ['select 1']],
    ['\\i other.sql\nselect 1;', []],
    ['\\connect other\nselect 1;', []],
    // What was made or changed above, and is not there yet.
    ['create table a (x int); select x from a; select 1 from notes;', ['select 1 from notes']],
    ['create temp table notes as select 1; select * from notes; select 2;', ['create temp table notes as select 1', 'select 2']],
    ['select * into a from orders; select * from a;', ['select * into a from orders']],
    ['alter table notes alter column id type text; select id = 1 from notes; select id from orders;', ['select id from orders']],
    ["create table a (id bigserial); select nextval('a_id_seq'); select nextval('notes_id_seq');", ["select nextval('notes_id_seq')"]],
    ["create type feeling as enum ('a'); select 'a'::feeling; select 'a'::mood;", ["select 'a'::mood"]],
    ["alter type mood add value 'new'; insert into notes (body) values ('new');", []],
    ['create function f(int) returns int language sql as $$ select 1 $$; select f(1); select lower(body) from notes;', ['select lower(body) from notes']],
    ['create function "F"() returns int language sql as $$ select 1 $$; select "F"();', []],
    ['drop function f; select f(); select 1;', ['select 1']],
    ['drop type mood; select null::mood; drop index i; drop policy p on notes; select id from notes;', ['select id from notes']],
    ['alter table notes rename to memos; select * from memos; select * from notes; select * from orders;', ['select * from orders']],
    ["alter index a rename to b; select * from notes; select 'b'::regclass", ['select * from notes']],
    ["create index i on orders (id); select * from notes; select 'i'::regclass; drop index j; select 'j'::regclass", ['select * from notes']],
    ["create role reader; select 'reader'::regrole; select 1", ['select 1']],
    ['set search_path = private; select * from notes;', []],
    ['set role anon; select * from notes;', []],
    ["set local statement_timeout = '5s'; set request.jwt.claims = '{}'; begin; select * from notes; commit; select 2;", ['select * from notes', 'select 2']],
    ['begin; create table a (x int); rollback; select x from a; select * from orders;', ['select * from orders']],
    ['create extension postgis; select 1;', []],
    ['create extension if not exists pgcrypto; select 1;', ['select 1']],
    ['do $$ begin create type t as enum (); end $$; select 1;', []],
    ["select pgmq.create('jobs'); select 1;", ["select pgmq.create('jobs')"]],
    ['create cast (text as int) with inout; select 1;', []],
    ['comment on table notes is \'\'; create policy p on notes using (id = 1); truncate notes; select id from notes', ['select id from notes']],
  ];
  for (const [sql, asked] of cases) {
    it(sql.replace(/\s+/g, ' '), async () => assert.deepEqual(await new Written().texts(sql), asked));
  }

  it('is what stands in the strings of a program and none of them makes, with parameters for what it fills in', async () => {
    const program = 'const a = sql`select * from orders where id = ${id}`; const b = sql`select * from ${table}`; const c = sql`create table x (id int)`; const d = sql`select * from x`; const e = sql`rollback`; const f = sql`select 2`;';
    const found = await new Written({ program, role: 'snippet' }).preparable('');
    assert.deepEqual(found.map(({ text, hasValues }) => [text.trim(), hasValues]), [['select * from orders where id = $1', true], ['select 2', false]]);
  });

  it('of a manual is nothing with words that stand for what its reader knows, and nothing that an earlier fence makes', async () => {
    const texts = ['create table a (x int);', 'select x from a', 'select * from orders where id = <order-id>', "select * from orders where id = '<order-id>'", 'select … from orders', 'select id from orders'];
    const pieces = texts.map((text) => ({ text, openings: [], manual: true }));
    const found = await new Written({ pieces, role: 'snippet' }).texts('');
    assert.deepEqual(found.map((text) => text.trim()), ['select * from orders where id = $1', 'select id from orders']);
  });

  it('of a migration is what the earlier pending ones leave as it is; of one that was applied, or where nobody knows, nothing', async () => {
    const sql = 'select * from orders; select * from notes;';
    const of = async (migrations: readonly string[] | 'unreadable', earlier: string): Promise<readonly string[]> => {
      const written = new Written({ role: 'migration', set: { id: 'set', path: 'supabase/migrations/2_b.sql' } }, migrations);
      written.analyst.setFiles('set', [{ path: 'supabase/migrations/1_a.sql', text: earlier }, { path: 'supabase/migrations/2_b.sql', text: sql }]);
      return written.texts(sql);
    };
    assert.deepEqual(await of([], 'alter table notes add column x int'), ['select * from orders']);
    assert.deepEqual(await of(['1'], 'alter table notes add column x int'), ['select * from orders', 'select * from notes']);
    assert.deepEqual(await of([], "do $$ begin execute 'x'; end $$"), []);
    assert.deepEqual(await of(['1', '2'], ''), []);
    assert.deepEqual(await of('unreadable', ''), []);
  });

  it('is what is looked at, at most so much, and nothing twice', async () => {
    const written = new Written();
    const sql = Array.from({ length: 5000 }, (_, index) => `select ${index}, total from orders;\n`).join('');
    const at = sql.indexOf('select 2500,');
    const wish = { within: [{ start: at, end: at + 230 }], most: 5 };
    const asked = async (text: string) => (await written.analyst.preparable(written.asked(text), wish, signal)).statements;
    const first = await asked(sql);
    assert.deepEqual(first.map(({ text }) => text.slice(0, 11)), ['select 2500', 'select 2501', 'select 2502', 'select 2503', 'select 2504']);
    written.analyst.setVerdicts('db 1', first.map(({ key }) => [key, { kind: 'accepted' }]));
    assert.deepEqual((await asked(sql)).map(({ text }) => text.slice(0, 11)), ['select 2505', 'select 2506', 'select 2507']);
    const edited = sql.replace('select 2502, total', 'select 2502, totals');
    assert.deepEqual((await asked(edited)).map(({ text }) => text.slice(0, 19)), ['select 2502, totals', 'select 2505, total ', 'select 2506, total ', 'select 2507, total ']);
  });

  it('is counted by why it is not asked', async () => {
    const written = new Written();
    const sql = 'select 1; create table a (x int); select x from a; select * from :t; selct; \\d\nselect 2;';
    const [{ key } = { key: '' }] = await written.preparable(sql);
    written.analyst.setVerdicts('db 1', [[key, { kind: 'accepted' }]]);
    const { statements, left } = await written.analyst.preparable(written.asked(sql), { most: 10 }, signal);
    assert.deepEqual([statements.length, left], [1, { known: 1, syntaxOnly: 2, open: 1, dependent: 1, faulty: 1 }]);
  });
});

describe('what the server refused', () => {
  it('is marked where the server says, whatever characters stand before it, and where the statement moves to', async () => {
    const written = new Written();
    const sql = "select 1;\nselect '😀é' as s, total = now() from orders;";
    await written.refused(sql, '= now');
    assert.equal(await written.marked(sql), "select 1;\nselect '😀é' as s, total «=» now() from orders;");
    assert.equal(await written.marked(`-- moved\n${sql}`), "-- moved\nselect 1;\nselect '😀é' as s, total «=» now() from orders;");
    assert.equal(await written.marked(sql.replace('= now()', '= 1')), sql.replace('= now()', '= 1'));
  });

  it('is a dotted name as a whole, and without a place the first word', async () => {
    const written = new Written();
    await written.refused('select * from orders where private.f(id)', 'private.f');
    assert.equal(await written.marked('select * from orders where private.f(id)'), 'select * from orders where «private.f»(id)');
    const [{ key } = { key: '' }] = await written.preparable('select id from orders');
    written.analyst.setVerdicts('db 1', [[key, { kind: 'refused', sqlState: '0A000', message: 'not supported' }]]);
    assert.equal(await written.marked('select id from orders'), '«select» id from orders');
  });

  it('is said once: not where the names say it already', async () => {
    const written = new Written();
    const sql = 'select totl from orders;\nselect totl = now() from orders';
    await written.refused(sql, 'totl', { sqlState: '42703' });
    assert.equal(await written.marked(sql), sql);
    const [found = []] = await written.analyst.analyze(written.asked(sql), signal);
    assert.deepEqual(found.map(({ code }) => code), ['OB303', 'OB303']);
    // Put aside there, it does not come back here.
    const aside = `-- opsbook: ignore OB303 because it comes\nselect totl from orders`;
    const [left = []] = await written.analyst.analyze(written.asked(aside), signal);
    assert.deepEqual(left, []);
    await written.refused("select total = 'x'::point from orders", '=');
    assert.equal(await written.marked("select total = 'x'::point from orders"), "select total «=» 'x'::point from orders");
  });

  it('does not count any more when something above changes what it names, and is put aside by a comment', async () => {
    const written = new Written();
    const sql = 'select total = now() from orders';
    await written.refused(sql, '=');
    assert.notEqual(await written.marked(sql), sql);
    for (const above of ['alter table orders alter column total type timestamptz;', 'drop table orders; create table orders (total timestamptz);', "do $$ begin execute 'x'; end $$;", '\\i other.sql\n']) {
      assert.equal(await written.marked(above + sql), above + sql);
    }
    const aside = `-- opsbook: ignore OB401 because it is applied by hand\n${sql}`;
    assert.equal(await written.marked(aside), aside);
  });

  it('is forgotten with the catalog', async () => {
    const written = new Written();
    await written.refused('select total = now() from orders', '=');
    written.analyst.setCatalog('db 1', undefined);
    written.analyst.setCatalog('db 1', rowsOf({ ...catalogOf(['public.orders(id, total)'], ['pg_catalog.now']), migrations: [] }));
    assert.equal(await written.marked('select total = now() from orders'), 'select total = now() from orders');
  });

  it('is marked in a program, but for what the program fills in', async () => {
    const program = 'const q = sql`select total = now(), ${x} from orders`;';
    const written = new Written({ program, role: 'snippet' });
    await written.refused('', 'total =');
    const [found = []] = await written.analyst.analyze(written.asked(''), signal);
    assert.equal(marked(program, found), 'const q = sql`select «total» = now(), ${x} from orders`;');
    const other = new Written({ program, role: 'snippet' });
    await other.refused('', '$1');
    assert.deepEqual(await other.analyst.analyze(other.asked(''), signal), [[]]);
  });

  it('is a missing right by a code of its own, and only information', async () => {
    const written = new Written();
    await written.refused('select * from orders', 'orders', { sqlState: '42501', message: 'permission denied for schema public' });
    const [[finding] = []] = await written.analyst.analyze(written.asked('select * from orders'), signal);
    assert.equal(finding?.code, 'OB402');
    assert.equal(ruleOf('OB402')?.severity, 'info');
    assert.equal(ruleOf('OB402')?.message(finding.facts), 'The server: permission denied for schema public (42501)');
  });
});

describe('asking the server', () => {
  const database = new FakeDatabase();
  const statement = (text: string, hasValues = false): Preparable => ({ key: text, text, hasValues });
  const ask = async (sqlState: string, hasValues = false): Promise<Verdict | undefined> => askServer(database.refuses('x', new OpsError('queryFailed', { sqlState, message: 'no', position: 3 })), statement('x', hasValues), options);

  it('takes for a fault what is one of the statement itself', async () => {
    assert.deepEqual(await askServer(database, statement('y'), options), { kind: 'accepted' });
    for (const state of ['42883', '42804', '22P02', '42P01', '0A000', '42501']) {
      assert.deepEqual(await ask(state), { kind: 'refused', sqlState: state, message: 'no', position: 3 });
    }
  });

  it('does not know where a lock, the time or the server itself is wanting', async () => {
    for (const state of ['55P03', '57014', '53200', 'XX000', '40001', '25P02']) {
      assert.equal(await ask(state), undefined, state);
    }
  });

  it('says nothing of types where somebody else gives values', async () => {
    for (const state of ['42883', '42P18', '42725', '42804', '22P02', '42P08']) {
      assert.deepEqual(await ask(state, true), { kind: 'unsaid' }, state);
    }
    assert.equal((await ask('42703', true))?.kind, 'refused');
  });

  it('hands on that there is no connection', async () => {
    await assert.rejects(askServer(database.refuses('x', new OpsError('connectionLost', { host: 'a' })), statement('x'), options));
  });

  it('keeps so many answers and no more', () => {
    const kept = new Map<string, Verdict>();
    keepVerdicts(kept, Array.from({ length: 6000 }, (_, index) => [`${index}`, { kind: 'accepted' }]));
    assert.deepEqual([kept.size, kept.has('0'), kept.has('5999')], [5000, false, true]);
  });
});
