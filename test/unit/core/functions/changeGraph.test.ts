import assert from 'node:assert/strict';
import { ChangeGraph } from '../../../../src/core/functions/changeGraph.ts';
import type { ChangedCommit, StoredFile, TreeEntry } from '../../../../src/core/ports.ts';

const stored = (content: string, mode = '100644'): StoredFile => ({ mode, oid: content.charCodeAt(0).toString(16).padStart(8, '0').repeat(5) });

/** `a:1` writes, `a:` removes, `a@1` links; what was there before is found in the first parent's files. */
class Story {
  readonly commits: ChangedCommit[] = [];
  private readonly files = new Map<string, ReadonlyMap<string, StoredFile>>();

  add(hash: string, parents: readonly string[], ...changes: readonly string[]): this {
    const files = new Map(this.files.get(parents[0] ?? ''));
    const made = changes.map((change) => {
      const [, path = '', sign, content = ''] = /^([^:@]+)([:@])(.*)$/.exec(change) ?? [];
      const before = files.get(path);
      const after = content === '' ? undefined : stored(content, sign === '@' ? '120000' : '100644');
      if (after) {
        files.set(path, after);
      } else {
        files.delete(path);
      }
      return { path, before, after };
    });
    this.files.set(hash, files);
    this.commits.unshift({ hash, parents, changes: made });
    return this;
  }

  async graph(ends: Readonly<Record<string, readonly TreeEntry[]>> = {}): Promise<ChangeGraph> {
    return ChangeGraph.read(this.commits, async (hashes) => new Map(hashes.map((hash) => [hash, ends[hash] ?? []])));
  }

  hashes(numbers: readonly number[]): string {
    return numbers.map((number) => this.commits[number]?.hash).join(' ');
  }
}

const rightly = (files: Readonly<Record<string, string>>) => ({ files: new Map(Object.entries(files).map(([path, content]) => [path, (oid: string) => oid === stored(content).oid] as const)), owns: () => false });

describe('ChangeGraph', () => {
  it('follows files through a line of commits, and knows which touched them', async () => {
    const story = new Story().add('first', [], 'a:1', 'b:1').add('other', ['first'], 'c:1').add('second', ['other'], 'a:2').add('back', ['second'], 'a:1').add('gone', ['back'], 'a:');
    const { holds, touching } = (await story.graph()).follow(rightly({ a: '1', b: '1' }));
    assert.equal(story.hashes(touching), 'gone back second first');
    assert.equal(story.hashes([...story.commits.keys()].filter(holds)), 'back other first');
  });

  it('counts a merge when it is unlike each of its parents, and knows which commits lead to one', async () => {
    const story = new Story()
      .add('first', [], 'a:1', 'b:1')
      .add('left', ['first'], 'a:2')
      .add('right', ['first'], 'b:2')
      .add('merge', ['left', 'right'], 'b:2')
      .add('top', ['merge'], 'c:1');
    const graph = await story.graph();
    assert.equal(story.hashes(graph.follow(rightly({ a: '2', b: '2' })).touching), 'merge right left first');
    assert.equal(story.hashes(graph.follow(rightly({ a: '2' })).touching), 'left first', 'the merge has a as the left side has it');
    assert.equal(story.hashes(graph.follow(rightly({ b: '2' })).touching), 'right first');
    const hasLeft = graph.ancestry(story.commits.findIndex(({ hash }) => hash === 'left'));
    assert.equal(story.hashes([...story.commits.keys()].filter(hasLeft)), 'left first');
  });

  it('takes what lies beyond the commits from its tree', async () => {
    const story = new Story().add('second', ['beyond'], 'a:2').add('third', ['second'], 'b:2');
    const graph = await story.graph({ beyond: [{ path: 'b', ...stored('1') }, { path: 'c', ...stored('1') }] });
    const { holds, touching } = graph.follow(rightly({ b: '1', c: '1' }));
    assert.equal(story.hashes([...story.commits.keys()].filter(holds)), 'second');
    assert.equal(story.hashes(touching), 'third');
    assert.deepEqual(graph.idsOf('b').slice(0, 2), [stored('2').oid, stored('1').oid]);
  });

  it('is not misled by a merge of which git tells all files as new', async () => {
    const story = new Story().add('topic', [], 'a:1', 'b:1').add('topic 2', ['topic'], 'a:2');
    // Its first parent never had any of the files, and is left out.
    const merge: ChangedCommit = { hash: 'merge', parents: ['topic 2'], changes: [{ path: 'a', before: undefined, after: stored('2') }, { path: 'b', before: undefined, after: stored('1') }] };
    story.commits.unshift(merge);
    const { holds, touching } = (await story.graph()).follow(rightly({ a: '2', b: '1' }));
    assert.equal(story.hashes([...story.commits.keys()].filter(holds)), 'merge topic 2');
    assert.equal(story.hashes(touching), 'topic 2 topic');
    const whole = [{ ...merge, isWhole: true }, ...story.commits.slice(1)];
    assert.deepEqual((await ChangeGraph.read(whole, async () => new Map())).follow(rightly({ a: '2', b: '1' })).touching, [1, 2]);
  });

  it('leaves open what a link leads to', async () => {
    const story = new Story().add('first', [], 'a:1').add('linked', ['first'], 'b@x').add('unlinked', ['linked'], 'b:');
    const graph = await story.graph();
    const { holds, mayHold } = graph.follow(rightly({ a: '1', b: '1' }));
    assert.deepEqual([mayHold, holds].map((one) => story.hashes([...story.commits.keys()].filter(one))), ['linked', '']);
    assert.deepEqual([graph.linked(), graph.contentsOf('b').links.length, graph.contentsOf('b').files], [['b'], 1, []]);
  });

  it('gives the files of commits on all sides', async () => {
    const story = new Story().add('first', [], 'a:1', 'b:1').add('left', ['first'], 'a:2').add('right', ['first'], 'b:', 'c:3').add('merge', ['left', 'right'], 'b:', 'c:3');
    const files = (await story.graph()).filesOf([0, 1, 2, 3]);
    const words = [...files].map(([number, entries]) => `${story.hashes([number])}: ${entries.map(({ path, oid }) => path + String.fromCharCode(Number.parseInt(oid.slice(0, 8), 16))).sort().join(' ')}`);
    assert.deepEqual(words.sort(), ['first: a1 b1', 'left: a2 b1', 'merge: a2 c3', 'right: a1 c3']);
  });
});
