import assert from 'node:assert/strict';
import { loadMarkdownGrammar } from '../../../src/adapters/text/markdown.ts';
import { OpsError } from '../../../src/core/errors.ts';
import type { Step } from '../../../src/core/runbook/document.ts';
import { Library, type ListedFile } from '../../../src/core/runbook/library.ts';
import type { Argument, Instruction, Operation, OperationKind, Risk } from '../../../src/core/runbook/operation.ts';
import { describeOperation, isRunnable, riskIcon, riskWord, withoutSecretValues } from '../../../src/features/runbooks/describe.ts';
import { inDocument, isRunbookNode, runbooksTree, toRow, type RunbookNode } from '../../../src/features/runbooks/tree.ts';
import { Emitter } from '../../../src/util/event.ts';
import { fakeConnection } from '../../fakes/connection.ts';
import { TestSession } from '../../fakes/session.ts';

const value = (text: string): Argument => ({ kind: 'value', value: text });
const open: Argument = { kind: 'placeholder', placeholder: { text: '<function_name>', label: 'function name', range: { start: 0, end: 0 }, secret: false } };
const command = 'echo hello';

/** Every kind of operation there is: a new one without its words does not compile here. */
const wordings: { readonly [K in OperationKind]: readonly (readonly [Operation & { readonly kind: K }, string])[] } = {
  sql: [
    [{ kind: 'sql', statement: 'select 1', statementKind: 'read' }, 'run query'],
    [{ kind: 'sql', statement: 'delete from t', statementKind: 'write' }, 'run SQL that changes something'],
    [{ kind: 'sql', statement: 'what', statementKind: 'unknown' }, 'run SQL that changes something'],
    [{ kind: 'sql', statement: 'select 1', statementKind: 'export', file: { name: 'x.csv', format: 'csv', header: true } }, 'export as file'],
  ],
  http: [
    [{ kind: 'http', method: 'POST', target: { kind: 'function', slug: value('mint-token'), path: '' }, headers: {}, timings: false }, 'POST mint-token'],
    [{ kind: 'http', method: 'GET', target: { kind: 'project', path: '/rest/v1/health' }, headers: {}, timings: false }, 'GET /rest/v1/health'],
    [{ kind: 'http', method: 'GET', target: { kind: 'url', url: value('https://example.test') }, headers: {}, timings: false }, 'GET https://example.test'],
  ],
  logs: [
    [{ kind: 'logs', services: [], functions: [value('a'), open], follow: true, statistics: false }, 'tail a, <function_name>'],
    [{ kind: 'logs', services: [], functions: '*', follow: true, statistics: false }, 'tail all functions'],
    [{ kind: 'logs', services: ['postgres', 'auth'], follow: true, statistics: false }, 'tail postgres, auth'],
  ],
  'functions.list': [[{ kind: 'functions.list' }, 'list functions']],
  'functions.deploy': [
    [{ kind: 'functions.deploy', slugs: '*', noVerifyJwt: false, intent: 'deploy' }, 'deploy all functions'],
    [{ kind: 'functions.deploy', slugs: [value('health')], noVerifyJwt: false, intent: 'restart' }, 'redeploy what is live of health'],
  ],
  'functions.rollback': [[{ kind: 'functions.rollback', slug: value('health'), commit: value('3f2a91c') }, 'roll back health']],
  'secrets.list': [[{ kind: 'secrets.list' }, 'list secrets']],
  'secrets.set': [[{ kind: 'secrets.set', secrets: [{ name: 'A', source: { kind: 'offer', value: 'hunter2' } }, { name: 'B', source: { kind: 'ask' } }] }, 'set A, B']],
  'database.inspect': [[{ kind: 'database.inspect' }, 'run all diagnostics and ask Supabase’s advisors']],
  'database.stats': [[{ kind: 'database.stats' }, 'check health']],
  'database.analyze': [[{ kind: 'database.analyze', slowQueries: true }, 'run all diagnostics and ask Supabase’s advisors']],
  health: [[{ kind: 'health', scope: 'project' }, 'check health']],
  'migrations.list': [[{ kind: 'migrations.list' }, 'list migrations']],
  'migrations.new': [[{ kind: 'migrations.new', command }, 'run in the terminal']],
  'migrations.push': [[{ kind: 'migrations.push', command }, 'run in the terminal']],
  'migrations.rollback': [[{ kind: 'migrations.rollback', command }, 'never run as written']],
  'functions.serve': [[{ kind: 'functions.serve', command }, 'run in the terminal']],
  login: [[{ kind: 'login', command }, 'sign in']],
  cliUpdate: [[{ kind: 'cliUpdate', command }, 'run in the terminal']],
  gitLog: [[{ kind: 'gitLog', command }, 'show what changed']],
  link: [[{ kind: 'link', ref: value('abcdefghijklmnopqrst'), command }, 'select project']],
  backup: [[{ kind: 'backup', command }, 'run in the terminal']],
  restore: [[{ kind: 'restore', command }, 'never run as written']],
  tlsCheck: [[{ kind: 'tlsCheck', host: value('example.test'), port: 443, command }, 'run in the terminal']],
  changeFolder: [[{ kind: 'changeFolder', folder: value('supabase') }, 'change folder']],
  frontendRollback: [[{ kind: 'frontendRollback', command }, 'run in the terminal']],
  terminal: [[{ kind: 'terminal', command }, 'run in the terminal']],
  note: [[{ kind: 'note', text: 'Look at the graph.' }, 'note']],
};

