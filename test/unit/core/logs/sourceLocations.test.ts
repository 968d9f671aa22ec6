import assert from 'node:assert/strict';
import { findLocations, matchLocation } from '../../../../src/core/logs/sourceLocations.ts';

const brief = (text: string) => findLocations(text).map(({ path, line, column }) => [path, line, column].filter((part) => part !== undefined).join(':'));

describe('places in source that lines name', () => {
  it('are found in a stack of the platform, with function and version', () => {
    const text = '    at mint (file:///tmp/user_fn_abcdefghijklmnopqrst_3f2a91c0-1111-4222-8333-444455556666_12/source/supabase/functions/_shared/chain.ts:41:11)';
    const [location, ...others] = findLocations(text);
    assert.deepEqual(others, []);
    assert.deepEqual(location, {
      start: text.indexOf('file://'),
      end: text.length - 1,
      path: 'supabase/functions/_shared/chain.ts',
      line: 41,
      column: 11,
      functionId: '3f2a91c0-1111-4222-8333-444455556666',
      version: '12',
    });
  });

  const cases: [text: string, found: string[]][] = [
    ['at file:///home/deno/functions/hello/index.ts:5:11', ['supabase/functions/hello/index.ts:5:11']],
    ['at /home/ada/acme/supabase/functions/hello/index.ts:5', ['supabase/functions/hello/index.ts:5']],
    ['at ./lib/a.ts:3 and ../b.tsx:4:1.', ['lib/a.ts:3', 'b.tsx:4:1']],
    ['index.ts:12:5', ['index.ts:12:5']],
    ['C:\\acme\\supabase\\functions\\x\\index.ts:7:2', ['supabase/functions/x/index.ts:7:2']],
    ['two: a.ts:1:2, b.js:3:4', ['a.ts:1:2', 'b.js:3:4']],
    ['at https://esm.sh/x@1/mod.js:1:2', []],
    ['at ext:deno_fetch/26_fetch.js:1:2', []],
    ['at node:internal/process.ts:1:2', []],
    ['npm:left-pad/index.js:1:1', []],
    ['12:30:45 at noon, host:8080, a.ts, a.ts:, a.md:3', []],
    ['a.ts:0:1', []],
    ['a.ts:1.5', []],
  ];
  for (const [text, found] of cases) {
    it(`${text} → ${found.join(', ') || 'none'}`, () => {
      assert.deepEqual(brief(text), found);
    });
  }

  it('come to an end even for long lines', () => {
    for (const piece of ['a', '/a', 'a.', ':', 'a-', '\\']) {
      assert.deepEqual(findLocations(piece.repeat(10_000)).slice(1), []);
    }
  });

  it('mean a file of what is deployed, wherever its root is', () => {
    const files = ['supabase/functions/mint/index.ts', 'supabase/functions/_shared/index.ts', 'supabase/functions/_shared/chain.ts'];
    assert.equal(matchLocation('supabase/functions/mint/index.ts', files), 'supabase/functions/mint/index.ts');
    assert.equal(matchLocation('chain.ts', files), 'supabase/functions/_shared/chain.ts');
    assert.equal(matchLocation('index.ts', files), undefined, 'two of that name');
    assert.equal(matchLocation('source/index.ts', ['index.ts']), 'index.ts');
    assert.equal(matchLocation('other.ts', files), undefined);
  });
});
