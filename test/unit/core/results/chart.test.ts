import assert from 'node:assert/strict';
import { chartData, drawable, shortTimes, suggestChart, ticks, type ChartChoice, type ChartData } from '../../../../src/core/results/chart.ts';
import type { Column, ColumnCategory, Row } from '../../../../src/core/sql/result.ts';

const column = (name: string, category: ColumnCategory, type = 'x'): Column => ({ name, type, category });

function suggest(columns: Column[], rows: Row[]): ChartChoice | undefined {
  return suggestChart(columns, drawable(columns, rows), rows);
}

const byFirst = (kind: ChartChoice['kind'], ...ys: number[]): ChartChoice => ({ kind, x: 0, ys, fold: 'sum' });
const valuesOf = ({ series }: ChartData) => series.map(({ values }) => values);

describe('a drawing of a result', () => {
  it('of times is a line, of categories bars, and ids are no measure', () => {
    assert.deepEqual(suggest([column('user_id', 'number'), column('name', 'text'), column('at', 'time'), column('count', 'number'), column('ms', 'number')], []), { kind: 'line', x: 2, ys: [3, 4], fold: 'sum' });
    assert.deepEqual(suggest([column('id', 'number'), column('state', 'text')], []), { kind: 'bar', x: 1, ys: [0], fold: 'sum' });
    assert.equal(suggest([column('a', 'number'), column('b', 'number')], []), undefined);
    assert.equal(suggest([column('a', 'text')], []), undefined);
  });

  it('knows times that came as texts', () => {
    const columns = [column('hour', 'text', 'unknown'), column('n', 'number', 'unknown')];
    assert.equal(suggest(columns, [['2024-01-01T00:00:00+00:00', '1'], [null, '2']])?.kind, 'line');
    assert.equal(suggest(columns, [['2024-01-01', '1'], ['later', '2']])?.kind, 'bar');
  });

  it('has the rows in the order of time, without those that have none', () => {
    const data = chartData([['2024-01-02', '2'], [null, '9'], ['2024-01-01', null], ['2024-01-03', '$1,000.50']], byFirst('line', 1));
    assert.deepEqual([data.labels, valuesOf(data)], [['2024-01-01', '2024-01-02', '2024-01-03'], [[null, 2, 1000.5]]]);
    assert.deepEqual([data.facts.rows, data.facts.withoutTime, data.facts.withoutNumber, data.facts.folded], [4, 1, 1, false]);
    assert.equal(data.times?.[1], Date.UTC(2024, 0, 2));
  });

  it('has categories in the order of the rows, and says how many are left out', () => {
    const rows: Row[] = Array.from({ length: 100 }, (_, index) => [`k${index}`, String(index), 'NaN']);
    const data = chartData(rows, byFirst('bar', 1, 2));
    assert.deepEqual([data.labels.length, data.labels[59], data.times, data.series[1]?.values[0]], [60, 'k59', undefined, null]);
    assert.deepEqual([data.facts.drawn, data.facts.places, data.facts.withoutNumber], [60, 100, 100]);
    const days: Row[] = rows.map((_, index) => [new Date(index * 86_400_000).toISOString(), String(index)]);
    assert.deepEqual(valuesOf(chartData(days, byFirst('bar', 1)))[0]?.at(-1), 99, 'of times the last');
  });

  it('makes one value of the rows at one place, and says that it did', () => {
    const rows: Row[] = [['paid', '0.1'], ['open', '5'], ['paid', '0.2'], [null, '7'], ['NULL', '1'], ['paid', null]];
    const folded = (fold: ChartChoice['fold']) => chartData(rows, { ...byFirst('bar', 1), fold });
    assert.deepEqual([folded('sum').labels, valuesOf(folded('sum'))], [['paid', 'open', 'NULL', 'NULL'], [[0.3, 5, 7, 1]]]);
    assert.deepEqual([folded('sum').facts.folded, folded('sum').facts.places, folded('each').facts.folded], [true, 4, false]);
    assert.deepEqual([valuesOf(folded('average')), valuesOf(folded('largest')), valuesOf(folded('each'))], [[[0.15, 5, 7, 1]], [[0.2, 5, 7, 1]], [[0.1, 5, 0.2, 7, 1, null]]]);
    const moments: Row[] = [['2024-01-01 01:00:00+01', '1'], ['2024-01-01 00:00:00+00', '2']];
    assert.deepEqual(valuesOf(chartData(moments, byFirst('line', 1))), [[3]], 'the same moment in another zone');
  });

  it('is a series for each value of a column that tells rows at one place apart', () => {
    const columns = [column('day', 'time'), column('status', 'text'), column('n', 'number'), column('ms', 'number')];
    const rows: Row[] = [['2024-01-01', 'ok', '9', '1'], ['2024-01-01', 'failed', '1', '1'], ['2024-01-02', 'ok', '8', '1'], ['2024-01-03', 'failed', '3', '1']];
    const choice = suggest(columns, rows);
    assert.deepEqual(choice, { kind: 'line', x: 0, by: 1, ys: [2], fold: 'sum' });
    const data = chartData(rows, choice ?? byFirst('line', 2));
    assert.deepEqual([data.series, data.facts.folded], [[{ of: 'ok', values: [9, 8, null] }, { of: 'failed', values: [1, null, 3] }], false]);
    // Rows that it does not tell apart, or that are alone at their places, are not split by it.
    assert.equal(suggest(columns, [...rows, ['2024-01-01', 'ok', '1', '1']])?.by, undefined);
    assert.equal(suggest(columns, rows.slice(1))?.by, undefined);
  });

  it('averages what is a mean already, by its name', () => {
    const fold = (...names: string[]) => suggest([column('status', 'text'), ...names.map((name) => column(name, 'number'))], [])?.fold;
    assert.deepEqual([fold('avg_ms'), fold('p95'), fold('hit_ratio', 'mean'), fold('avg_ms', 'calls'), fold('separate')], ['average', 'average', 'average', 'sum', 'sum']);
  });

  it('splits into a few series at most: those with the largest sums', () => {
    const rows: Row[] = Array.from({ length: 30_000 }, (_, index) => ['a', `k${index}`, String(index)]);
    const { series, facts } = chartData(rows, { ...byFirst('bar', 2), by: 1 });
    assert.deepEqual([series.map(({ of }) => of), facts.series, facts.allSeries], [['k29995', 'k29996', 'k29997', 'k29998', 'k29999'], 5, 30_000]);
  });

  it('thins out long lines, and keeps both ends and the peaks', () => {
    const rows: Row[] = Array.from({ length: 25_000 }, (_, index) => [new Date(index * 60_000).toISOString(), String(index), index === 17_003 ? '1000' : index % 7 === 0 ? '1' : '2']);
    const data = chartData(rows, byFirst('line', 1, 2));
    assert.ok(data.facts.drawn <= 1002 && data.facts.drawn > 500, String(data.facts.drawn));
    assert.deepEqual([data.series[0]?.values[0], data.series[0]?.values.at(-1), data.facts.places], [0, 24_999, 25_000]);
    assert.ok(data.series[1]?.values.includes(1000));
  });

  it('has times along the bottom that are as short as tells them apart', () => {
    assert.deepEqual(shortTimes(['2026-01-01 00:00:00+00', '2026-01-02 17:00:00+00']), ['01-01 00:00', '01-02 17:00']);
    assert.deepEqual(shortTimes(['2026-01-01T08:00:00.5+00:00', '2026-01-01T09:00:00+00:00']), ['08:00', '09:00']);
    assert.deepEqual(shortTimes(['2026-01-01 08:00:01.123456+00', '2026-01-01 08:00:02.1+00', '2026-01-01 08:01:00+00']), ['08:00:01', '08:00:02', '08:01:00']);
    assert.deepEqual(shortTimes(['2026-01-01 08:00:01.1+00', '2026-01-01 08:00:01.2+00']), ['08:00:01.1', '08:00:01.2']);
    assert.deepEqual(shortTimes(['2025-12-31 00:00:00', '2026-01-01 00:00:00']), ['2025-12-31', '2026-01-01']);
    assert.deepEqual(shortTimes(['2026-03-29 01:00:00+01', '2026-03-29 03:00:00+02']), ['01:00:00+01', '03:00:00+02']);
    assert.deepEqual(shortTimes(['2026-01-01']), ['2026-01-01']);
    assert.deepEqual(shortTimes([]), []);
  });

  it('has round numbers at its side', () => {
    assert.deepEqual(ticks(0, 97, 5), [0, 20, 40, 60, 80, 100]);
    assert.deepEqual(ticks(-0.3, 0.25, 4), [-0.4, -0.2, 0, 0.2, 0.4]);
    assert.deepEqual(ticks(5, 5, 4), [4, 6, 8, 10]);
    assert.deepEqual(ticks(0, 0, 2), [0, 0.5, 1]);
  });
});
