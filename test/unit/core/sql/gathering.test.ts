import assert from 'node:assert/strict';
import { createSqlGrammar } from '../../../../src/adapters/sql/grammar.ts';
import { gathersRows } from '../../../../src/core/sql/gathering.ts';

const grammar = createSqlGrammar({ workerPath: '' });

async function gathers(sql: string): Promise<boolean> {
  const parsed = await grammar.parse(sql, new AbortController().signal);
  assert.ok(parsed.kind === 'parsed', sql);
  return gathersRows(parsed.tree);
}

describe('a query that makes few rows of many', () => {
  it('groups, or selects an aggregate', async () => {
    for (const sql of [
      'select count(*) from t',
      'select 1 + pg_catalog.sum(a)::int from t',
      'with a as (select 1) select max(x) from a order by 1',
      'select kind from t group by kind',
      'select own.total(a order by a) from t',
      'select total(distinct a) filter (where a > 1) from t',
    ]) {
      assert.equal(await gathers(sql), true, sql);
    }
  });

  it('is none that has a row for each row, or gathers only within', async () => {
    for (const sql of [
      'select * from t',
      'select (select count(*) from u) from t',
      'select count(*) over (partition by a) from t',
      'select own.count(a) from t',
      'select a from t having true',
      'select count(*) from t union all select a from u',
      'values (1)',
      'insert into t select count(*) from u',
    ]) {
      assert.equal(await gathers(sql), false, sql);
    }
  });
});
