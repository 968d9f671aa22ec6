/* eslint no-template-curly-in-string: off -- programs with templates in them are what is read here */
import assert from 'node:assert/strict';
import { findEmbeddedSql } from '../../../../src/core/sql/embedded.ts';

/** Texts with `‹…›` around what a program fills in. */
function found(program: string): string[] {
  return findEmbeddedSql(program).map(({ text, openings }) => [...openings].reverse().reduce((all, { start, end }) => `${all.slice(0, start)}‹›${all.slice(end)}`, text));
}

describe('SQL in programs', () => {
  const cases: [program: string, texts: string[]][] = [
    ['const a = sql`select 1`;', ['select 1']],
    ['await db.sql<Row[]>`select * from t where id = ${id} and b = ${f({ a: "}" })}`', ['select * from t where id = ‹› and b = ‹›']],
    ['const a: A<B<C>> = SQL`-- first\n select 1`', ['-- first\n select 1']],
    ["client.query('select \\'a\\' from t', [1])", ["select 'a' from t"]],
    ['client.query(\n  "select 1",\n)', ['select 1']],
    ['await pool.query(`update t set a = ${`x${1}`} where id = 1`)', ['update t set a = ‹› where id = 1']],
    ['connection.queryObject<{ id: number }>`select 1`', ['select 1']],
    ['where = sql`id = ${id}`; all = sql`${a} and ${b}`', []],
    ["db.rpc('select 1 from t'); supabase.rpc('comment'); supabase.rpc('refresh_totals', {})", ['select 1 from t']],
    ["client.query<User>('select 1'); pool.query<Array<{ a: number }>>(`select ${a}`, [])", ['select 1', 'select ‹›']],
    ["client.query('select ' + columns + ' from t'); db.query(`select * ` + rest); db.query('select 1' as const)", ['select 1']],
    ["jq.query('update'); search.query('select'); tx.query('begin')", ['begin']],
    ["document.query('#main .a'); page.query('select.small'); page.query('select[name=a]'); page.query('select > option'); page.query('select, input'); page.query('select:focus')", []],
    ["db.query('select(1)'); db.query('select*from t'); db.query('select .5'); db.query('select :id')", ['select(1)', 'select*from t', 'select .5', 'select :id']],
    ['url.query("page=1"); const sql = "select 1"; sqlite`select 1`; query("select 1")', []],
    ['// sql`select 1`\nconst re = /sql`select 2`/;', []],
    ['sql`select 1', []],
    ['sql`(select 1) union (select ${', []],
  ];
  for (const [program, texts] of cases) {
    it(program.replaceAll('\n', '⏎'), () => assert.deepEqual(found(program), texts));
  }

  it('knows where each sign stands in the program', () => {
    const program = "/* ü */ db.query('select \\u0041, \\x42, \\u{43}\\n from \"t\\\\\" where x = 1')";
    const [only] = findEmbeddedSql(program);
    assert.equal(only?.text, 'select A, B, C\n from "t\\" where x = 1');
    for (const word of ['select', 'from', 'where x = 1']) {
      assert.equal(only.offsets[only.text.indexOf(word)], program.indexOf(word));
    }
    assert.equal(only.offsets.length, only.text.length + 1);
    assert.equal(program.charAt(only.offsets[only.text.length] ?? -1), "'");
  });

  it('never throws while somebody types', () => {
    const program = 'const { rows } = await client.query(`select ${[1, { a: `b` }].map((x) => `${x}`)} from t`, ["}"]);';
    for (let length = 0; length <= program.length; length++) {
      assert.ok(findEmbeddedSql(program.slice(0, length)).length <= 1);
    }
    assert.equal(found(program)[0], 'select ‹› from t');
  });
});
