import assert from 'node:assert/strict';
import { SqlText } from '../../../../../src/core/sql/lint/analysis.ts';
import { ruleOf, rules } from '../../../../../src/core/sql/lint/ruleTable.ts';
import { findingsIn, grammar, marked, surroundings } from '../lint/cases.ts';

const { signal } = new AbortController();

async function faults(sql: string): Promise<string> {
  return marked(sql, (await findingsIn(sql, { role: 'snippet' })).filter(({ code }) => code === 'OB001'));
}

function marksExactly(cases: readonly string[]): void {
  for (const each of cases) {
    it(each.replace(/\s+/g, ' ').slice(0, 120), async () => assert.equal(await faults(each.replace(/[«»]/g, '')), each));
  }
}

const procedure = (code: string, more = ''): string => `create function public.f(a int, b text default 'x')${more} returns int language plpgsql as $$ ${code} $$;`;

describe('syntax errors in functions in SQL', () => {
  marksExactly([
    'create function f() returns int language sql as $$ select 1; «selct» 2; select 3 $$;',
    'create or replace procedure p(a int) language sql as $body$ insert into t values (a); insert «t» values (1); $body$;',
    'select 1; create function f() returns int as $$\n  select a frm «t»\n$$ language sql; «selct» 1;',
    "create function f() returns text language sql as $$ select 'é 🙂', «'b c »$$;",
    "/* 🙂 */ create function f() returns text language sql as 'select ''é''''s'' frm «frm» t';",
    "create function f() returns text language sql as E'select \\'a\\'\\n, \\x61\\u0062 frm «frm» t';",
    // Which letter of the code an escape of this kind stands for is not counted.
    "create function f() returns text language sql as U&«'select \\0061 frm t'»;",
    "create function f() returns text language sql as «'select a '»\n'frm frm t';",
  ]);

  it('says nothing of code that parses, and of other languages', async () => {
    for (const sql of [
      "create function f(a int) returns int language sql as $$ select a + $1 from t; -- it's fine\n $$;",
      "create function f() returns void language sql as '';",
      "create function f() returns void language sql as $$ -- nothing yet\n $$;",
      'create function f(a int) returns int language sql return a + 1;',
      'create function f() returns void language sql begin atomic; insert into t values (1); select 1; end;',
      "create function f() returns int as 'MODULE_PATHNAME', 'f' language c;",
      'create function f() returns int language plv8 as $$ return selct(1) $$;',
      'create function f() returns int as $$ select 1 $$;',
      "create function f() returns int language sql as $$ select :'name', {{n}}, <id> from t $$;",
      "create function f() returns int language sql as $$ select @extschema@.g() $$;",
      "create function f() returns text language sql as $$ select 'it is '' $1'; $$;",
    ]) {
      assert.equal(await faults(sql), sql);
    }
  });

  it('counts what a program puts into the code', async () => {
    const sql = 'create function f() returns int language sql as $$ select * from p______ where x = p_ andd y $$';
    const at = (word: string) => ({ start: sql.indexOf(word), end: sql.indexOf(word) + word.length });
    const found = async (openings: readonly { start: number; end: number }[]): Promise<string[]> => {
      const text = new SqlText({ grammar, rules });
      text.update(sql, openings);
      return (await text.findings(await surroundings({ role: 'snippet' }), signal)).map(({ code }) => code);
    };
    assert.deepEqual(await found([]), ['OB001']);
    assert.deepEqual(await found([at('p______')]), []);
  });
});

