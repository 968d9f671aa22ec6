import assert from 'node:assert/strict';
import { parseInfoString } from '../../../../src/core/runbook/infoString.ts';

describe('info string', () => {
  it('has a language and options with and without quotes', () => {
    assert.deepEqual(parseInfoString('sql title="Cache hit ratio" warn="hit_ratio < 99%" critical="hit_ratio < 95%" every=5m for=10m topic=Queries'), {
      language: 'sql',
      options: { title: 'Cache hit ratio', warn: 'hit_ratio < 99%', critical: 'hit_ratio < 95%', every: '5m', for: '10m', topic: 'Queries', other: {} },
    });
  });

  const cases: readonly [string, string, Record<string, string>, Record<string, string>?][] = [
    ['', '', {}],
    ['  bash  ', 'bash', {}],
    ['title="no language"', '', { title: 'no language' }],
    ['sql {title="in braces", every=5m}', 'sql', { title: 'in braces', every: '5m' }],
    ['rust,ignore', 'rust', {}, { ignore: '' }],
    ['js {1,3-4}', 'js', {}],
    [`sql title='single "quoted"'`, 'sql', { title: 'single "quoted"' }],
    ['sql title="with \\"quotes\\""', 'sql', { title: 'with "quotes"' }],
    ['sql title="first" title="second"', 'sql', { title: 'first' }],
    ['sql title="never closed', 'sql', { title: '' }, { never: '', closed: '' }],
    ['sql warn = "rows > 0" handles=503 copy', 'sql', { warn: 'rows > 0' }, { handles: '503', copy: '' }],
    ['sql __proto__=x constructor=y', 'sql', {}, { constructor: 'y' }],
  ];
  for (const [text, language, options, other = {}] of cases) {
    it(JSON.stringify(text), () => {
      assert.deepEqual(parseInfoString(text), { language, options: { ...options, other } });
    });
  }
});
