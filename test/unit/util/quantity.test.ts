import assert from 'node:assert/strict';
import { formatBytes, formatSeconds } from '../../../src/util/quantity.ts';

describe('quantities', () => {
  for (const [bytes, text] of [
    [0, '0 bytes'],
    [1023, '1023 bytes'],
    [1536, '1.5 kB'],
    [128 * 1024 ** 2, '128 MB'],
    [9.34 * 1024 ** 3, '9.3 GB'],
    [5000 * 1024 ** 4, '5000 TB'],
  ] as const) {
    it(text, () => assert.equal(formatBytes(bytes), text));
  }
  for (const [seconds, text] of [
    [0.42, '0.4 s'],
    [119, '119 s'],
    [300, '5 min'],
    [12_600, '3.5 h'],
  ] as const) {
    it(text, () => assert.equal(formatSeconds(seconds), text));
  }
});
