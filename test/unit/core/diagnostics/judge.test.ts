import assert from 'node:assert/strict';
import { judge, measureOf } from '../../../../src/core/diagnostics/judge.ts';
import { isLimitProblem, parseLimit, parseLimits } from '../../../../src/core/diagnostics/limit.ts';
import type { Verdict } from '../../../../src/core/diagnostics/verdict.ts';
import type { Cell } from '../../../../src/core/sql/result.ts';

type Rows = readonly Readonly<Record<string, Cell>>[];

function resultOf(rows: Rows, names: readonly string[] = Object.keys(rows[0] ?? {})) {
  return { columns: names.map((name) => ({ name, type: 'unknown', category: 'text' as const })), rows: rows.map((row) => names.map((name) => row[name] ?? null)) };
}

function verdict(rows: Rows, limits: { warn?: string; critical?: string }): Verdict {
  return judge(resultOf(rows), parseLimits(limits));
}

describe('judging', () => {
  const hits = { warn: 'hit_ratio < 99%', critical: 'hit_ratio < 95%' };

  it('says the worst, with the number and the limit', () => {
    assert.deepEqual(verdict([{ hit_ratio: '99.6' }], hits), { state: 'ok', summary: 'hit_ratio 99.6 %, warn below 99 %', rows: [] });
    assert.deepEqual(verdict([{ hit_ratio: '97.2' }], hits), { state: 'warn', summary: 'hit_ratio 97.2 %, warn below 99 %', rows: [0] });
    assert.deepEqual(verdict([{ hit_ratio: '90' }], hits), { state: 'critical', summary: 'hit_ratio 90 %, critical below 95 %', rows: [0] });
  });

  it('does not take the first rows for all', () => {
    const first = (rows: Rows, limits: { warn?: string; critical?: string }) => judge({ ...resultOf(rows), truncated: true }, parseLimits(limits));
    const two = [{ x: '1' }, { x: '2' }];
    assert.deepEqual(first(two, { warn: 'rows > 0' }), { state: 'warn', summary: 'more than 2 rows, warn above 0', rows: [0, 1] });
    assert.deepEqual(first(two, { warn: 'rows > 5' }), { state: 'unknown', summary: 'more than 2 rows, and no more were counted', rows: [] });
    assert.equal(first(two, { warn: 'rows < 2' }).state, 'ok');
    assert.deepEqual(first(two, { warn: 'x > 5' }), { state: 'unknown', summary: 'of more than 2 rows only these were judged', rows: [] });
    assert.equal(first(two, { warn: 'x > 1' }).state, 'warn');
  });

  it('keeps to the letter of the limit', () => {
    const state = (cell: string, limit: string): string => verdict([{ x: cell }], { warn: limit }).state;
    assert.deepEqual(
      [state('5', 'x > 5'), state('5', 'x >= 5'), state('5', 'x < 5'), state('5', 'x <= 5'), state('5.0', 'x = 5'), state('5', 'x != 5')],
      ['ok', 'warn', 'ok', 'warn', 'warn', 'ok'],
    );
    assert.equal(state('9007199254740993', 'x > 9007199254740992'), 'warn');
    assert.equal(state('0.30000000000000000001', 'x > 0.3'), 'warn');
    assert.equal(state('00:05:12', 'x > 5m'), 'warn');
    assert.equal(state('12 MB', 'x > 10MB'), 'warn');
  });

  it('counts rows, known columns or not', () => {
    assert.deepEqual(judge(resultOf([], []), parseLimits({ critical: 'rows > 0' })), { state: 'ok', summary: 'no rows, critical above 0', rows: [] });
    assert.deepEqual(verdict([{ a: '1' }, { a: '2' }], { critical: 'rows > 0' }), { state: 'critical', summary: '2 rows, critical above 0', rows: [0, 1] });
    assert.equal(verdict([{ rows: '7' }], { warn: 'rows > 5' }).summary, 'rows 7, warn above 5');
    assert.equal(verdict([{ a: '1' }], { warn: `rows = 'x'` }).state, 'unknown');
  });

  it('puts the gravest row first', () => {
    const rows = [{ s: '00:01:00' }, { s: '00:20:00' }, { s: '00:07:00' }];
    assert.deepEqual(verdict(rows, { warn: 's > 30s', critical: 's > 5m' }), { state: 'critical', summary: '2 rows, worst s 00:20:00, critical above 5 m', rows: [1, 2] });
    assert.deepEqual(verdict([{ n: '3' }, { n: '1' }, { n: '2' }], { warn: 'n < 3' }).rows, [1, 2]);
    assert.equal(verdict([{ n: '3' }, { n: '1' }], { warn: 'n > 9' }).summary, '2 rows, worst n 3, warn above 9');
  });

  it('compares with a share of another column', () => {
    const limits = { warn: 'used > 80% of allowed' };
    assert.equal(verdict([{ used: '48', allowed: '60' }], limits).state, 'ok');
    assert.deepEqual(verdict([{ used: '49', allowed: '60' }], limits), { state: 'warn', summary: 'used 49, warn above 80 % of allowed', rows: [0] });
    assert.equal(verdict([{ used: '49', allowed: null }], limits).state, 'unknown');
    assert.equal(verdict([{ used: '49' }], limits).summary, 'the result has no column allowed');
  });

  it('compares words', () => {
    assert.equal(verdict([{ state: 'Active' }], { critical: `state != 'active'` }).state, 'ok');
    assert.equal(verdict([{ ok: 'f' }], { critical: 'ok = false' }).state, 'critical');
  });

  it('is unknown, never ok, where the number is missing', () => {
    const cases: readonly [Rows, string][] = [
      [[{ other: '1' }], 'the result has no column x'],
      [[{ x: null }], 'x is null'],
      [[{ x: 'NaN' }], 'x is no number: NaN'],
      [[{ x: '1' }, { x: null }], 'x is null'],
    ];
    for (const [rows, summary] of cases) {
      assert.deepEqual(verdict(rows, { warn: 'x > 5' }), { state: 'unknown', summary, rows: [] });
    }
    assert.equal(verdict([{ x: null }, { x: '6' }], { warn: 'x > 5' }).state, 'warn');
    assert.equal(verdict([], { warn: 'x > 5' }).state, 'ok');
    assert.equal(verdict([{ x: '1' }], {}).state, 'unknown');
  });

  it('is unknown where a limit cannot be read, unless the other one is broken', () => {
    const limits = { warn: 'x > many', critical: 'x > 5' };
    assert.equal(verdict([{ x: '1' }], limits).state, 'unknown');
    assert.match(verdict([{ x: '1' }], limits).summary, /x > many/);
    assert.equal(verdict([{ x: '6' }], limits).state, 'critical');
    assert.equal(verdict([{ x: null }], { warn: 'x > 1', critical: 'y > 1' }).state, 'unknown');
  });

  it('finds columns whatever their case', () => {
    assert.equal(verdict([{ Max: '6' }], { warn: 'max > 5' }).state, 'warn');
    assert.equal(verdict([{ MAX: '1', max: '6' }], { warn: 'max > 5' }).state, 'warn');
  });

  it('gives the measure for a chart', () => {
    const measure = (rows: Rows, text: string): number | undefined => {
      const limit = parseLimit(text);
      return isLimitProblem(limit) ? assert.fail(limit.problem) : measureOf(resultOf(rows), limit);
    };
    assert.equal(measure([{ x: '00:00:02' }], 'x > 1s'), 2000);
    assert.equal(measure([{ a: '1' }, { a: '2' }], 'rows > 1'), 2);
    assert.equal(measure([{ x: null }], 'x > 1'), undefined);
  });
});
