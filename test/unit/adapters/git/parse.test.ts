import assert from 'node:assert/strict';
import { CatFileParser, CommitParser, NulFields, TreeListingParser, parseTreeObject, refNames, type CatFileObject } from '../../../../src/adapters/git/parse.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

/** Feeds the text in chunks of every size: where a chunk ends must not matter. */
function inChunks(text: string, feed: (size: number, chunks: Uint8Array[]) => void): void {
  const whole = bytes(text);
  for (const size of [1, 2, 3, 7, whole.length]) {
    const chunks = Array.from({ length: Math.ceil(whole.length / size) }, (_, i) => whole.slice(i * size, (i + 1) * size));
    feed(size, chunks);
  }
}

describe('git output', () => {
  it('is split at NUL wherever the chunks end, multi-byte characters included', () => {
    inChunks('ä€\0\0𝕏\0rest', (_, chunks) => {
      const fields: string[] = [];
      const splitter = new NulFields((field) => fields.push(field));
      chunks.forEach((chunk) => splitter.feed(chunk));
      assert.deepEqual(fields, ['ä€', '', '𝕏']);
    });
  });

  it('gives commits with names that hold line feeds and quotes', () => {
    const text = `${'a'.repeat(40)}\0Ada "the" L\0${1_790_000_000}\0HEAD -> main, tag: v1, origin/main\0Fix\tit\0${'b'.repeat(40)}\0B\0${0}\0\0\0`;
    inChunks(text, (_, chunks) => {
      const parser = new CommitParser();
      chunks.forEach((chunk) => parser.feed(chunk));
      assert.deepEqual(parser.commits, [
        { hash: 'a'.repeat(40), author: 'Ada "the" L', time: 1_790_000_000_000, refs: ['main', 'v1', 'origin/main'], subject: 'Fix\tit' },
        { hash: 'b'.repeat(40), author: 'B', time: 0, refs: [], subject: '' },
      ]);
    });
  });

  it('leaves the detached HEAD and the remote’s default out of the names', () => {
    assert.deepEqual(refNames('HEAD, origin/HEAD, origin/main, tag: a,b'), ['origin/main', 'a,b']);
  });

  it('gives tree entries with tabs, line feeds and quotes in their paths', () => {
    inChunks(`100644 blob ${'1'.repeat(40)}\ta\tb\n"c"\0` + `160000 commit ${'2'.repeat(40)}\tsub\0`, (_, chunks) => {
      const parser = new TreeListingParser();
      chunks.forEach((chunk) => parser.feed(chunk));
      assert.deepEqual(parser.entries, [
        { path: 'a\tb\n"c"', mode: '100644', oid: '1'.repeat(40) },
        { path: 'sub', mode: '160000', oid: '2'.repeat(40) },
      ]);
    });
  });

  it('gives objects in order, with empty ones, ones that look like headers, and missing ones', () => {
    const tricky = `${'9'.repeat(40)} blob 3\n`;
    const text = `${'1'.repeat(40)} blob 0\n\n` + `${'2'.repeat(40)} missing\n` + `${'3'.repeat(40)} blob ${tricky.length}\n${tricky}\n` + `${'4'.repeat(40)} tree 2\n\0x\n`;
    inChunks(text, (_, chunks) => {
      const objects: (CatFileObject | undefined)[] = [];
      const parser = new CatFileParser((object) => objects.push(object));
      chunks.forEach((chunk) => parser.feed(chunk));
      assert.deepEqual(
        objects.map((object) => object && [object.oid[0], object.type, new TextDecoder().decode(object.content)]),
        [['1', 'blob', ''], undefined, ['3', 'blob', tricky], ['4', 'tree', '\0x']],
      );
    });
  });

  it('gives the items of a tree object in both id lengths', () => {
    for (const idBytes of [20, 32]) {
      const id = (digit: number) => Buffer.alloc(idBytes, digit);
      const content = Buffer.concat([bytes('100644 ä b\0'), id(0), bytes('40000 dir\0'), id(0xff)]);
      assert.deepEqual(parseTreeObject(content, idBytes), [
        { mode: '100644', name: 'ä b', oid: '00'.repeat(idBytes) },
        { mode: '040000', name: 'dir', oid: 'ff'.repeat(idBytes) },
      ]);
    }
  });
});
