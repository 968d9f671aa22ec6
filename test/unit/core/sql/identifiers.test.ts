import assert from 'node:assert/strict';
import { quoteIdentifierPath } from '../../../../src/core/sql/identifiers.ts';

describe('names that are put into a statement', () => {
  const names: [typed: string, quoted: string | undefined][] = [
    ['orders', '"orders"'],
    ['public.orders', '"public"."orders"'],
    [' public . Orders ', '"public"."Orders"'],
    ['"my.schema"."t"', '"my.schema"."t"'],
    ['"say ""x"""', '"say ""x"""'],
    ['a b; drop table t --', '"a b; drop table t --"'],
    ['größe', '"größe"'],
    ['', undefined],
    [' ', undefined],
    ['a.', undefined],
    ['.a', undefined],
    ['a..b', undefined],
    ['"open', undefined],
    ['a"b', undefined],
    ['""', undefined],
    ['a\0b', undefined],
    ['"a"b', undefined],
  ];
  for (const [typed, quoted] of names) {
    it(JSON.stringify(typed), () => assert.equal(quoteIdentifierPath(typed), quoted));
  }
});
