import assert from 'node:assert/strict';
import { convertPosition } from '../../../../src/core/sql/positions.ts';

const text = 'aé日🙂z';

describe('positions in SQL', () => {
  it('counts the same place in bytes, code points and UTF-16', () => {
    const places = [
      { utf16: 0, codePoint: 0, byte: 0 },
      { utf16: 1, codePoint: 1, byte: 1 },
      { utf16: 2, codePoint: 2, byte: 3 },
      { utf16: 3, codePoint: 3, byte: 6 },
      { utf16: 5, codePoint: 4, byte: 10 },
      { utf16: 6, codePoint: 5, byte: 11 },
    ] as const;
    for (const place of places) {
      for (const from of ['utf16', 'codePoint', 'byte'] as const) {
        for (const to of ['utf16', 'codePoint', 'byte'] as const) {
          assert.equal(convertPosition(text, place[from], from, to), place[to], `${from} ${place[from]} to ${to}`);
        }
      }
      assert.equal(Buffer.byteLength(text.slice(0, place.utf16)), place.byte);
    }
  });

  it('goes to the beginning of a character it points into', () => {
    assert.equal(convertPosition(text, 4, 'utf16', 'byte'), 6);
    assert.equal(convertPosition(text, 8, 'byte', 'utf16'), 3);
  });

  it('ends with the text', () => {
    assert.equal(convertPosition(text, 99, 'codePoint', 'utf16'), text.length);
    assert.equal(convertPosition('', 3, 'byte', 'codePoint'), 0);
  });

  it('counts a lone surrogate as the three bytes that are sent for it', () => {
    const lone = '\ud83d;';
    assert.equal(convertPosition(lone, 1, 'utf16', 'byte'), Buffer.byteLength('\ud83d'));
  });
});