function instruction(operation: Operation, more: Partial<Instruction> = {}): Instruction {
  return { range: { start: 0, end: 4 }, text: 'as written', reason: '', operation, risk: 'reads', placeholders: [], ...more };
}

describe('what an instruction means, in words', () => {
  for (const [operation, words] of Object.values(wordings).flat() as [Operation, string][]) {
    it(`${operation.kind}: ${words}`, () => {
      assert.equal(describeOperation(instruction(operation)), words);
    });
  }

  it('shows control characters of outside text', () => {
    assert.equal(describeOperation(instruction({ kind: 'functions.rollback', slug: value('x\u202e\n'), commit: value('') })), 'roll back x\\u{202e}␊');
  });

  it('is run unless it is only shown', () => {
    const shown = (Object.values(wordings).flat() as [Operation, string][]).map(([operation]) => instruction(operation)).filter((known) => !isRunnable(known));
    assert.deepEqual(shown.map(({ operation }) => operation.kind).sort(), ['changeFolder', 'note']);
  });

  it('has a sign and a word for each risk, all different', () => {
    const risks: readonly Risk[] = ['none', 'reads', 'writes', 'destroys', 'deploys', 'secret'];
    assert.equal(new Set(risks.map((risk) => riskIcon(risk).name)).size, risks.length);
    assert.equal(new Set(risks.map(riskWord)).size, risks.length);
  });
});

describe('text of a manual in a row', () => {
  const setting = instruction({ kind: 'secrets.set', secrets: ['A', 'B', 'C', 'D'].map((name) => ({ name, source: { kind: 'ask' } })) });

  it('has no value of a secret that it sets, however it is quoted', () => {
    assert.equal(withoutSecretValues(`supabase secrets set A=one B="two words" C='three' D=$(openssl rand -base64 32) E=five`, [setting]), 'supabase secrets set A=… B=… C=… D=… E=five');
  });

  it('has nothing that looks like a credential', () => {
    assert.equal(withoutSecretValues('curl -H "apikey: sb_secret_0123456789"', []), 'curl -H "apikey: sb_secret_…"');
  });
});

const manual = `# Operations

## Daily

\`\`\`bash
supabase functions list
supabase secrets set API_KEY=hunter2
\`\`\`

\`\`\`text
only text
\`\`\`

- [x] look at the dashboard
- [ ] call Ada

## Nothing to do

Prose.

## Queries

### Slow

\`\`\`sql title="Slow queries"
select 1
\`\`\`
`;

