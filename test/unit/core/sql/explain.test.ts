import assert from 'node:assert/strict';
import { createSqlGrammar } from '../../../../src/adapters/sql/grammar.ts';
import { explain, writtenExplain, type WrittenExplain } from '../../../../src/core/sql/explain.ts';

const grammar = createSqlGrammar({ workerPath: '' });

async function written(statement: string): Promise<WrittenExplain | undefined> {
  const parsed = await grammar.parse(statement, AbortSignal.timeout(5_000));
  assert.ok(parsed.kind === 'parsed', statement);
  return writtenExplain(statement, parsed.tree);
}

describe('asking for a plan', () => {
  const asJson: readonly (readonly [string, string])[] = [
    ['explain select 1', 'explain (format json) select 1'],
    ['EXPLAIN ANALYZE select 1', 'EXPLAIN (analyze, format json) select 1'],
    ['explain analyse verbose select 1', 'explain (analyze, verbose, format json) select 1'],
    ['explain /* now */ verbose\nselect 1', 'explain /* now */ (verbose, format json)\nselect 1'],
    ['explain (select 1)', 'explain (format json) (select 1)'],
    ['explain analyze (select 1)', 'explain (analyze, format json) (select 1)'],
    ['-- 😀 why\nexplain ( costs off, buffers ) select 1', '-- 😀 why\nexplain (format json,  costs off, buffers ) select 1'],
  ];
  for (const [statement, text] of asJson) {
    it(`gets it as JSON from ${JSON.stringify(statement)}`, async () => {
      const explained = await written(statement);
      assert.deepEqual([explained?.text, explained?.isJson], [text, true]);
      assert.equal((await grammar.parse(text, AbortSignal.timeout(5_000))).kind, 'parsed');
      // What stands behind the options is found again where it was written.
      const points = (of: string): string[] => [...of];
      assert.equal(points(statement)[(explained?.toWritten(points(text).indexOf('1') + 1) ?? 0) - 1], '1');
    });
  }

  it('leaves a format that was asked for, and what is no EXPLAIN', async () => {
    for (const [statement, isJson] of [['explain (format yaml) select 1', false], ['explain (format TEXT, analyze) select 1', false], ['explain (analyze, format json) select 1', true], ["explain (format 'json') select 1", true]] as const) {
      const explained = await written(statement);
      assert.deepEqual([explained?.text, explained?.isJson], [statement, isJson]);
    }
    assert.equal(await written('select 1'), undefined);
    assert.equal(await written("select 'explain select 1'"), undefined);
  });

  it('has what stands before a statement counted off places in it', () => {
    const { text, prefix, toWritten } = explain('select x', { analyze: true });
    assert.equal(text, `${prefix}select x`);
    assert.deepEqual([toWritten(prefix.length + 8), toWritten(3)], [8, 1]);
  });
});
