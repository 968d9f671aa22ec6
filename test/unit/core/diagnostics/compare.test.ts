import assert from 'node:assert/strict';
import { loadMarkdownGrammar } from '../../../../src/adapters/text/markdown.ts';
import { compareSnapshots, type Change } from '../../../../src/core/diagnostics/compare.ts';
import { findingOf, mostRows, type Finding } from '../../../../src/core/diagnostics/finding.ts';
import { judgeDiagnostic } from '../../../../src/core/diagnostics/run.ts';
import { parseDocument } from '../../../../src/core/runbook/parseDocument.ts';
import type { Cell, Row } from '../../../../src/core/sql/result.ts';

const columnsOf = (names: string) => names.split(' ').map((name) => ({ name, type: 'unknown', category: 'text' as const }));

async function finding(options: string, columns: string, rows: readonly Row[]): Promise<Finding> {
  const [step] = parseDocument('file:///d.md', `# D\n\n\`\`\`sql title="Cache" ${options}\nselect 1\n\`\`\`\n`, await loadMarkdownGrammar()).sections.flatMap(({ steps }) => steps);
  assert.ok(step);
  const result = { columns: columnsOf(columns), rows, truncated: false };
  return findingOf({ step, source: 'd.md', topic: 'D' }, { result, verdict: judgeDiagnostic(step, result) });
}

describe('what a diagnostic said', () => {
  const names = async (options: string, columns: string, ...row: Cell[]) => (await finding(options, columns, [row])).rows.map(({ name }) => name);

  it('is by row: words before the first number name it', async () => {
    assert.deepEqual(await names('warn="n > 1"', 'schema_name table_name n', 'public', 'orders', '5'), ['public · orders']);
    assert.deepEqual(await names('warn="rows > 0"', 'schema_name table_name policy roles', 'public', 'orders', 'own', 'anon'), ['public · orders · own']);
    assert.deepEqual(await names('warn="n > 1"', 'slot active n', 'replica', 'true', '5'), ['replica']);
  });

  it('is by row: a process id names nothing that lasts, and the gravest row stands for all', async () => {
    const { rows, rowCount } = await finding('warn="n > 1"', 'pid role n', [['77', 'me', '2'], ['78', 'you', '9']]);
    assert.deepEqual([rows, rowCount], [[{ name: '', values: { n: '9' } }], 2]);
  });

  it('is by row: the fence says which columns name one', async () => {
    assert.deepEqual(await names('warn="n > 1" key="role, query"', 'n role query', '5', 'me', 'select\n  1'), ['me · select 1']);
  });

  it('keeps no secret and no endless text', async () => {
    const [name = ''] = await names('warn="n > 1" key="query"', 'n query', '5', `select 'sbp_${'0a'.repeat(20)}', ${'x'.repeat(500)}`);
    assert.equal(name.length, 200);
    assert.doesNotMatch(name, /0a0a/);
  });

  it('keeps the gravest rows, so many and no more', async () => {
    const rows = Array.from({ length: 80 }, (_, index) => [`t${index}`, String(index)]);
    const kept = await finding('warn="n > 1"', 'table_name n', rows);
    assert.deepEqual([kept.rows.length, kept.rows[0], kept.rowCount], [mostRows, { name: 't79', values: { n: '79' } }, 80]);
  });
});

describe('two times of a diagnostic', () => {
  const compared = async (options: string, columns: string, before: readonly Row[], after: readonly Row[], optionsAfter = options): Promise<Change> => {
    const [change, ...others] = compareSnapshots({ findings: [await finding(options, columns, before)] }, { findings: [await finding(optionsAfter, columns, after)] });
    assert.ok(change && others.length === 0);
    return change;
  };

  for (const [before, after, kind] of [
    ['99.5', '97', 'worse'],
    ['90', '97', 'better'],
    ['99.5', '99.4', 'moved'],
    ['99.5', '99.50', 'same'],
    [null, '99.5', 'unclear'],
    ['90', null, 'unclear'],
    [null, null, 'same'],
  ] as const) {
    it(`are ${kind}: ${before ?? 'unknown'}, then ${after ?? 'unknown'}`, async () => {
      assert.equal((await compared('warn="ratio < 99%" critical="ratio < 95%"', 'ratio', [[before]], [[after]])).kind, kind);
    });
  }

  it('tell by how much a number of each row moved, exactly and in percent, the largest change first', async () => {
    const { moves } = await compared('warn="n > 100"', 'table_name n', [['a', '10'], ['b', '0.1'], ['c', '0'], ['d', '7']], [['a', '12'], ['b', '0.3'], ['c', '1'], ['d', '7']]);
    assert.deepEqual(moves, [
      { name: 'c', measure: 'n', before: '0', after: '1', by: '+1' },
      { name: 'b', measure: 'n', before: '0.1', after: '0.3', by: '+0.2', percent: 200 },
      { name: 'a', measure: 'n', before: '10', after: '12', by: '+2', percent: 20 },
    ]);
  });

  it('tell of numbers without end, and of times in words', async () => {
    const large = await compared('warn="n > 1"', 'n', [['123456789012345678901234567890']], [['123456789012345678901234567880']]);
    assert.equal(large.moves[0]?.by, '-10');
    const time = await compared('warn="age > 1h"', 'age', [['00:30:00']], [['00:45:00']]);
    assert.deepEqual(time.moves, [{ name: '', measure: 'age', before: '00:30:00', after: '00:45:00', percent: 50 }]);
  });

  it('tell which rows came and which are gone', async () => {
    const { kind, came, went, moves } = await compared('warn="rows > 0"', 'table_name', [['a'], ['b']], [['b'], ['c'], ['d']]);
    assert.deepEqual([kind, came, went, moves], ['moved', ['c', 'd'], ['a'], [{ name: '', measure: 'rows', before: '2', after: '3', by: '+1', percent: 50 }]]);
  });

  it('claim nothing of rows that were not kept', async () => {
    const many = Array.from({ length: 60 }, (_, index) => [`t${index}`, '5']);
    const { came, went } = await compared('warn="n > 1"', 'table_name n', many, many.toReversed());
    assert.deepEqual([came, went], [[], []]);
  });

  it('say that the limits are others', async () => {
    const { otherLimits, kind } = await compared('warn="n > 1"', 'n', [['5']], [['5']], 'warn="n > 9"');
    assert.deepEqual([otherLimits, kind], [true, 'better']);
  });

  it('know what only one of them has, and two of one title from each other', async () => {
    const [one, other] = [await finding('warn="n > 1"', 'n', [['1']]), await finding('warn="n > 1"', 'n', [['5']])];
    assert.deepEqual(compareSnapshots({ findings: [one, one] }, { findings: [one, other] }).map(({ kind }) => kind), ['worse', 'same']);
    assert.deepEqual(compareSnapshots({ findings: [] }, { findings: [one] }).map(({ kind }) => kind), ['new']);
    assert.deepEqual(compareSnapshots({ findings: [one] }, { findings: [] }).map(({ kind }) => kind), ['gone']);
  });
});