describe('the view of runbooks', () => {
  const files = new Map<string, Omit<ListedFile, 'uri'>>();
  let library: Library;
  let changed: Emitter<void>;
  let world: TestSession;
  const meanings: Record<string, Instruction[]> = {
    supabase: [
      instruction({ kind: 'functions.list' }, { text: 'supabase functions list', range: { start: 0, end: 23 } }),
      instruction({ kind: 'secrets.set', secrets: [{ name: 'API_KEY', source: { kind: 'offer', value: 'hunter2' } }] }, { text: 'supabase secrets set API_KEY=hunter2', range: { start: 24, end: 60 }, risk: 'secret', reason: 'The key is rotated monthly.', remark: 'Typed into a form.' }),
    ],
    select: [instruction({ kind: 'sql', statement: 'select 1', statementKind: 'read' }, { text: 'select 1' })],
    only: [instruction({ kind: 'note', text: 'only text' }, { text: 'only text', risk: 'none' })],
  };
  const interpret = async (step: Step) => meanings[step.text.split(' ')[0] ?? ''] ?? [];
  beforeEach(() => {
    files.clear();
    files.set('file:///docs/OPERATIONS.md', { label: 'docs/OPERATIONS.md', origin: 'repository', read: async () => manual });
    changed = new Emitter<void>();
    const list = async () => [...files].map(([uri, file]): ListedFile => ({ uri, ...file }));
    library = new Library({ sources: [{ list, onDidChange: changed.event }], grammar: loadMarkdownGrammar });
    world = new TestSession();
  });
  const tree = () => runbooksTree({ session: world.session, library, interpret });

  async function below(...path: string[]): Promise<readonly RunbookNode[]> {
    const view = tree();
    let nodes = await view.children(undefined);
    for (const label of path) {
      const node = nodes.find((candidate) => toRow(candidate).label === label);
      assert.ok(node, `${label} is among ${nodes.map((candidate) => toRow(candidate).label).join(', ')}`);
      nodes = await view.children(node);
    }
    return nodes;
  }
  const shown = (nodes: readonly RunbookNode[]) => nodes.map((node) => [toRow(node).label, toRow(node).description]);

  it('has the folder’s documents by their paths and the extension’s by their titles', async () => {
    files.set('opsbook:/runbooks/health.md', { label: 'health.md', origin: 'bundled', read: async () => '# When it is slow\n\n```sql\nselect 1\n```\n' });
    files.set('opsbook:/runbooks/judged.md', { label: 'judged.md', origin: 'bundled', read: async () => '# Judged\n\n```sql warn="a > 1"\nselect 1\n```\n' });
    files.set('file:///docs/EMPTY.md', { label: 'docs/EMPTY.md', origin: 'repository', read: async () => 'Nothing here.\n' });
    assert.deepEqual(shown(await below()), [
      ['docs/OPERATIONS.md', 'Operations'],
      ['When it is slow', 'Opsbook'],
      ['docs/EMPTY.md', 'EMPTY'],
    ]);
  });

  it('unfolds a document to its sections with something to do, and how much of it is done', async () => {
    assert.deepEqual(shown(await below('docs/OPERATIONS.md')), [
      ['Daily', '2 steps · 1 of 2 ticked'],
      ['Slow', '1 step · Queries'],
    ]);
  });

  it('unfolds a section to its steps and tasks in the order of the text', async () => {
    const rows = (await below('docs/OPERATIONS.md', 'Daily')).map(toRow);
    assert.deepEqual(
      rows.map(({ kind, description, icon, states, expandable }) => ({ kind, description, icon: icon?.name, states, expandable })),
      [
        { kind: 'step', description: '2 commands', icon: 'key', states: ['runnable'], expandable: 'collapsed' },
        { kind: 'step', description: 'note', icon: 'note', states: [], expandable: undefined },
        { kind: 'task', description: undefined, icon: 'pass', states: undefined, expandable: undefined },
        { kind: 'task', description: undefined, icon: 'circle-large-outline', states: undefined, expandable: undefined },
      ],
    );
    assert.deepEqual(rows.slice(2).map(({ label }) => label), ['look at the dashboard', 'call Ada']);
  });

  it('says of a step with one command what that does', async () => {
    assert.deepEqual(shown(await below('docs/OPERATIONS.md', 'Slow')), [['Slow queries', 'run query']]);
  });

  it('unfolds a step to its commands: the meaning first, where it tells more than the text', async () => {
    const [step] = await below('docs/OPERATIONS.md', 'Daily');
    assert.ok(step);
    const commands = await tree().children(step);
    assert.deepEqual(shown(commands), [
      ['list functions', 'supabase functions list'],
      ['set API_KEY', 'supabase secrets set API_KEY=…'],
    ]);
    const [, setting] = commands.map(toRow);
    assert.deepEqual(setting?.tooltip, ['supabase secrets set API_KEY=…', '', 'The key is rotated monthly.', '', 'Typed into a form.']);
    assert.deepEqual([setting.icon?.name, setting.states, setting.click], ['key', ['runnable'], 'runbooks.open']);
  });

  it('has no value of a secret in any row', async () => {
    const rows: unknown[] = [];
    const walk = async (nodes: readonly RunbookNode[]): Promise<void> => {
      for (const node of nodes) {
        rows.push(toRow(node));
        await walk(await tree().children(node));
      }
    };
    await walk(await below());
    assert.ok(rows.length > 8);
    assert.ok(!JSON.stringify(rows).includes('hunter2'));
  });

  it('has rows with ids of their own', async () => {
    const ids: string[] = [];
    const walk = async (nodes: readonly RunbookNode[]): Promise<void> => {
      for (const node of nodes) {
        ids.push(toRow(node).id);
        await walk(await tree().children(node));
      }
    };
    await walk(await below());
    assert.equal(new Set(ids).size, ids.length);
  });

  it('shows control characters of outside text, each in one line', () => {
    const row = toRow({ kind: 'section', uri: 'file:///x.md', path: ['x', 'a\u202e'], heading: 'a\u202e', range: { start: 0, end: 1 }, steps: 1, open: 0, tasks: 0 });
    assert.equal(row.label, 'a\\u{202e}');
    assert.equal(toRow({ kind: 'task', uri: 'x', range: { start: 0, end: 1 }, task: { text: 'a\u001bb', ticked: false, range: { start: 0, end: 1 }, boxRange: { start: 0, end: 1 } } }).label, 'a␛b');
  });

  it('leads to where a command stands in its document', async () => {
    const [step] = await below('docs/OPERATIONS.md', 'Daily');
    assert.ok(step?.kind === 'step');
    const [, setting] = await tree().children(step);
    assert.ok(setting?.kind === 'instruction');
    assert.equal(manual.slice(setting.range.start, setting.range.end), 'supabase secrets set API_KEY=hunter2');
    assert.deepEqual(inDocument(step.step, setting.instruction.range), setting.range);
  });

  it('is empty below a document that is gone, and below what has nothing', async () => {
    const [document] = await below();
    const [step] = await below('docs/OPERATIONS.md', 'Slow');
    assert.ok(document && step);
    files.clear();
    changed.fire();
    assert.deepEqual(await tree().children(document), []);
    assert.equal((await tree().children({ ...step, kind: 'task', uri: '', task: { text: '', ticked: false, range: step.range, boxRange: step.range } })).length, 0);
  });

  it('fails with the reason when the meaning of a step cannot be told', async () => {
    const [section] = await below('docs/OPERATIONS.md');
    const error = new OpsError('badDocument', { document: 'x', problem: 'y' });
    const view = runbooksTree({ session: world.session, library, interpret: () => Promise.reject(error) });
    await assert.rejects(view.children(section), (thrown) => thrown === error);
  });

  it('is told anew after a change of a file, another project, and a refresh', async () => {
    const view = tree();
    let changes = 0;
    view.onDidChange(() => changes++);
    changed.fire();
    assert.equal(changes, 1);
    await world.show(fakeConnection());
    assert.ok(changes > 1);
    const before = changes;
    await world.session.refresh();
    assert.ok(changes > before);
  });

  it('knows its nodes from those of other views', async () => {
    const [document] = await below();
    assert.deepEqual([document, { kind: 'function', slug: 'x' }, null].map(isRunbookNode), [true, false, false]);
  });
});
