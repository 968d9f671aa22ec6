import assert from 'node:assert/strict';
import { readPattern, toRe2, toRegExp } from '../../../../src/core/logs/pattern.ts';

function accepted(text: string, flags = '') {
  const reading = readPattern(text, flags);
  assert.ok(reading.kind === 'pattern', reading.kind === 'refused' ? `${text}: ${reading.because}` : '');
  return reading.pattern;
}

describe('regular expressions for logs', () => {
  const fits: [pattern: string, text: string, fits: boolean][] = [
    ['time(d)? ?out', 'request timed out', true],
    ['^Error: .+ at$', 'Error: a\nb at', true],
    ['a\\-b\\"c\\:', 'a-b"c:', true],
    ['\\{"level":"(err|warn)', '{"level":"error"}', true],
    ['{"level":', '{"level":1}', true],
    ['[\\w.+-]+@[a-z]+\\.com', 'ada@example.com', true],
    ['[[a{2}]', 'x[', true],
    ['\\bmint\\b', 'minted', false],
    ['x{2,3}$', 'axx', true],
    ['\\x41\\p{L}', 'Aä', true],
    ['a/b', 'a/b', true],
    ['日本', '日本語', true],
  ];
  for (const [pattern, text, expected] of fits) {
    it(`${pattern} ${expected ? 'fits' : 'does not fit'} ${JSON.stringify(text)}`, () => {
      assert.equal(toRegExp(accepted(pattern)).test(text), expected);
    });
  }

  it('tell upper from lower case unless asked not to', () => {
    assert.equal(toRegExp(accepted('ERROR')).test('error'), false);
    assert.equal(toRegExp(accepted('ERROR', 'i')).test('error'), true);
    assert.deepEqual(accepted('(?i)error'), accepted('error', 'i'));
    assert.equal(toRe2(accepted('error', 'i')), '(?i)error');
  });

  const refused: [pattern: string, because: RegExp][] = [
    ['(a', /Unterminated group/],
    ['[a', /Unterminated character class|Lone/i],
    ['a++', /Nothing to repeat/],
    ['(?=x)', /does not look around.*\(\?=/],
    ['(?<!x)y', /does not look around/],
    ['(?P<name>x)', /does not look around/],
    ['(a)\\1', /does not know \\1/],
    ['\\u0041', /does not know \\u/],
    ['\\Aabc\\z', /does not know \\A/],
    ['[\\b]', /inside brackets/],
    ['[^]a]', /at least one character/],
    ['a{1001}', /At most 1000/],
    ['a\\', /lone backslash/],
    ['', /empty/],
    ['(?i)', /empty/],
    ['a'.repeat(501), /at most 500/],
  ];
  for (const [pattern, because] of refused) {
    it(`refuse ${pattern.slice(0, 20)} with a sentence`, () => {
      const reading = readPattern(pattern);
      assert.ok(reading.kind === 'refused');
      assert.match(reading.because, because);
    });
  }
});
