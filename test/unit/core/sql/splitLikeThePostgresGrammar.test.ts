import assert from 'node:assert/strict';
import { parse } from 'libpg-query';
import { splitStatements } from '../../../../src/core/sql/split.ts';

const statements = [
  'select 1',
  "select 'a;''b', E'c\\';d', U&'\\0061;', b'101', x'1F', N'n;'",
  'select $$a;b$$ || $x$;$$;$x$ || $ü$ ; $ü$',
  'select "a;b", "c""d;" from (select 1 as "a;b", 2 as "c""d;") t',
  'select a$b$c from (select 1 as a$b$c) t where $1 > 1',
  'select 1 + /* ; /* \' */ " */ 2',
  "select E'a' \n\t'b\\';'",
  'select 1 -- ;\'"$$\n + 2',
  'insert into t values (1, 2) returning *',
  'with a as (select 1), b as (delete from t where x < y and y > 2 returning *) select * from a, b',
  'create or replace function f(a int) returns int language sql begin atomic select case when a = 1 then 2 end; select a; end',
  "create procedure p() begin atomic insert into t values (';'); end",
  'create rule r as on insert to t do also (insert into a values (1); delete from b)',
  "do $body$ begin perform 1; raise notice 'x;'; end; $body$",
  'create function g() returns trigger language plpgsql as $$ begin return new; end; $$',
  'select ar[1:2], x::text, a <@ b, c -> \'d\' ->> \'e\', f(a := 1), g(b => 2)',
  'begin',
  'end',
  'copy t from stdin',
  'copy (select 1) to stdout',
  'select 1.5e-10, .5, 1e5, 0x1F, 1_000',
  'select 日本, "é" from ünïcode where 🙂 = \'🙂;\'',
  'table pg_class',
];
const glue = ['', ' ', '\n', '\r\n', '\n\n', ' -- note; \'"$$\n', '/* block; \' */', '/* a /* ; */ b */\n', '\t', ' ;; '];

/** Mulberry32: the same sequence in every run, so that a failure can be repeated. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function script(next: () => number): string {
  const pick = (from: readonly string[]): string => from[Math.floor(next() * from.length)] ?? '';
  const parts = Array.from({ length: 1 + Math.floor(next() * 8) }, () => `${pick(glue)}${pick(statements)}${pick(glue)};${pick(glue)}`);
  // A last statement may do without its semicolon.
  return next() < 0.5 ? parts.join('') : `${parts.join('')}${pick(statements)}`;
}

/** What the grammar says, trimmed of the white space and comments that it counts to a statement. */
async function grammarSplits(sql: string): Promise<string[]> {
  const bytes = Buffer.from(sql, 'utf8');
  const { stmts = [] } = await parse(sql);
  return stmts.map(({ stmt_location: start = 0, stmt_len: length }) =>
    bytes.subarray(start, length === undefined || length === 0 ? undefined : start + length).toString('utf8'),
  );
}

describe('splitting SQL as the Postgres grammar does', () => {
  it('finds the same statements in 2000 scripts', async () => {
    for (let seed = 1; seed <= 2000; seed++) {
      const sql = script(random(seed));
      const expected = await grammarSplits(sql);
      const found = splitStatements(sql);
      assert.equal(found.length, expected.length, `seed ${seed}:\n${sql}`);
      for (const [index, statement] of found.entries()) {
        // The grammar's range may begin or end with comments; ours lies within it and parses to the same tree.
        assert.ok(expected[index]?.includes(statement.text), `seed ${seed}: ${statement.text}\nis not in ${expected[index]}`);
      }
    }
  });

  it('loses nothing of a statement at either end', async () => {
    for (const sql of statements) {
      const [found] = splitStatements(` /* a */ ${sql} -- b\n;`);
      assert.equal(found?.text, sql);
      assert.equal(sql.slice(found.range.start - 9, found.range.end - 9), sql);
      assert.equal((await parse(found.text)).stmts?.length, 1);
    }
  });

  it('throws at no cut of a script', () => {
    const sql = statements.join(';\n');
    for (let end = 0; end < sql.length; end++) {
      const found = splitStatements(sql.slice(0, end));
      for (const { text, range } of found) {
        assert.equal(text, sql.slice(range.start, range.end));
      }
    }
  });
});
