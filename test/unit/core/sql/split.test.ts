import assert from 'node:assert/strict';
import { splitStatements, statementAt } from '../../../../src/core/sql/split.ts';

function texts(sql: string): string[] {
  return splitStatements(sql).map((statement) => statement.text);
}

describe('splitting SQL', () => {
  it('separates at semicolons and leaves them out', () => {
    assert.deepEqual(texts('select 1;select 2 ; \n select 3'), ['select 1', 'select 2', 'select 3']);
  });

  it('gives nothing for comments, white space and lone semicolons', () => {
    assert.deepEqual(texts('\uFEFF -- a;b\n ;; /* ; /* ; */ ; */ ;\n'), []);
  });

  it('keeps semicolons in strings, names and comments', () => {
    const cases = [
      `select 'a;b', 'it''s;'`,
      `select E'a\\';b', e'\\\\'`,
      `select E'a' \n  'b\\';c'`,
      `select U&'d\\0061t;' , B'1;', U&"d;a"`,
      `select "a;""b"`,
      `select $$a;b$$, $tag$ $$;$$ $t$ ; $tag$, $é$;$é$`,
      `select 1 /* ; /* ; */ ; */ + 2 -- ;\n + 3`,
      `select a$b$;`.slice(0, -1),
      `select 'standard \\', 2`,
    ];
    for (const sql of cases) {
      assert.deepEqual(texts(`${sql}; select 2`), [sql, 'select 2']);
    }
  });

  it('takes a dollar inside a name as part of the name', () => {
    assert.deepEqual(texts('select a$b$c; select $1, $2; select 1'), ['select a$b$c', 'select $1, $2', 'select 1']);
  });

  it('keeps bodies of SQL functions together', () => {
    const body = `CREATE OR REPLACE FUNCTION f(begin int) RETURNS int
BEGIN ATOMIC
  SELECT CASE WHEN x.end > 1 THEN 2 END AS case;
  INSERT INTO t VALUES (1);
END`;
    assert.deepEqual(texts(`${body};\nselect 2;`), [body, 'select 2']);
    assert.deepEqual(texts('begin; select 1; end; select 2'), ['begin', 'select 1', 'end', 'select 2']);
  });

  it('keeps the actions of a rule together, and no other parentheses', () => {
    const rule = 'create or replace rule r as on delete to t do instead (delete from a; delete from b)';
    assert.deepEqual(texts(`${rule}; select 1`), [rule, 'select 1']);
    assert.deepEqual(texts('select (1; select 2'), ['select (1', 'select 2']);
  });

  it('makes a statement of a psql line', () => {
    const sql = 'select 1 \\gx\n\\d users\n  \\copy t from \'a;b\'  \nselect 2;\\x \\\\ select 3';
    assert.deepEqual(
      splitStatements(sql).map(({ kind, text }) => [kind, text]),
      [
        ['sql', 'select 1'],
        ['psql', '\\gx'],
        ['psql', '\\d users'],
        ['psql', "\\copy t from 'a;b'"],
        ['sql', 'select 2'],
        ['psql', '\\x \\\\'],
        ['sql', 'select 3'],
      ],
    );
  });

  it("leaves COPY's data out of the text", () => {
    const sql = "COPY public.t (a, b) FROM stdin;\n1\tit's;\n\\.x\n\\.\nselect 1;";
    const [copy, select] = splitStatements(sql);
    assert.ok(copy?.copyData !== undefined);
    assert.equal(copy.text, 'COPY public.t (a, b) FROM stdin');
    assert.equal(sql.slice(copy.copyData.start, copy.copyData.end), "1\tit's;\n\\.x\n\\.");
    assert.equal(select?.text, 'select 1');
  });

  it('takes what follows COPY as statements when no data ends', () => {
    assert.deepEqual(texts('copy t from stdin;\nselect 1;'), ['copy t from stdin', 'select 1']);
    assert.deepEqual(texts('copy (select stdin from stdin) to stdout;\nselect 1;\n\\.'), [
      'copy (select stdin from stdin) to stdout',
      'select 1',
      '\\.',
    ]);
  });

  it('passes over placeholders', () => {
    const sql = "select {{it's; mine}} from a where b = :name and c = $1 and d = <your-id> and e = :'v;'";
    assert.deepEqual(texts(`${sql}; select 2`), [sql, 'select 2']);
    assert.deepEqual(texts('select {{ \n; select 2 }}'), ['select {{', 'select 2 }}']);
  });

  it('ends with the text what was never closed', () => {
    const cases = { string: "select 'a;b", quotedName: 'select "a;b', dollarString: 'select $x$a;b$y$', comment: 'select 1 /* a;b' };
    for (const [unfinished, sql] of Object.entries(cases)) {
      const statements = splitStatements(`select 0; ${sql}`);
      assert.equal(statements.length, 2);
      assert.equal(statements[1]?.unfinished, unfinished);
    }
    assert.deepEqual(texts('create function f() returns int begin atomic select 1; '), [
      'create function f() returns int begin atomic select 1;',
    ]);
  });

  it('keeps comments that belong to a statement in its whole range', () => {
    const sql = '-- file\n\n-- why\n/* and how */\nselect 1; -- done\nselect 2;';
    const [first, second] = splitStatements(sql);
    assert.equal(first?.text, 'select 1');
    assert.equal(sql.slice(first.whole.start, first.whole.end), '-- why\n/* and how */\nselect 1; -- done');
    assert.equal(sql.slice(second?.whole.start, second?.whole.end), 'select 2;');
  });

  it('keeps a planner hint in the text', () => {
    assert.deepEqual(texts('-- c\n/*+ SeqScan(t) */ select 1;'), ['/*+ SeqScan(t) */ select 1']);
  });

  it('finds the statement at an offset', () => {
    const sql = 'select 1;select 2;\n\n\nselect 3  ';
    const statements = splitStatements(sql);
    const at = (offset: number): string | undefined => statementAt(statements, offset)?.text;
    assert.equal(at(0), 'select 1');
    assert.equal(at(9), 'select 2');
    assert.equal(at(18), 'select 2');
    assert.equal(at(20), undefined);
    assert.equal(at(sql.length), 'select 3');
    assert.equal(statementAt([], 0), undefined);
  });

  it('splits a megabyte', () => {
    const sql = "select a, 'x;y' from t where id = 1 and y in (1, 2); -- note\n".repeat(18_000);
    assert.equal(splitStatements(sql).length, 18_000);
  });

  it('stays linear on text that opens much and closes nothing', () => {
    for (const piece of ['{{', 'copy t from stdin;\n', '/* ', '$a', "\\'", '(;', '<', 'E']) {
      splitStatements(piece.repeat(Math.ceil(300_000 / piece.length)));
    }
  });
});
