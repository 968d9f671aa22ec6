import assert from 'node:assert/strict';
import { loadMarkdownGrammar } from '../../../src/adapters/text/markdown.ts';
import type { Verdict } from '../../../src/core/diagnostics/verdict.ts';
import { Library, type ListedFile } from '../../../src/core/runbook/library.ts';
import { Mutes } from '../../../src/core/advisors/mutes.ts';
import { Advisors } from '../../../src/features/diagnostics/advisors.ts';
import { diagnosticRow, diagnosticsTree, isDiagnosticNode, listDiagnostics, Verdicts, type DiagnosticNode } from '../../../src/features/diagnostics/tree.ts';
import { Emitter } from '../../../src/util/event.ts';
import { fakeConnection } from '../../fakes/connection.ts';
import { FakeStorage } from '../../fakes/storage.ts';
import { TestSession } from '../../fakes/session.ts';

const fence = (title: string, more = '', code = 'select 1') => `\`\`\`sql title="${title}" warn="ratio < 99%"${more}\n${code}\n\`\`\`\n\n`;
const files: Readonly<Record<string, string>> = {
  'queries.md': `# Queries\n\n${fence('Cache hit ratio', ' critical="ratio < 95%"')}${fence('Slow queries', ' topic=Speed')}`,
  'docs/OPERATIONS.md': `# Operations\n\n${fence('Cache hit ratio', ' topic=Queries', 'select 2')}`,
};

describe('diagnostics', () => {
  let library: Library;
  let changed: Emitter<void>;
  beforeEach(() => {
    changed = new Emitter<void>();
    const list = async (): Promise<ListedFile[]> => Object.entries(files).map(([label, text]) => ({ uri: `file:///${label}`, label, origin: 'repository', read: async () => text }));
    library = new Library({ sources: [{ list, onDidChange: changed.event }], grammar: loadMarkdownGrammar });
  });

  async function named(title: string): Promise<DiagnosticNode> {
    const found = (await listDiagnostics(library)).find(({ step }) => step.title === title);
    assert.ok(found);
    return found;
  }

  describe('as rows', () => {
    it('have not been run at first, and say their limits', async () => {
      const node = await named('Cache hit ratio');
      assert.deepEqual(diagnosticRow(node, undefined), {
        id: `diagnostic/${node.id}`,
        kind: 'diagnostic',
        label: 'Cache hit ratio',
        tooltip: ['Cache hit ratio', 'not run yet', 'warn: ratio < 99%', 'critical: ratio < 95%'],
        icon: { name: 'circle-large-outline' },
        states: [],
        click: 'diagnostics.run',
      });
    });

    for (const [state, word] of [
      ['ok', 'ok'],
      ['warn', 'warning'],
      ['critical', 'critical'],
      ['unknown', 'unknown'],
    ] as const) {
      it(`show the last verdict ${state} with its sign and in words`, async () => {
        const { description, tooltip, icon } = diagnosticRow(await named('Slow queries'), { state, summary: 'ratio 98.2, warn below 99 %', rows: [] });
        assert.deepEqual([description, tooltip?.[1], icon?.state], ['ratio 98.2, warn below 99 %', `${word}: ratio 98.2, warn below 99 %`, state]);
      });
    }

    it('show control characters of outside text, each in one line', async () => {
      const node = await named('Slow queries');
      const { label, description, tooltip } = diagnosticRow({ ...node, step: { ...node.step, title: 'x\u202e' } }, { state: 'unknown', summary: 'ratio is no number: \n\u001b', rows: [] });
      assert.deepEqual([label, description, tooltip?.[1]], ['x\\u{202e}', 'ratio is no number: ␊␛', 'unknown: ratio is no number: ␊␛']);
    });
  });

  describe('in their view', () => {
    let world: TestSession;
    let verdicts: Verdicts;
    beforeEach(async () => {
      world = new TestSession();
      verdicts = new Verdicts();
      await world.show(fakeConnection());
    });
    const advisorsOf = (session = world.session) => new Advisors({ session, mutes: new Mutes(new FakeStorage()) });
    const tree = () => diagnosticsTree({ session: world.session, library, verdicts, advisors: advisorsOf() });

    it('stand by topic: the fence’s own, else the title of the document', async () => {
      const view = tree();
      const [advisors, ...topics] = (await view.children(undefined)).toReversed();
      assert.equal(advisors?.kind, 'advisors');
      topics.reverse();
      assert.deepEqual(topics.map((node) => view.row(node)), ['Queries', 'Speed'].map((topic) => ({ id: `topic/${topic}`, kind: 'topic', label: topic, icon: { name: 'list-tree' }, expandable: 'expanded' })));
      const [queries, speed] = await Promise.all(topics.map(async (topic) => (await view.children(topic)).map((node) => view.row(node).label)));
      assert.deepEqual([queries, speed], [['Cache hit ratio', 'Cache hit ratio'], ['Slow queries']]);
    });

    it('have ids of their own, also when two have the same title', async () => {
      const ids = (await listDiagnostics(library)).map(({ id }) => id);
      assert.equal(new Set(ids).size, 3);
    });

    it('keep each its own verdict', async () => {
      const view = tree();
      const [first, second] = (await listDiagnostics(library)).filter(({ step }) => step.title === 'Cache hit ratio');
      assert.ok(first && second);
      const verdict: Verdict = { state: 'warn', summary: 'ratio 98.2', rows: [0] };
      verdicts.set(first, verdict);
      assert.deepEqual([view.row(first).description, view.row(second).description], ['ratio 98.2', undefined]);
      verdicts.clear();
      assert.equal(view.row(first).description, undefined);
    });

    it('are told anew after a verdict, a change of a file, another project and a refresh', async () => {
      const view = tree();
      let changes = 0;
      view.onDidChange(() => changes++);
      const steps: readonly (() => Promise<void> | void)[] = [
        async () => verdicts.set(await named('Slow queries'), { state: 'ok', summary: '', rows: [] }),
        () => changed.fire(),
        async () => world.session.refresh(),
        async () => void (await world.show(fakeConnection())),
      ];
      for (const step of steps) {
        const before = changes;
        await step();
        assert.ok(changes > before, step.toString());
      }
    });

    it('are not there without a project', async () => {
      assert.deepEqual(await diagnosticsTree({ session: new TestSession().session, library, verdicts, advisors: advisorsOf() }).children(undefined), []);
    });

    it('know their nodes from those of other views', async () => {
      assert.deepEqual([await named('Slow queries'), { kind: 'topic', topic: 'x' }, null].map(isDiagnosticNode), [true, false, false]);
    });
  });
});
