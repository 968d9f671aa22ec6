import assert from 'node:assert/strict';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { until } from '../world/until.ts';
import { run } from './opsbook.ts';
import { Person } from './person.ts';
import { sandbox } from './sandbox.ts';

function marks(document: vscode.TextDocument): string[] {
  const own = vscode.languages.getDiagnostics(document.uri).filter(({ source }) => source === 'Opsbook');
  return own.map(({ code, range }) => `${typeof code === 'object' ? code.value : String(code)} ${document.getText(range)}`).sort();
}

async function marked(document: vscode.TextDocument, what: string, expected: readonly string[]): Promise<void> {
  await until(`${what}: ${expected.join()}`, () => JSON.stringify(marks(document)) === JSON.stringify(expected), 20_000).catch(() => assert.deepEqual(marks(document), expected, what));
}

async function replace(document: vscode.TextDocument, from: string, to: string): Promise<void> {
  const at = document.getText().indexOf(from);
  const change = new vscode.WorkspaceEdit();
  change.replace(document.uri, new vscode.Range(document.positionAt(at), document.positionAt(at + from.length)), to);
  assert.ok(await vscode.workspace.applyEdit(change));
}

async function withFile(name: string, content: string, use: (document: vscode.TextDocument) => Promise<void>): Promise<void> {
  const uri = vscode.Uri.file(path.join(sandbox.workspace, name));
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(content));
  try {
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document);
    await use(document);
  } finally {
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await vscode.workspace.fs.delete(uri);
  }
}

/** A statement whose names are right and whose types are not, and one whose names are not. */
const wrong = "select symbol from tokens where created_at = symbol;\nselect '😀', symbl from tokens;\n";

describe('Statements that the server prepares', () => {
  const configUri = vscode.Uri.file(path.join(sandbox.workspace, 'supabase', 'config.toml'));
  let person: Person;
  let config: Uint8Array;

  before(async () => {
    person = new Person();
    config = await vscode.workspace.fs.readFile(configUri);
    assert.ok(sandbox.databaseUrl);
    person.answers(sandbox.databaseUrl);
    await run('project.setConnectionString');
  });
  beforeEach(() => person.forget());
  after(async () => {
    person.forget();
    // The project, and of its branches itself.
    person.answers(/^acme\b/, /^acme\b/);
    await run('project.select');
    assert.equal(person.asked.length, 2, 'the hosted project is open again');
    // Afterwards: a local stack is looked for anew when its files change.
    await vscode.workspace.fs.writeFile(configUri, config);
    person.leave();
  });

  it('are prepared by a hosted one on request alone, which says what it locks', async () => {
    await withFile('supabase/scripts/hosted.sql', wrong, async (document) => {
      await marked(document, 'the names alone', ['OB303 symbl']);
      await sleep(2000);
      assert.deepEqual(marks(document), ['OB303 symbl'], 'nobody asked');
      await run('sql.checkOnServer');
      assert.match(person.told.join('\n'), /Have acme prepare 2 statements\?/);
      await sleep(500);
      assert.deepEqual(marks(document), ['OB303 symbl'], 'it was dismissed');
      person.forget();
      person.answers('Prepare');
      await run('sql.checkOnServer');
      await person.isTold(/Prepared on acme and not run: 0 accepted, 2 refused/);
      await marked(document, 'types too', ['OB303 symbl', 'OB401 =']);
    });
  });

  it('are prepared by a local one as they are written, without a word, and no longer marked when they are mended', async () => {
    const text = new TextDecoder().decode(config).replace(/(\[db\]\s+port = )\d+/, `$1${sandbox.localPort}`);
    await vscode.workspace.fs.writeFile(configUri, new TextEncoder().encode(text));
    await run('project.connectLocal');
    await withFile('supabase/scripts/local.sql', wrong, async (document) => {
      await marked(document, 'types too', ['OB303 symbl', 'OB401 =']);
      await replace(document, 'created_at =', 'created_at::text =');
      await marked(document, 'it is mended', ['OB303 symbl']);
      await replace(document, '::text =', ' <>');
      await marked(document, 'and wrong again', ['OB303 symbl', 'OB401 <>']);
      await replace(document, 'select symbol', 'alter table tokens alter column created_at type text;\nselect symbol');
      await marked(document, 'the server knows nothing of what is made above', ['OB204 text', 'OB303 symbl']);
    });
    assert.deepEqual(person.told, []);
  });
});
