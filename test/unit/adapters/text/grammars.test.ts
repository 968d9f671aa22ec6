import assert from 'node:assert/strict';
import { loadMarkdownGrammar } from '../../../../src/adapters/text/markdown.ts';
import { loadShellGrammar } from '../../../../src/adapters/text/shell.ts';
import { plainText } from '../../../../src/core/runbook/markdown.ts';

describe('Markdown grammar', () => {
  it('gives the nodes in order, with exact places', async () => {
    const text = '# A *b*\n\n- [x] do `x y`\n  ```sh t=1\n  ls\n  ```\n';
    const nodes = (await loadMarkdownGrammar()).parse(text);
    assert.deepEqual(nodes.map(({ kind }) => kind), ['heading', 'task', 'prose', 'inlineCode', 'fence']);
    const [heading, task, , code, fence] = nodes;
    assert.equal(heading?.kind === 'heading' && plainText(text, heading.range, heading.marks), 'A b');
    assert.equal(task?.kind === 'task' && text.slice(task.range.start, task.range.end), '- [x] do `x y`');
    assert.equal(code?.kind === 'inlineCode' && text.slice(code.code.start, code.code.end), 'x y');
    assert.equal(fence?.kind === 'fence' && text.slice(fence.info.start, fence.info.end), 'sh t=1');
    assert.deepEqual(fence?.kind === 'fence' && fence.pieces.map(({ start, end }) => text.slice(start, end)), ['ls']);
  });
});

describe('shell grammar', () => {
  it('gives commands with their words, redirections and pipelines', async () => {
    const source = `A=1 cmd -x "a b" 'c' d\\ e$(date) > out.txt | grep "x y" && next; for f in a; do b; done`;
    const { valid, statements } = (await loadShellGrammar()).parse(source);
    assert.equal(valid, true);
    assert.deepEqual(statements.map(({ range }) => source.slice(range.start, range.end)), [`A=1 cmd -x "a b" 'c' d\\ e$(date) > out.txt | grep "x y"`, 'next', 'for f in a; do b; done']);
    const [first, , loop] = statements;
    assert.deepEqual(first?.pipeline?.map(({ words }) => words.map(({ value }) => value)), [['cmd', '-x', 'a b', 'c', 'd e$(date)'], ['grep', 'x y']]);
    assert.deepEqual(first?.pipeline?.[0]?.assignments, [{ name: 'A', value: '1' }]);
    assert.deepEqual(first?.pipeline?.[0]?.redirects, [{ operator: '>', target: 'out.txt' }]);
    assert.equal(loop?.pipeline, undefined);
  });

  it('says what is no shell, and still gives what it read', async () => {
    const { valid, statements } = (await loadShellGrammar()).parse('ls\necho "open');
    assert.equal(valid, false);
    assert.ok(statements.length >= 1);
  });

  it('ends a statement behind its here-document', async () => {
    const source = 'cat <<EOF\n# text\nEOF\nls';
    const { statements } = (await loadShellGrammar()).parse(source);
    assert.deepEqual(statements.map(({ range }) => source.slice(range.start, range.end).trimEnd()), ['cat <<EOF\n# text\nEOF', 'ls']);
  });
});
