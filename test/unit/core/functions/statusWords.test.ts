import assert from 'node:assert/strict';
import { explainStatus } from '../../../../src/core/functions/statusWords.ts';

describe('failed calls in words', () => {
  const cases: [status: number, code: string | undefined, words: RegExp | undefined][] = [
    [200, undefined, undefined],
    [500, undefined, undefined],
    [401, undefined, /^probably no valid JWT/],
    [401, 'UNAUTHORIZED_INVALID_JWT', /^UNAUTHORIZED_INVALID_JWT: no valid JWT/],
    [503, undefined, /^probably the function did not start/],
    [503, 'BOOT_ERROR', /^BOOT_ERROR: the function did not start/],
    [504, 'IDLE_TIMEOUT', /no answer within/],
    [546, undefined, /^the worker was ended/],
    [404, 'NOT_FOUND_FUNCTION_BLOB', /deploy again/],
    [500, 'LOAD_FUNCTION_METADATA', /could not load/],
    [429, 'RATE_LIMIT_EXCEEDED', /too many requests/],
    [500, 'A_CODE_OF_TOMORROW', /^A_CODE_OF_TOMORROW$/],
  ];
  for (const [status, code, words] of cases) {
    it(`${status} ${code ?? 'without a code'}`, () => {
      const explained = explainStatus(status, code);
      if (words === undefined) {
        assert.equal(explained, undefined);
      } else {
        assert.match(explained ?? '', words);
      }
    });
  }
});
