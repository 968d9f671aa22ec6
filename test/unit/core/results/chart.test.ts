import assert from 'node:assert/strict';
import { chartData, drawable, shortTimes, suggestChart, ticks, type ChartChoice } from '../../../../src/core/results/chart.ts';
import type { Column, ColumnCategory, Row } from '../../../../src/core/sql/result.ts';

const column = (name: string, category: ColumnCategory, type = 'x'): Column => ({ name, type, category });

function suggest(columns: Column[], rows: Row[]): ChartChoice | undefined {
  return suggestChart(columns, drawable(columns, rows));
}

describe('a drawing of a result', () => {
  it('of times is a line, of categories bars, and ids are no measure', () => {
    assert.deepEqual(suggest([column('user_id', 'number'), column('name', 'text'), column('at', 'time'), column('count', 'number'), column('ms', 'number')], []), { kind: 'line', x: 2, ys: [3, 4] });
    assert.deepEqual(suggest([column('id', 'number'), column('state', 'text')], []), { kind: 'bar', x: 1, ys: [0] });
    assert.equal(suggest([column('a', 'number'), column('b', 'number')], []), undefined);
    assert.equal(suggest([column('a', 'text')], []), undefined);
  });

  it('knows times that came as texts', () => {
    const columns = [column('hour', 'text', 'unknown'), column('n', 'number', 'unknown')];
    assert.equal(suggest(columns, [['2024-01-01T00:00:00+00:00', '1'], [null, '2']])?.kind, 'line');
    assert.equal(suggest(columns, [['2024-01-01', '1'], ['later', '2']])?.kind, 'bar');
  });

  it('has the rows in the order of time, without those that have none', () => {
    const data = chartData([['2024-01-02', '2'], [null, '9'], ['2024-01-01', null], ['2024-01-03', '$1,000.50']], { kind: 'line', x: 0, ys: [1] });
    assert.deepEqual([data.labels, data.series, data.drawn, data.total], [['2024-01-01', '2024-01-02', '2024-01-03'], [[null, 2, 1000.5]], 3, 4]);
    assert.equal(data.times?.[1], Date.UTC(2024, 0, 2));
  });

  it('has categories in the order of the rows, and says how many are left out', () => {
    const rows: Row[] = Array.from({ length: 100 }, (_, index) => [`k${index}`, String(index), 'NaN']);
    const data = chartData(rows, { kind: 'bar', x: 0, ys: [1, 2] });
    assert.deepEqual([data.labels.length, data.labels[59], data.times, data.series[1]?.[0], data.drawn, data.total], [60, 'k59', undefined, null, 60, 100]);
  });

  it('thins out long lines, and keeps both ends', () => {
    const rows: Row[] = Array.from({ length: 25_000 }, (_, index) => [new Date(index * 60_000).toISOString(), String(index)]);
    const data = chartData(rows, { kind: 'line', x: 0, ys: [1] });
    assert.ok(data.drawn <= 1001 && data.drawn > 900, String(data.drawn));
    assert.deepEqual([data.series[0]?.[0], data.series[0]?.at(-1)], [0, 24_999]);
  });

  it('has times along the bottom that are as short as tells them apart', () => {
    assert.deepEqual(shortTimes(['2026-01-01 00:00:00+00', '2026-01-02 17:00:00+00']), ['01-01 00:00', '01-02 17:00']);
    assert.deepEqual(shortTimes(['2026-01-01T08:00:00.5+00:00', '2026-01-01T09:00:00+00:00']), ['08:00:00.5', '09:00:00']);
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
