import assert from 'node:assert/strict';
import { add, compareDecimals, fromInteger, multiply, parseDecimal, toNumber } from '../../../../src/core/diagnostics/decimal.ts';
import { isLimitProblem, parseLimit, parseLimits } from '../../../../src/core/diagnostics/limit.ts';
import type { Limit } from '../../../../src/core/diagnostics/limit.ts';
import { parseDuration, parseQuantity, readCell } from '../../../../src/core/diagnostics/quantity.ts';

describe('decimals', () => {
  const decimal = (text: string) => parseDecimal(text) ?? assert.fail(text);

  it('are read exactly, whatever their length', () => {
    const long = '123456789012345678901234567890.000000000000000000000000000001';
    assert.equal(compareDecimals(decimal(long), decimal(`${long}0`)), 0);
    assert.equal(compareDecimals(decimal(`${long}1`), decimal(long)), 1);
    assert.equal(compareDecimals(decimal('9007199254740993'), decimal('9007199254740992')), 1);
    assert.equal(compareDecimals(decimal('-0.1'), decimal('0')), -1);
    assert.equal(compareDecimals(decimal('1e3'), decimal('1000.0')), 0);
    assert.equal(compareDecimals(decimal('1.5e-2'), decimal('.015')), 0);
  });

  it('are nothing else', () => {
    for (const text of ['', ' ', 'NaN', 'Infinity', '1,000', '1.2.3', '0x10', '1e', '1e99999', '--1', 'one']) {
      assert.equal(parseDecimal(text), undefined, text);
    }
  });

  it('are added and multiplied exactly', () => {
    assert.deepEqual(add(decimal('0.1'), decimal('0.2')), { digits: 3n, scale: 1 });
    assert.equal(compareDecimals(multiply(decimal('0.1'), decimal('0.1')), decimal('0.01')), 0);
    assert.equal(toNumber(multiply(fromInteger(3), decimal('0.5'))), 1.5);
  });
});

describe('quantities', () => {
  const cases: readonly [string, string, number][] = [
    ['99%', 'percent', 99],
    ['99.5 %', 'percent', 99.5],
    ['500ms', 'milliseconds', 500],
    ['1.5 s', 'milliseconds', 1500],
    ['5m', 'milliseconds', 300_000],
    ['5 min', 'milliseconds', 300_000],
    ['26h', 'milliseconds', 93_600_000],
    ['2 days', 'milliseconds', 172_800_000],
    ['1 week', 'milliseconds', 604_800_000],
    ['1 kB', 'bytes', 1024],
    ['10MB', 'bytes', 10_485_760],
    ['1.5 GB', 'bytes', 1_610_612_736],
    ['8192 bytes', 'bytes', 8192],
    ['10', 'none', 10],
    ['-3', 'none', -3],
  ];
  for (const [text, unit, value] of cases) {
    it(text, () => {
      const quantity = parseQuantity(text);
      assert.equal(quantity?.unit, unit);
      assert.equal(quantity && toNumber(quantity.amount), value);
    });
  }

  it('are none without a number or with another unit', () => {
    for (const text of ['', 'many', '5 apples', '%', '1..2', '5 m s']) {
      assert.equal(parseQuantity(text), undefined, text);
    }
  });

  it('may be durations of checks', () => {
    assert.deepEqual(['5m', '1h', '30', '90s', '0m', '-5m', '5%', 'x'].map(parseDuration), [300_000, 3_600_000, 30_000, 90_000, undefined, undefined, undefined, undefined]);
  });
});

