import assert from 'node:assert/strict';
import { folderOf, isSafeRelativePath, isWithin, resolveRelative } from '../../../src/util/relativePath.ts';

describe('a path from outside', () => {
  for (const path of ['index.ts', 'supabase/functions/mint-token/index.ts', '.env.example', 'a/..b/c', 'console.ts', 'Grüße/世界.ts', '@scope/x']) {
    it(`may be joined to a folder of ours: ${path}`, () => {
      assert.equal(isSafeRelativePath(path), true);
    });
  }

  const unsafe: readonly (readonly [string, string])[] = [
    ['empty', ''],
    ['absolute', '/etc/passwd'],
    ['above its folder', '../x'],
    ['above its folder in the middle', 'a/../../x'],
    ['of empty segments', 'a//b'],
    ['a folder', 'a/'],
    ['of the folder itself', './a'],
    ['written for Windows', 'a\\..\\b'],
    ['on a drive', 'C:/x'],
    ['a stream', 'a.txt:hidden'],
    ['of two lines', 'a\nb'],
    ['cut by a null', 'a\u0000.ts'],
    ['ended by a dot', 'a./b'],
    ['ended by a blank', 'a /b'],
    ['a device', 'functions/NUL'],
    ['a device with an ending', 'com1.ts'],
    ['endless', 'a/'.repeat(3000) + 'a'],
  ];
  for (const [what, path] of unsafe) {
    it(`is refused when it is ${what}`, () => {
      assert.equal(isSafeRelativePath(path), false);
    });
  }
});

describe('a reference within a tree', () => {
  const cases: readonly (readonly [string, string, string | undefined])[] = [
    ['supabase/functions/a', '../_shared/db.ts', 'supabase/functions/_shared/db.ts'],
    ['supabase/functions/a', './index.ts', 'supabase/functions/a/index.ts'],
    ['', 'docs//x.md', 'docs/x.md'],
    ['a', '..', ''],
    ['a', '../..', undefined],
    ['', '../x', undefined],
    ['a', '/etc/passwd', undefined],
    ['a', 'C:/x', undefined],
  ];
  for (const [folder, reference, path] of cases) {
    it(`${reference} in “${folder}” is ${path ?? 'outside'}`, () => {
      assert.equal(resolveRelative(folder, reference), path);
    });
  }

  it('has a folder, which is empty at the root', () => {
    assert.deepEqual(['a/b/c.ts', 'c.ts'].map(folderOf), ['a/b', '']);
  });

  it('lies in a folder by whole segments', () => {
    assert.deepEqual([isWithin('a', 'a/b'), isWithin('a', 'a'), isWithin('', 'x'), isWithin('a', 'ab/c')], [true, true, true, false]);
  });
});
