import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { loadMarkdownGrammar } from '../../../../src/adapters/text/markdown.ts';
import { isOpsError } from '../../../../src/core/errors.ts';
import { toDocumentOffset } from '../../../../src/core/runbook/code.ts';
import type { RunbookDocument, Step } from '../../../../src/core/runbook/document.ts';
import type { MarkdownGrammar } from '../../../../src/core/runbook/markdown.ts';
import { parseDocument } from '../../../../src/core/runbook/parseDocument.ts';
import { progressOf, setTask } from '../../../../src/core/runbook/tasks.ts';
import { skipFor } from '../../../world/skip.ts';

const root = path.resolve(import.meta.dirname, '../../../..');

describe('runbook document', () => {
  let markdown: MarkdownGrammar;

  before(async () => {
    markdown = await loadMarkdownGrammar();
  });

  const parse = (text: string, uri = 'file:///docs/My%20manual.md'): RunbookDocument => parseDocument(uri, text, markdown);
  const stepsOf = (text: string): Step[] => parse(text).sections.flatMap((section) => section.steps);
  const onlyStep = (text: string): Step => {
    const [step, ...others] = stepsOf(text);
    assert.equal(others.length, 0);
    return step ?? assert.fail('no step');
  };

  describe('sections', () => {
    it('have their headings without markup, from the top down', () => {
      const { title, sections } = parse('# The **manual** of `acme` [here](x) ##\n\n## A\ntext\n\n#### Deep *x*\n\n## B_c\n\nSetext\n===\n');
      assert.equal(title, 'The manual of acme here');
      assert.deepEqual(
        sections.map(({ path: headings, level }) => [level, ...headings.slice(1)]),
        [[1], [2, 'A'], [4, 'A', 'Deep x'], [2, 'B_c'], [1]],
      );
      assert.equal(sections.at(-1)?.heading, 'Setext');
    });

    it('cover the text from end to end', () => {
      const text = 'before\n\n# A\na\n## B\nb';
      const { sections } = parse(text);
      assert.equal(sections.map(({ range }) => text.slice(range.start, range.end)).join(''), text);
      assert.deepEqual(sections.map(({ level }) => level), [0, 1, 2]);
      assert.equal(text.slice(sections[1]?.headingRange.start, sections[1]?.headingRange.end), '# A');
    });

    it('take no headings out of quotes, lists and code', () => {
      assert.deepEqual(parse('# A\n> # quoted\n\n- # listed\n\n```sh\n# comment\n```\n').sections.map(({ heading }) => heading), ['A']);
    });

    it('are titled by the file without a heading', () => {
      assert.equal(parse('text').title, 'My manual');
      assert.equal(parse('', 'file:///a/%E0%A4%A.md').title, '%E0%A4%A');
      assert.deepEqual(parse('').sections, []);
    });
  });

  describe('steps', () => {
    it('have exact places', () => {
      const text = '# A\n\n```bash title="Look"\nls -la\npwd\n```\nafter';
      const step = onlyStep(text);
      assert.equal(text.slice(step.range.start, step.range.end), '```bash title="Look"\nls -la\npwd\n```');
      assert.equal(text.slice(step.codeRange.start, step.codeRange.end), 'ls -la\npwd');
      assert.equal(step.text, 'ls -la\npwd');
      assert.equal(step.title, 'Look');
      assert.equal(text[toDocumentOffset(step, step.text.indexOf('pwd'))], 'p');
    });

    it('lose the indentation of lists, quotes and of the fence, and keep their own', () => {
      const cases = [
        '1. **Do:**\n   ```sh\n   a\n     b\n\n   c\n   ```\n',
        '> ```sh\n> a\n>   b\n>\n> c\n> ```\n',
        '  ```sh\n  a\n    b\n\n  c\n  ```\n',
        '- x\n\n    ```sh\n    a\n      b\n\n    c\n    ```\n',
        '- > ```sh\n  > a\n  >   b\n  >\n  > c\n  > ```\n',
        '~~~~ sh\na\n  b\n\nc\n~~~~\n',
      ];
      for (const text of cases) {
        const step = onlyStep(text);
        assert.equal(step.text, 'a\n  b\n\nc', text);
        for (const letter of 'abc') {
          assert.equal(text[toDocumentOffset(step, step.text.indexOf(letter))], letter, text);
        }
      }
    });

    it('end with the text when the fence is never closed', () => {
      const text = '# A\n```sql\nselect 1;\n';
      const step = onlyStep(text);
      assert.equal(step.text, 'select 1;');
      assert.equal(step.range.end, text.length);
    });

    it('may be empty', () => {
      for (const text of ['```sql\n```', '```sql\n', '```sql', '> ```sql\n> ```']) {
        const step = onlyStep(text);
        assert.equal(step.text, '');
        assert.ok(step.codeRange.start >= step.range.start && step.codeRange.end <= step.range.end);
      }
    });

    it('have the language of their tag, or of their first command', () => {
      const languages = (tags: readonly string[]): string[] => tags.map((tag) => onlyStep(`\`\`\`${tag}\nx\n\`\`\``).language);
      assert.deepEqual(languages(['sql', 'PostgreSQL', 'pgsql']), ['sql', 'sql', 'sql']);
      assert.deepEqual(languages(['bash', 'sh', 'shell', 'zsh', 'console', 'Shell']), ['shell', 'shell', 'shell', 'shell', 'shell', 'shell']);
      assert.deepEqual(languages(['http', 'typescript', 'json', 'text', '']), ['http', 'other', 'other', 'other', 'other']);
      assert.equal(onlyStep('```\n# look\nsupabase functions list\n```').language, 'shell');
      assert.equal(onlyStep('```\n$ whatever\n```').language, 'shell');
      assert.equal(onlyStep('```\n./scripts/check.sh\n```').language, 'shell');
      assert.equal(onlyStep('```\nsupabase is a platform\n```'.replace('supabase', 'Supabase')).language, 'other');
    });

    it('are inline code of list items that is a command', () => {
      const text = '- Roll back: `vercel rollback`\n- [ ] run `supabase functions deploy [function-name]`\n1. `./scripts/x.sh`\n- set `jwt_expiry`, use `curl`, `docs/x.md`\n\nOutside `vercel rollback`\n- `EXPLAIN ANALYZE` it\n';
      const steps = stepsOf(text);
      assert.deepEqual(
        steps.map(({ text: code, language }) => [code, language]),
        [
          ['vercel rollback', 'shell'],
          ['supabase functions deploy [function-name]', 'shell'],
          ['./scripts/x.sh', 'shell'],
          ['EXPLAIN ANALYZE', 'sql'],
        ],
      );
      for (const step of steps) {
        assert.equal(step.origin, 'inline');
        assert.equal(text.slice(step.codeRange.start, step.codeRange.end), step.text);
      }
    });

    it('are titled by the comment on top, the label before them, or the heading', () => {
      assert.equal(onlyStep('# A\nlabel:\n```sh\n# Check it:\nls\n```').title, 'Check it');
      assert.equal(onlyStep('# A\n**Diagnosis:**\n```sh\nls\n```').title, 'Diagnosis');
      assert.equal(onlyStep('# A\n```sh\nls\n```').title, 'A');
      assert.equal(onlyStep('# A\nlabel\n## B\n```sql\n-- Slow ones\nselect 1\n```').title, 'Slow ones');
      assert.equal(onlyStep('```sh\n#!/bin/sh\nls\n```').title, '');
    });

    it('keep their ids while their section and text stay', () => {
      const fence = '```sh\nls\n```\n';
      const ids = stepsOf(`# A\n${fence}${fence}## B\n${fence}`).map(({ id }) => id);
      assert.equal(new Set(ids).size, 3);
      assert.deepEqual(stepsOf(`intro\n\n# A\nmore\n${fence}text\n${fence}\`\`\`sh\npwd\n\`\`\`\n## B\n${fence}`).map(({ id }) => id).filter((id) => ids.includes(id)), ids);
    });
  });

  describe('check lists', () => {
    const text = '# A\n- [ ] first `x`\n- [x] second\n  more\n* [X] third\n1. [ ] fourth\n- [-] none\n- none\n';

    it('are found with their state', () => {
      const tasks = parse(text).sections.flatMap((section) => section.tasks);
      assert.deepEqual(
        tasks.map(({ text: words, ticked }) => [words, ticked]),
        [
          ['first `x`', false],
          ['second', true],
          ['third', true],
          ['fourth', false],
        ],
      );
      assert.equal(text.slice(tasks[1]?.range.start, tasks[1]?.range.end), '- [x] second');
      assert.deepEqual(progressOf(parse(text)), { done: 2, total: 4 });
    });

    it('are ticked by one character', () => {
      for (const source of [text, `\uFEFF${text.replaceAll('\n', '\r\n')}`]) {
        for (const task of parse(source).sections.flatMap((section) => section.tasks)) {
          const changed = setTask(source, task, !task.ticked);
          assert.equal(changed.length, source.length);
          const differing = [...changed].flatMap((char, index) => (char === source[index] ? [] : [index]));
          assert.deepEqual(differing, [task.boxRange.start]);
          assert.equal(setTask(source, task, task.ticked), source);
          const again = parse(changed).sections.flatMap((section) => section.tasks).find(({ boxRange }) => boxRange.start === task.boxRange.start);
          assert.equal(again?.ticked, !task.ticked);
        }
      }
    });

    it('are not ticked in a text that has changed', () => {
      const [task] = parse(text).sections.flatMap((section) => section.tasks);
      assert.ok(task);
      assert.throws(() => setTask(`x${text}`, task, true), (error) => isOpsError(error, 'badDocument'));
    });
  });

  describe('bytes', () => {
    const text = '# Ä 🔧\nlabel\n```sh title="t"\n# c\nls 🔧\n\npwd\n```\n- [ ] a `git status`\n';

    it('are counted with a byte-order mark, and it hides no heading', () => {
      const plain = parse(text);
      const marked = parse(`\uFEFF${text}`);
      assert.equal(marked.title, plain.title);
      assert.deepEqual(
        marked.sections.flatMap(({ steps }) => steps.map((step) => step.range.start)),
        plain.sections.flatMap(({ steps }) => steps.map((step) => step.range.start + 1)),
      );
    });

    it('may have Windows line ends, which are in no step and no range', () => {
      const source = text.replaceAll('\n', '\r\n');
      const [fence, inline] = stepsOf(source);
      assert.equal(fence?.text, '# c\nls 🔧\n\npwd');
      assert.equal(source.slice(toDocumentOffset(fence, fence.text.indexOf('pwd')), fence.codeRange.end), 'pwd');
      assert.equal(source.slice(fence.range.start, fence.range.end).endsWith('```'), true);
      assert.equal(fence.title, 't');
      assert.equal(inline?.text, 'git status');
      assert.equal(parse(source).title, 'Ä 🔧');
      assert.equal(parse(source).sections[0]?.tasks[0]?.text, 'a `git status`');
    });

    it('that are no UTF-8 are read as they come', () => {
      const broken = new TextDecoder('utf-8').decode(new Uint8Array([0x23, 0x20, 0xff, 0xfe, 0x0a, ...new TextEncoder().encode('```sh\nls\n```')]));
      assert.equal(parse(broken).title, '\uFFFD\uFFFD');
      assert.equal(onlyStep(broken).text, 'ls');
    });
  });

  describe('any text', () => {
    const sample = [
      ...readdirSync(path.join(root, 'runbooks'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.md')).map((file) => path.join(root, 'runbooks', file)),
      ...(existsSync(path.join(root, '../shared/seeds')) ? readdirSync(path.join(root, '../shared/seeds')).map((file) => path.join(root, '../shared/seeds', file)) : []),
    ].map((file) => readFileSync(file, 'utf8')).join('\n\n');

    it('is parsed without throwing, with ranges within it', () => {
      const random = randomNumbers(7);
      for (let turn = 0; turn < 300; turn++) {
        const text = damagedSlice(sample, random);
        const { sections } = parse(text);
        for (const { range, steps, tasks } of sections) {
          assert.ok(range.start >= 0 && range.end <= text.length && range.start <= range.end);
          for (const step of steps) {
            checkStep(text, step);
          }
          for (const task of tasks) {
            assert.match(text.slice(task.boxRange.start - 1, task.boxRange.end + 1), /^\[[ xX]\]$/);
          }
        }
      }
    });

    it('of a megabyte is parsed', function () {
      if (!existsSync(path.join(root, '../shared/seeds'))) {
        skipFor(this, 'needs ../shared');
      }
      const text = sample.repeat(Math.ceil(1_000_000 / sample.length)).slice(0, 1_000_000);
      assert.ok(stepsOf(text).length > 1000);
    });
  });
});

/** Each line of a step is found in the document where the step says it is. */
function checkStep(text: string, step: Step): void {
  assert.ok(step.range.start <= step.codeRange.start && step.codeRange.end <= step.range.end);
  const lines = step.text.split('\n');
  assert.equal(lines.length, step.lines.length);
  for (const [index, line] of lines.entries()) {
    const { textStart = 0, documentStart = 0 } = step.lines[index] ?? {};
    assert.equal(text.slice(documentStart, documentStart + line.length), line);
    assert.equal(step.text.slice(textStart, textStart + line.length), line);
  }
}

/** A piece of the text with marks of Markdown strewn in. */
function damagedSlice(text: string, random: () => number): string {
  const start = Math.floor(random() * text.length);
  let slice = text.slice(start, start + Math.floor(random() * 3000));
  const marks = ['```', '~~~', '> ', '- ', '`', '\r\n', '\t', '[ ] ', '#', '\0', '\ud800', '\uFEFF', '    ', '"', '{', '$(', '<'];
  for (let count = Math.floor(random() * 8); count > 0; count--) {
    const at = Math.floor(random() * slice.length);
    slice = slice.slice(0, at) + (marks[Math.floor(random() * marks.length)] ?? '') + slice.slice(at + Math.floor(random() * 2));
  }
  return slice;
}

/** The same numbers each time (a linear congruential generator), so that a failure can be seen again. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
