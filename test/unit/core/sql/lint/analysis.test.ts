import assert from 'node:assert/strict';
import type { SqlGrammar } from '../../../../../src/core/ports.ts';
import { SqlText, type NameKnowledge, type TextFinding } from '../../../../../src/core/sql/lint/analysis.ts';
import { rules } from '../../../../../src/core/sql/lint/ruleTable.ts';
import { Catalog } from '../../../../../src/core/sql/catalog.ts';
import { CatalogOverlay } from '../../../../../src/core/sql/names/overlay.ts';
import { Disturbed } from '../../../../../src/core/sql/prepared/disturbance.ts';
import { splitStatements } from '../../../../../src/core/sql/split.ts';
import { catalogOf } from '../names/catalogs.ts';
import { findingsIn, grammar, marked, surroundings } from './cases.ts';

const { signal } = new AbortController();

async function faults(sql: string, manual = false): Promise<string> {
  const text = new SqlText({ grammar, rules });
  text.update(sql, [], manual);
  const findings = await text.findings(await surroundings({ role: 'snippet' }), signal);
  return marked(sql, findings.filter(({ code }) => code === 'OB001'));
}

/** Without the names that stand near to a missing one: they may be those of a moment ago. */
function sorted(findings: readonly TextFinding[]): string[] {
  return findings.map((finding) => JSON.stringify(finding.code.startsWith('OB3') ? { ...finding, fixes: [] } : finding)).sort();
}

describe('syntax while it is typed', () => {
  const cases = [
    'select * «form» t;',
    'select 1; «selct» 2; select 3;',
    'select a, «from» t;',
    'create table t (id int «name» text);',
    'select "é ü" "b" «"c"»;',
    "insert into t values (1, «'abc»",
    'select (1 + «2»;',
    "select '🙂' frm «t»",
  ];
  for (const each of cases) {
    it(each, async () => assert.equal(await faults(each.replace(/[«»]/g, '')), each));
  }

  it('says nothing of placeholders', async () => {
    const silent = [
      'select * from t where id = $1 and a = :name and b = {{value}} and c = <id>',
      'select * from {{table}} where {{column}} = 1',
      'select <column> from <schema>.<table> order by :order limit :n',
      'drop table <table_name>;',
      'alter table {{table}} add column <name> <type>;',
      "select :'name', :n::int",
    ];
    for (const sql of silent) {
      assert.equal(await faults(sql), sql);
    }
  });

  it('says nothing of what a manual leaves to its reader', async () => {
    for (const sql of ['select ... from orders where …;', 'select * from t where id = [user-id]', `delete from orders where id = ${'$'}{ORDER_ID};`, 'select * from $TABLE']) {
      assert.equal(await faults(sql, true), sql);
    }
    assert.equal(await faults('select * frm t where id = [user-id]', true), 'select * «frm» t where id = [user-id]');
  });

  it('takes nodes of the grammar for what they are, whatever their fields are called', async () => {
    assert.equal(await faults("select json_object('a': 1), json_array(1, 2);"), "select json_object('a': 1), json_array(1, 2);");
  });

  it('leaves psql and the data of COPY alone', async () => {
    const sql = '\\d users\n\\set x 1\ncopy t from stdin;\n1\tnot sql at all\n\\.\nselect 1 \\gx\n';
    assert.equal(await faults(sql), sql);
  });

  it('says nothing of what may be the inside of an open quote', async () => {
    assert.equal(await faults("select 1 from t where a = 'x; select 'b', 'c'; selct 2; select 'd'"), "select 1 from t where a = 'x; select '«b»', 'c'; selct 2; select 'd'");
  });
});

