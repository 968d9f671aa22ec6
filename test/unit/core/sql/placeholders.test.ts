/* eslint no-template-curly-in-string: off -- what programs fill in is read here */
import assert from 'node:assert/strict';
import { createSqlGrammar } from '../../../../src/adapters/sql/grammar.ts';
import { isOpsError } from '../../../../src/core/errors.ts';
import { bindValues, prepareStatement, spliceIdentifiers, type PreparedStatement } from '../../../../src/core/sql/placeholders.ts';

const grammar = createSqlGrammar({ workerPath: '' });
const { signal } = new AbortController();

async function prepared(sql: string): Promise<Extract<PreparedStatement, { kind: 'parsed' }>> {
  const result = await prepareStatement(sql, grammar, signal);
  assert.ok(result.kind === 'parsed', `${sql}: ${JSON.stringify(result)}`);
  assert.equal(result.text.length, sql.length);
  for (const { name, ranges } of result.placeholders) {
    for (const { start, end } of ranges) {
      assert.ok(sql.slice(start, end).includes(name));
    }
  }
  return result;
}

describe('placeholders in SQL', () => {
  const texts: [sql: string, sent: string, names: string[]][] = [
    ['select * from t where id = $1 and b = $2', 'select * from t where id = $1 and b = $2', ['$1', '$2']],
    ['select * from t where id = :user_id', 'select * from t where id = $1      ', ['user_id']],
    ['select * from t where id = {{ user id }}', 'select * from t where id = $1           ', ['user id']],
    ['select * from t where id = <your-id>', 'select * from t where id = $1       ', ['your-id']],
    ['select * from t where id =<id> limit :n', 'select * from t where id =$2   limit $1', ['id', 'n']],
    ["select :'name'", 'select $1     ', ['name']],
    ['select :a::text, :b::int, $1', 'select $2::text, $3::int, $1', ['a', 'b', '$1']],
    ['select :a, :b, :a', 'select $1, $2, $1', ['a', 'b']],
    ['select {{a}}, :a, <a>', 'select $1   , $1, $1 ', ['a']],
    ['select ar[1:n] from t where x < y and z > w and id = :n', 'select ar[1:n] from t where x < y and z > w and id = $1', ['n']],
    ['select a from t where a < :low and b > :high', 'select a from t where a < $1   and b > $2   ', ['low', 'high']],
    ["insert into t values ({{it's}}, ':a', \"<b>\", /* :c */ $$:d$$)", "insert into t values ($1      , ':a', \"<b>\", /* :c */ $$:d$$)", ["it's"]],
    ['select 1 limit{{n}}', 'select 1 limit $1  ', ['n']],
    ['select :größe', 'select $1    ', ['größe']],
  ];
  for (const [sql, sent, names] of texts) {
    it(sql, async () => {
      const { text, placeholders } = await prepared(sql);
      assert.equal(text, sent);
      assert.deepEqual(placeholders.map(({ name }) => name), names);
    });
  }

  it('finds none where the text parses as it is', async () => {
    const none = [
      'select a < b and c > d from t',
      'select a <b and c> d from t',
      'select ar[1:n], ar[:n], ar[n:] from t',
      "select x::text, f(a := 1), json_object('a':b)",
      "select ':a', '{{b}}', '<c>', \":d\" from t -- :e <f> {{g}}",
      "select '{\"a\":1}'::jsonb ->> 'a', a <@ b, a <> b, a <= b, a <-> b",
    ];
    for (const sql of none) {
      assert.deepEqual((await prepared(sql)).placeholders, [], sql);
      assert.equal((await prepared(sql)).text, sql);
    }
  });

  it('numbers behind the parameters that the text has', async () => {
    const { placeholders } = await prepared('select $3, :a, $1');
    assert.deepEqual(placeholders.map(({ name, parameter }) => [name, parameter]), [['$3', 3], ['a', 4], ['$1', 1]]);
  });

  it('gives short names the short numbers', async () => {
    const names = 'abcdefghi'.split('').map((name) => `:${name}`);
    const { placeholders } = await prepared(`select :long_name, ${names.join(', ')}`);
    assert.equal(placeholders[0]?.parameter, 10);
  });

  const names: [sql: string, parsed: string, open: string[]][] = [
    ['select * from <table>', 'select * from p______', ['table']],
    ['select * from {{schema}}.{{table}} where id = :id', 'select * from p_________.p________ where id = $1 ', ['schema', 'table']],
    ['update t set {{column}} = {{value}}', 'update t set p_________ = $1       ', ['column']],
    ['insert into :t (:c) values (:c)', 'insert into p_ (p_) values ($1)', ['t', 'c']],
    ['select a from t order by :column desc', 'select a from t order by p______ desc', ['column']],
    ['select {{a}}, count(*) from t group by {{a}}', 'select p____, count(*) from t group by p____', ['a']],
    ['alter table <table> add column {{name}} int', 'alter table p______ add column p_______ int', ['table', 'name']],
    ['drop table {{t}}', 'drop table p____', ['t']],
    ['select {{fn}}(1)', 'select p_____(1)', ['fn']],
  ];
  for (const [sql, parsed, open] of names) {
    it(`takes a name where only a name can stand: ${sql}`, async () => {
      const { text, placeholders } = await prepared(sql);
      assert.equal(text, parsed);
      assert.deepEqual(placeholders.filter(({ parameter }) => parameter === undefined).map(({ name }) => name), open);
      assert.throws(() => bindValues(placeholders, new Map(open.map((name) => [name, 'x']))), (error) => isOpsError(error, 'placeholdersLeft'));
    });
  }

  it('puts names in quoted, says where each place was, and leaves values to be bound', async () => {
    const sql = 'select {{a}} from {{t}} where b = :b and c = {{t}}';
    const { placeholders } = await prepared(sql);
    const values = new Map([['t', 'public.My table; drop'], ['a', '"a.b""c"'], ['b', '1']]);
    const spliced = spliceIdentifiers(sql, placeholders, values);
    assert.equal(spliced.text, 'select {{a}} from "public"."My table; drop" where b = :b and c = {{t}}');
    for (const word of ['select', 'from', 'where', 'and c']) {
      assert.equal(spliced.toWritten(spliced.text.indexOf(word)), sql.indexOf(word), word);
    }
    assert.equal(spliced.toWritten(spliced.text.indexOf('My')), sql.indexOf('{{t}}'));
    const again = await prepared(spliced.text);
    assert.deepEqual(bindValues(again.placeholders, values), ['1', '"a.b""c"', 'public.My table; drop']);
    assert.throws(() => spliceIdentifiers(sql, placeholders, new Map([['t', 'a.']])), (error) => isOpsError(error, 'placeholdersLeft') && error.facts.names.join() === 't');
  });

  it('takes what a program fills in for a placeholder whatever the grammar says', async () => {
    const sql = 'select ${a.b} from ${table} where id = ${ id }';
    const openings = ['${a.b}', '${table}', '${ id }'].map((written) => ({ name: written.slice(2, -1).trim(), range: { start: sql.indexOf(written), end: sql.indexOf(written) + written.length } }));
    const result = await prepareStatement(sql, grammar, signal, openings);
    assert.ok(result.kind === 'parsed');
    assert.equal(result.text, 'select $1     from p_______ where id = $2     ');
    assert.deepEqual(result.placeholders.map(({ name, parameter }) => [name, parameter]), [['a.b', 1], ['table', undefined], ['id', 2]]);
    const spliced = spliceIdentifiers(sql, result.placeholders, new Map([['table', 'orders']]), openings);
    assert.equal(spliced.text, 'select ${a.b} from "orders" where id = ${ id }');
    assert.deepEqual(spliced.openings.map(({ name, range }) => [name, spliced.text.slice(range.start, range.end)]), [['a.b', '${a.b}'], ['id', '${ id }']]);
  });

  it('refuses what is neither a value nor a name', async () => {
    for (const sql of ['select a from t limit 1 {{rest}}', 'create {{what}} t']) {
      const result = await prepareStatement(sql, grammar, signal);
      assert.ok(result.kind === 'invalid' && result.position === sql.lastIndexOf('{{') + 1, `${sql}: ${JSON.stringify(result)}`);
    }
  });

  it('says where the real error is, not where the placeholder is', async () => {
    const result = await prepareStatement("select '🙂', :a form t t", grammar, signal);
    assert.deepEqual(result, { kind: 'invalid', message: 'syntax error at or near "t"', position: 21 });
    const comparison = await prepareStatement('select a<b>c', grammar, signal);
    assert.ok(comparison.kind === 'invalid' && comparison.message.includes('">"'));
  });

  it('binds values by name and never touches the text', async () => {
    const { placeholders, text } = await prepared('select :b, $1, :a');
    const values = new Map([
      ['a', "'; drop table t; --"],
      ['b', null],
      ['$1', '7'],
    ]);
    assert.deepEqual(bindValues(placeholders, values), ['7', null, "'; drop table t; --"]);
    assert.equal(text, 'select $2, $1, $3');
  });

  it('names the placeholders that have no value', async () => {
    const { placeholders } = await prepared('select :b, :a');
    assert.throws(
      () => bindValues(placeholders, new Map([['a', '1']])),
      (error) => isOpsError(error, 'placeholdersLeft') && error.facts.names.join() === 'b',
    );
  });
});
