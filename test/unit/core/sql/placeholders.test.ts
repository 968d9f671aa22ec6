import assert from 'node:assert/strict';
import { createSqlGrammar } from '../../../../src/adapters/sql/grammar.ts';
import { isOpsError } from '../../../../src/core/errors.ts';
import { bindValues, prepareStatement, type PreparedStatement } from '../../../../src/core/sql/placeholders.ts';

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

  it('refuses what would have to be spliced', async () => {
    const table = await prepareStatement('select * from <table>', grammar, signal);
    assert.deepEqual(table, { kind: 'invalid', message: 'syntax error at or near "<"', position: 15 });
    const column = await prepareStatement('update t set {{column}} = 1', grammar, signal);
    assert.ok(column.kind === 'invalid' && column.position === 14);
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
