import assert from 'node:assert/strict';
import { isOpsError } from '../../../../src/core/errors.ts';
import type { SortKey } from '../../../../src/core/results/arrangement.ts';
import { filterFor, parseFilter } from '../../../../src/core/results/filter.ts';
import { compareCells, orderingOf, parseTime, secondsOfInterval } from '../../../../src/core/results/ordering.ts';
import { ResultView } from '../../../../src/core/results/resultView.ts';
import { RowStore } from '../../../../src/core/results/rowStore.ts';
import type { Cell, Column, ColumnCategory, Row } from '../../../../src/core/sql/result.ts';
import { FakeScratchSpace } from '../../../fakes/scratchSpace.ts';

const signal = new AbortController().signal;
const column = (category: ColumnCategory, type = 'x'): Column => ({ name: 'c', type, category });

/** Already in order, with equal neighbours written as a list. */
function assertOrder(of: Column, ...cells: (string | string[])[]): void {
  const ordering = orderingOf(of);
  for (const [i, a] of cells.entries()) {
    for (const [j, b] of cells.entries()) {
      for (const x of [a].flat()) {
        for (const y of [b].flat()) {
          assert.equal(Math.sign(compareCells(ordering, x, y)), Math.sign(i - j), `${x} and ${y}`);
        }
      }
    }
  }
}

describe('the order of cells', () => {
  it('of numbers is exact, however long they are', () => {
    assertOrder(column('number'), '-Infinity', '-2', ['-0', '0', '0.000'], '0.1', '9007199254740992', '9007199254740993', '9007199254740993.0000000000000000000001', '1e300', 'Infinity', 'NaN', 'none');
    assertOrder(column('number', 'money'), '-$1,234.50', '$2.00', '$1,000.00');
  });

  it('of times is that of moments, whatever their zone', () => {
    assertOrder(column('time'), '-infinity', '0044-03-15 BC', '1969-12-31', ['2024-10-27 02:30:00+02', '2024-10-27 00:30:00Z'], '2024-10-27 02:10:00+01', '2024-10-27 02:10:00.000001+01', '2024-10-27 02:10:00.5+01', '12024-01-01', '294276-12-31 23:59:59.999999', '5874897-12-31', 'infinity', 'yesterday');
    for (const text of ['0001-01-01 00:00:00', '1600-02-29 23:59:59', '1900-03-01 00:00:00', '1970-01-01 00:00:00', '2000-02-29 12:00:00', '2026-12-31 00:00:01', '9999-12-31 23:59:59']) {
      assert.equal(parseTime(text)?.seconds, Date.parse(`${text.replace(' ', 'T')}Z`) / 1000, text);
    }
    assert.equal(parseTime('4713-01-01 BC')?.seconds, Date.UTC(-4712, 0, 1) / 1000);
    assertOrder(column('text', 'interval'), '-1 days', '00:00:00', '23:59:59.5', ['1 day', '24:00:00'], '29 days', ['1 mon', '30 days'], '1 year 2 mons', '400 years');
    assert.equal(secondsOfInterval('1 day -02:00:00'), 79_200);
    assert.equal(secondsOfInterval('P1D'), undefined);
  });

  it('of texts looks at case last', () => {
    assertOrder(column('text'), '', 'a', 'A', 'ab', 'AB', 'abc', 'b', 'é');
    assertOrder(column('boolean'), 'false', 'true');
  });
});

describe('a filter above a column', () => {
  const kept = (of: Column, text: string, cells: Cell[]): Cell[] => cells.filter(parseFilter(text, of) ?? (() => true));

  it('keeps what contains the text, in any case', () => {
    const cells = ['Apple', 'pineapple', '', null, '= 1'];
    assert.deepEqual(kept(column('text'), 'APP', cells), ['Apple', 'pineapple']);
    assert.deepEqual(kept(column('text'), '  ', cells), cells);
    assert.deepEqual(kept(column('text'), '=', cells), ['']);
    assert.deepEqual(kept(column('text'), '= = 1', cells), ['= 1']);
  });

  it('tells null from empty', () => {
    assert.deepEqual(kept(column('text'), 'null', ['', null, 'null']), [null]);
    assert.deepEqual(kept(column('text'), 'not null', ['', null]), ['']);
    assert.deepEqual(kept(column('text'), '!= a', ['', null, 'a']), ['']);
  });

  it('is made for any value, and keeps that alone', () => {
    const cells = ['', 'a', ' a', 'a ', 'a\nb', '"a"', '"', '= a', 'null', '\\x00'];
    for (const cell of cells) {
      assert.deepEqual(kept(column('text'), filterFor(cell), cells), [cell]);
    }
  });

  it('compares as the type does', () => {
    assert.deepEqual(kept(column('number'), '>= 9.50', ['9.5', '10', '9.49', null]), ['9.5', '10']);
    assert.deepEqual(kept(column('number'), '=5', ['5.00', '50']), ['5.00']);
    assert.deepEqual(kept(column('text'), '< b', ['a', 'B', 'c']), ['a']);
    assert.deepEqual(kept(column('time'), '> 2024-01-01', ['2023-12-31 23:59:59+00', '2024-01-02 00:00:00+00']), ['2024-01-02 00:00:00+00']);
    assert.deepEqual(kept(column('text'), '<> A', ['a', 'A']), ['a']);
  });
});