describe('syntax errors in PL/pgSQL', () => {
  marksExactly([
    procedure('begin «selct» 1; return 1; end'),
    procedure('begin select 1 from t where a = 1; select 2 from «from» t; return 1; end'),
    procedure('begin insert into t (a) values (2); insert into t (a) values (1 «2»); return 1; end'),
    procedure('begin return 1 + «;» end'),
    procedure('begin if a > «then» return 1; end if; end'),
    procedure('begin if a > 1 then return 1; «end»'),
    procedure('declare x int «begin» null; end'),
    procedure('declare x int; «x» text; begin null; end'),
    procedure('begin «x» := 5; end'),
    procedure("begin «raise» notice '% %', a; end"),
    procedure('begin null; exception when «unique_voilation» then null; end'),
    procedure('begin perform g(1,«;» end'),
    procedure("begin perform «'abc;»\n end"),
    procedure('begin\n  -- é 🙂\n  delete «frm» t;\n  return 1;\nend'),
    'create function f() returns trigger language plpgsql as $$ begin new.a := old.a +«;» return new; end $$;',
    'create function f(x t.a%type) returns mood[] language plpgsql as $$ begin x := x y «z»; end $$;',
    "create procedure p() language plpgsql as 'begin perform ''é'' b «c»; end';",
    "create procedure p() language plpgsql as E'begin\\n perform \\'é\\' b «c»; end';",
    'do $$ begin «selct» 1; end $$;',
    "do language plpgsql 'begin if true then perform 1; «end»';",
  ]);

  it('says nothing of what it cannot be certain about', async () => {
    for (const sql of [
      procedure('declare r record; s public.mood; t notes%rowtype; u notes.id%type; begin select * into strict r from notes; s := r.x; t.id := 1; u := 2; return a; end'),
      procedure('declare m public.moods; n public.point; begin select 1, 2 into m, n; n.x := 1; f.a := 2; return 1; end'),
      procedure("<<all_of>> declare c cursor (k int) for select * from t where i = k; begin for r in c(1) loop exit all_of when r.i > 1; continue; end loop; execute format('x %I', b) into a using b; end all_of"),
      procedure('begin nowhere.x := 1; end'),
      procedure("begin begin insert into t values (1) returning id into a; exception when unique_violation or sqlstate '22012' then get stacked diagnostics b = message_text; raise; end; end"),
      'create function f() returns setof notes language plpgsql as $$ begin return query select * from notes; return next (1, 2)::notes; return; end $$;',
      'create function f(out x int, out y int) language plpgsql as $$ begin x := 1; y := x; return; end $$;',
      'create function f() returns table (x int, y int) language plpgsql as $$ begin x := 1; return next; return query execute $q$ selct $q$; end $$;',
      "create function f() returns trigger language plpgsql as $$ begin if tg_op = 'DELETE' then return old; end if; new.at = now(); return new; end $$;",
      'create function f() returns event_trigger language plpgsql as $$ begin raise notice $x$ % $x$, tg_tag; end $$;',
      procedure('begin select <column> form t; end'),
      procedure('begin select {{column}} form t; end'),
      procedure('begin perform @extschema@.g(); end'),
      'do language plperl $$ selct $$;',
    ]) {
      assert.equal(await faults(sql), sql);
    }
  });

  it('names what the server would say', async () => {
    const said = async (sql: string) => (await findingsIn(sql)).map(({ facts, alsoIn }) => [facts['message'], alsoIn]);
    assert.deepEqual(await said(procedure('begin if a then null; end')), [['syntax error at end of input', undefined]]);
    assert.deepEqual(await said('do $$ begin selct 1; end $$;'), [['syntax error at or near "selct"', []]]);
  });

  it('is told in one line, whatever was left open', async () => {
    const [found] = await findingsIn(procedure("begin\n perform 'abc;\n return 1;\nend"));
    assert.equal(ruleOf('OB001')?.message(found?.facts ?? {}), 'unterminated quoted string at or near "\'abc;…');
  });

  it('is read once, wherever the function stands', async () => {
    let reads = 0;
    const counting = { ...grammar, parseProcedural: async (statement: string, within: AbortSignal) => (reads++, grammar.parseProcedural(statement, within)) };
    const text = new SqlText({ grammar: counting, rules });
    const around = await surroundings({});
    for (const sql of [procedure('begin return 1; end'), `select 1; ${procedure('begin return 1; end')}`, `select 2; ${procedure('begin return 1; end')} select 3;`]) {
      text.update(sql);
      assert.deepEqual(await text.findings(around, signal), []);
    }
    assert.equal(reads, 1);
  });
});
