import assert from 'node:assert/strict';
import { createSqlGrammar } from '../../../../src/adapters/sql/grammar.ts';
import { lostColumns } from '../../../../src/core/sql/sameNames.ts';

const grammar = createSqlGrammar({ workerPath: '' });

describe('columns of one name', () => {
  const cases: readonly (readonly [statement: string, came: number, lost: number | undefined])[] = [
    ['select a.id, b.id, b.name from a join b using (x)', 2, 1],
    ['select 1 as a, 2 as b', 2, 0],
    ['select 1, 2, 3', 1, 2],
    ['select id, id from a union select 1, 2', 1, 1],
    ['with x as (select 1 as a, 2 as a) select count(*) from x', 1, 0],
    ['select * from a', 5, 0],
    ['select * from (select * from a, b) as c', 5, 0],
    ['select * from a join b on a.id = b.id', 5, undefined],
    ['select a.* from a, b', 5, undefined],
    ['values (1, 2)', 2, 0],
    ['show timezone', 1, 0],
    ['insert into a values (1) returning id', 1, 0],
  ];
  for (const [statement, came, lost] of cases) {
    it(`in ${statement}`, async () => {
      const parsed = await grammar.parse(statement, AbortSignal.timeout(5_000));
      assert.ok(parsed.kind === 'parsed');
      assert.equal(lostColumns(parsed.tree, came), lost);
    });
  }
});
