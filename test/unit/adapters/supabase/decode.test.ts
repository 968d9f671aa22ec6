import assert from 'node:assert/strict';
import { Field } from '../../../../src/adapters/supabase/decode.ts';
import { isOpsError } from '../../../../src/core/errors.ts';

const field = (value: unknown) => new Field({ updated_at: value }, 'list functions').at('updated_at');

describe('a time in an answer', () => {
  const times: readonly (readonly [unknown, number | undefined])[] = [
    [1_700_000_000_000, 1_700_000_000_000],
    ['1700000000000', 1_700_000_000_000],
    ['2026-11-20T09:00:00Z', Date.UTC(2026, 10, 20, 9)],
    ['2026-11-20 09:00:00', Date.UTC(2026, 10, 20, 9)],
    ['2026-11-20T10:00:00+01:00', Date.UTC(2026, 10, 20, 9)],
    [0, 0],
    [1e300, undefined],
    ['99999999999999999999', undefined],
    ['yesterday', undefined],
    ['', undefined],
    [true, undefined],
    [null, undefined],
  ];
  for (const [value, time] of times) {
    it(`${JSON.stringify(value)} is ${time ?? 'none'}, and whatever is one can be shown`, () => {
      assert.equal(field(value).optionalTime(), time);
      assert.ok(time === undefined || new Date(time).toISOString());
    });
  }

  it('that is needed and is none is named', () => {
    assert.throws(() => field(1e300).time(), (error) => isOpsError(error, 'badAnswer') && error.facts.problem === 'updated_at is not a time');
    assert.throws(() => field(null).time(), (error) => isOpsError(error, 'badAnswer') && error.facts.problem === 'updated_at is missing');
  });
});