describe('a view of a result', () => {
  const columns: Column[] = [
    { name: 'id', type: 'int4', category: 'number' },
    { name: 'name', type: 'text', category: 'text' },
  ];

  async function viewOf(rows: readonly Row[], memory = 0): Promise<ResultView> {
    const store = new RowStore(new FakeScratchSpace(), { memory, block: 200, cachedBlocks: 2 });
    await store.append(rows);
    return new ResultView(store, columns);
  }

  const ids = async (view: ResultView): Promise<Cell[]> => (await view.rows(0, 10_000)).rows.map((row) => row[0] ?? null);
  const sort = (...sort: [number, 'up' | 'down'][]): { sort: SortKey[]; filters: [] } => ({ sort: sort.map(([at, way]) => ({ column: at, descending: way === 'down' })), filters: [] });

  it('shows rows as they came, then sorted, nulls last either way, then as they came again', async () => {
    const view = await viewOf([['10', 'b'], [null, 'a'], ['9', 'b'], ['10', null]]);
    assert.deepEqual(await ids(view), ['10', null, '9', '10']);
    await view.arrange(sort([0, 'up']), signal);
    assert.deepEqual(await ids(view), ['9', '10', '10', null]);
    await view.arrange(sort([0, 'down']), signal);
    assert.deepEqual(await ids(view), ['10', '10', '9', null]);
    await view.arrange(sort([1, 'up'], [0, 'down']), signal);
    assert.deepEqual((await view.rows(0, 9)).numbers, [1, 0, 2, 3]);
    await view.arrange(sort(), signal);
    assert.deepEqual(await ids(view), ['10', null, '9', '10']);
  });

  it('keeps equal rows in the order they had, over many runs and blocks', async () => {
    const view = await viewOf(Array.from({ length: 9000 }, (_, index) => [String(index % 7), String(index)]));
    await view.arrange(sort([0, 'down']), signal);
    const { rows, numbers } = await view.rows(0, 9000);
    for (let index = 1; index < rows.length; index++) {
      const [a, b] = [Number(rows[index - 1]?.[0]), Number(rows[index]?.[0])];
      assert.ok(a > b || (a === b && (numbers[index - 1] ?? 0) < (numbers[index] ?? 0)), `at ${index}`);
    }
    assert.equal(new Set(numbers).size, 9000);
  });

  it('filters, and sorts what is left', async () => {
    const view = await viewOf(Array.from({ length: 300 }, (_, index) => [String(index), index % 2 === 0 ? 'even' : 'odd']));
    await view.arrange({ sort: [{ column: 0, descending: true }], filters: [{ column: 1, text: '= odd' }, { column: 0, text: '> 250' }] }, signal);
    assert.equal(view.rowCount, 25);
    assert.deepEqual((await ids(view)).slice(0, 3), ['299', '297', '295']);
    assert.deepEqual((await view.rows(24, 5)).numbers, [251]);
  });

  it('stays as it was when it is cancelled', async () => {
    const view = await viewOf([['1', 'a'], ['2', 'b']]);
    await assert.rejects(view.arrange(sort([0, 'down']), AbortSignal.abort()), (error) => isOpsError(error, 'cancelled'));
    assert.deepEqual([await ids(view), view.arrangement.sort], [['1', '2'], []]);
  });

  it('gives some columns of its first rows, fewer rows when they are long', async () => {
    const view = await viewOf(Array.from({ length: 2000 }, (_, index) => [String(index), `text ${index}`]));
    await view.arrange(sort([0, 'down']), signal);
    const [first] = (await view.rows(0, 1)).rows;
    const slim = await view.slim([1], { rows: 3, characters: 1e6 }, signal);
    assert.deepEqual([slim.length, slim[0]?.[1], slim[0]?.[0]], [3, first?.[1], undefined]);
    assert.ok((await view.slim([0, 1], { rows: 1e6, characters: 1 }, signal)).length < view.rowCount);
    assert.equal((await view.slim([0], { rows: 1e6, characters: 1e9 }, signal)).length, view.rowCount);
  });

  it('finds the next and the one before, around the end, in the order that is shown', async () => {
    const rows: Row[] = Array.from({ length: 2000 }, (_, index) => [String(index), index % 900 === 0 ? 'Needle' : null]);
    const view = await viewOf(rows);
    assert.deepEqual(await view.find('needle', { row: 0, column: 1 }, 'next', signal), { row: 900, column: 1 });
    assert.deepEqual(await view.find('needle', { row: 1900, column: 0 }, 'next', signal), { row: 0, column: 1 });
    assert.deepEqual(await view.find('needle', { row: 900, column: 1 }, 'previous', signal), { row: 0, column: 1 });
    assert.deepEqual(await view.find('needle', { row: 0, column: 0 }, 'previous', signal), { row: 1800, column: 1 });
    assert.equal(await view.find('hay', { row: 0, column: 0 }, 'next', signal), undefined);
    await view.arrange(sort([0, 'down']), signal);
    assert.deepEqual(await view.find('needle', { row: 0, column: 0 }, 'next', signal), { row: 199, column: 1 });
  });
});