describe('findings of a text', () => {
  it('stand where they are in the text, whatever is before them', async () => {
    const sql = '-- ä\nselect 1;\n\n/* 🙂 */ delete from t; create policy p on t for all using (true);';
    assert.equal(marked(sql, await findingsIn(sql)), '-- ä\nselect 1;\n\n/* 🙂 */ delete from «t»; create policy p on t for all using («true»);');
  });

  it('are put aside by a comment with a reason, above, within and behind the statement', async () => {
    const suppressed = [
      '-- opsbook: ignore OB206 because the table is a queue\ndelete from t;',
      '/* opsbook: ignore OB101, OB206 because x */ delete from t;',
      'delete from t -- opsbook: ignore OB206 because all rows are meant\n;',
      'delete from t; -- opsbook: ignore OB206 because all rows are meant',
      'select 1;\n\n-- opsbook: ignore-file OB206 because this is a script for a new database\n\ndelete from t;',
    ];
    for (const sql of suppressed) {
      assert.deepEqual(await findingsIn(sql), [], sql);
    }
  });

  it('stay where the comment gives no reason, another code, or stands elsewhere', async () => {
    const codes = async (sql: string): Promise<string[]> => (await findingsIn(sql)).map(({ code }) => code);
    assert.deepEqual(await codes('-- opsbook: ignore OB206\ndelete from t;'), ['OB002', 'OB206']);
    assert.deepEqual(await codes('-- opsbook: ignore OB206 because\ndelete from t;'), ['OB002', 'OB206']);
    assert.deepEqual(await codes('-- opsbook: ignore OB999 because it is not there\ndelete from t;'), ['OB002', 'OB206']);
    assert.deepEqual(await codes('-- opsbook: ignore OB206 because it is far away\n\ndelete from t;'), ['OB206']);
    assert.deepEqual(await codes('-- opsbook: ignore OB206 because x\ndelete from t; delete from t;'), ['OB206']);
    assert.deepEqual(await codes("select '-- opsbook: ignore OB206 because x'; delete from t;"), ['OB206']);
  });

  it('are looked for in changed statements alone', async () => {
    const parsed: string[] = [];
    const counting: SqlGrammar = {
      parse: async (statement, within) => {
        parsed.push(statement);
        return grammar.parse(statement, within);
      },
      parseProcedural: async (statement, within) => grammar.parseProcedural(statement, within),
    };
    const text = new SqlText({ grammar: counting, rules });
    const around = await surroundings({});
    const sql = Array.from({ length: 40 }, (_, index) => `delete from t${index};`).join('\n');
    text.update(sql);
    assert.equal((await text.findings(around, signal)).length, 40);
    assert.equal(parsed.splice(0).length, 40);
    text.update(sql.replace('t20;', 't20 where id = 1;'));
    assert.equal((await text.findings(around, signal)).length, 39);
    assert.deepEqual(parsed.splice(0), ['delete from t20 where id = 1']);
    text.update(sql);
    assert.equal((await text.findings(around, signal)).length, 40);
    assert.deepEqual(parsed, []);
  });

  it('are those of the text read at once, whatever was edited before', async () => {
    const pieces = [
      'create table a (id int primary key, b int references b (id), at timestamp);',
      'create table if not exists b (id int);',
      'alter table a enable row level security;',
      'create index on a (b);',
      'drop table a;',
      'drop table if exists b;',
      'create view v as select * from a;',
      "create function f() returns int language sql security definer as 'select 1';",
      'delete from a;',
      'select id, nothing from a;',
      'select 1;',
      ';',
      '-- opsbook: ignore OB206 because it is a test\n',
      "'",
      'x',
      '\n\n',
    ];
    let seed = 3;
    const next = (below: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      return (seed >> 8) % below;
    };
    const catalog = new Catalog(catalogOf(['public.a(id)', 'public.b(id)']));
    const withCatalog: NameKnowledge = { kind: 'catalog', version: 'db 1', overlay: () => new CatalogOverlay(catalog), disturbed: () => new Disturbed([]) };
    let compared = 0;
    let found = 0;
    for (const around of [await surroundings({}), { ...(await surroundings({})), names: withCatalog }]) {
      for (let run = 0; run < 12; run++) {
        const edited = new SqlText({ grammar, rules });
        let sql = '';
        for (let edit = 0; edit < 30; edit++) {
          const at = next(3) === 0 ? next(sql.length + 1) : Math.max(0, sql.lastIndexOf(';', next(sql.length + 1)) + 1);
          sql = sql.slice(0, at) + (pieces[next(pieces.length)] ?? '') + sql.slice(at + (next(4) === 0 ? next(40) : 0));
          edited.update(sql);
          const atOnce = new SqlText({ grammar, rules });
          atOnce.update(sql);
          const findings = await edited.findings(around, signal);
          // A text that ends within a quote is where the two differ on purpose.
          if (splitStatements(sql).at(-1)?.unfinished === undefined) {
            const expected = await atOnce.findings(around, signal);
            assert.deepEqual(sorted(findings), sorted(expected), JSON.stringify(sql));
            compared++;
            found += expected.length;
          }
        }
      }
    }
    assert.ok(compared > 300 && found > 1000, `${compared} ${found}`);
  });

  it('are given up when nobody waits for them', async () => {
    const text = new SqlText({ grammar, rules });
    text.update('select 1');
    const controller = new AbortController();
    controller.abort();
    await assert.rejects(text.findings(await surroundings({}), controller.signal), { code: 'cancelled' });
  });
});

describe('the table of rules', () => {
  it('has one rule per code and name, each with its words', () => {
    assert.equal(new Set(rules.map(({ code }) => code)).size, rules.length);
    assert.equal(new Set(rules.map(({ name }) => name)).size, rules.length);
    for (const { code, name, title, why, whatToDo, severity } of rules) {
      assert.match(code, /^OB\d{3}$/);
      assert.match(name, /^[a-z]+(-[a-z]+)+$/);
      assert.ok(title !== '' && why.length > 30 && whatToDo.length > 15, code);
      assert.ok(severity !== 'error' || code === 'OB001' || code === 'OB410', `${code}: only what the server refuses is an error`);
    }
  });
});