describe('cells', () => {
  const read = (cell: string, unit: Parameters<typeof readCell>[2], column = 'x'): number | undefined => {
    const amount = readCell(cell, column, unit);
    return amount && toNumber(amount);
  };

  it('are intervals as Postgres prints them', () => {
    const cases: Readonly<Record<string, number | undefined>> = {
      '00:05:12': 312_000,
      '00:00:00.5': 500,
      '-00:00:01': -1000,
      '1 day 02:00:00': 93_600_000,
      '-1 days +02:00:00': -79_200_000,
      '2 mons 3 days': 5_443_200_000,
      '1 year': 31_557_600_000,
      '100:00:00': 360_000_000,
      '5 minutes 3 seconds': 303_000,
      '': undefined,
      soon: undefined,
      '2026-11-20 10:00:00': undefined,
    };
    for (const [cell, expected] of Object.entries(cases)) {
      assert.equal(read(cell, 'milliseconds'), expected, cell);
    }
  });

  it('are numbers in the unit that their column is named after, else in the base unit', () => {
    assert.equal(read('90', 'milliseconds'), 90);
    assert.equal(read('90', 'milliseconds', 'age_seconds'), 90_000);
    assert.equal(read('1.5', 'milliseconds', 'age_hours'), 5_400_000);
    assert.equal(read('90', 'milliseconds', 'mean_ms'), 90);
    assert.equal(read('2', 'bytes', 'size_mb'), 2_097_152);
    assert.equal(read('2', 'bytes', 'index_bytes'), 2);
    assert.equal(read('2', 'none', 'age_hours'), 2);
    assert.equal(read('2', 'bytes', 'age_hours'), 2);
  });

  it('are sizes and percents as text', () => {
    assert.equal(read('12 MB', 'bytes'), 12_582_912);
    assert.equal(read('97.2 %', 'percent'), 97.2);
    assert.equal(read('97.2', 'percent'), 97.2);
    assert.equal(read('12 MB', 'percent'), undefined);
    assert.equal(read('NaN', 'none'), undefined);
  });
});

describe('limits', () => {
  const limit = (text: string): Limit => {
    const parsed = parseLimit(text);
    return isLimitProblem(parsed) ? assert.fail(parsed.problem) : parsed;
  };

  const bounds: readonly [string, string, string, unknown][] = [
    ['hit_ratio < 99%', 'hit_ratio', '<', { kind: 'number', value: 99, exact: { digits: 99n, scale: 0 }, unit: 'percent' }],
    ['rows>0', 'rows', '>', { kind: 'number', value: 0, exact: { digits: 0n, scale: 0 }, unit: 'none' }],
    ['connections > 80% of max_connections', 'connections', '>', { kind: 'share', share: 0.8, of: 'max_connections' }],
    ['age >= 26h', 'age', '>=', { kind: 'number', value: 93_600_000, exact: { digits: 93_600_000n, scale: 0 }, unit: 'milliseconds' }],
    ['size ≤ 0.5 GB', 'size', '<=', { kind: 'number', value: 536_870_912, exact: { digits: 5_368_709_120n, scale: 1 }, unit: 'bytes' }],
    [`state != 'active'`, 'state', '!=', { kind: 'text', value: 'active' }],
    ['healthy == false', 'healthy', '=', { kind: 'text', value: 'false' }],
    ['"mean time" <> 5', 'mean time', '!=', { kind: 'number', value: 5, exact: { digits: 5n, scale: 0 }, unit: 'none' }],
    ['fn.p95 > 1s', 'fn.p95', '>', { kind: 'number', value: 1000, exact: { digits: 1000n, scale: 0 }, unit: 'milliseconds' }],
  ];
  for (const [text, measure, operator, bound] of bounds) {
    it(text, () => {
      assert.deepEqual(limit(text), { source: text, measure, operator, bound });
    });
  }

  it('that say nothing are problems with words', () => {
    for (const text of ['', 'rows', '> 5', 'rows 5', 'rows >', 'two words > 5', 'rows > many', 'a < b c']) {
      const parsed = parseLimit(text);
      assert.ok(isLimitProblem(parsed) && parsed.problem !== '', text);
    }
  });

  it('come from the options of a step', () => {
    assert.deepEqual(parseLimits({}), {});
    const { warn, critical } = parseLimits({ warn: 'a > 1', critical: 'nonsense' });
    assert.ok(warn && !isLimitProblem(warn) && critical && isLimitProblem(critical));
  });
});
