import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { until } from '../world/until.ts';
import { sandbox } from './sandbox.ts';

/** The documents that are open, by the end of their path. */
function opened(ending: string): vscode.TextDocument | undefined {
  return vscode.workspace.textDocuments.find(({ uri, isClosed }) => !isClosed && uri.path.endsWith(ending));
}

/** The request editor of a function, as soon as the project is connected. */
async function editorOf(slug: string): Promise<vscode.TextEditor> {
  return until(`the request editor of ${slug}`, async () => {
    await vscode.commands.executeCommand('opsbook.functions.invoke', slug);
    const active = vscode.window.activeTextEditor;
    return active?.document.uri.path.endsWith(`/${slug}.http`) && active;
  });
}

async function replace(editor: vscode.TextEditor, text: string): Promise<void> {
  const whole = new vscode.Range(new vscode.Position(0, 0), editor.document.positionAt(editor.document.getText().length));
  assert.ok(await editor.edit((edit) => edit.replace(whole, text)));
}

async function lenses(document: vscode.TextDocument): Promise<string[]> {
  const found = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', document.uri, 20);
  return found.map(({ command }) => command?.title ?? '');
}

describe('calling a function', () => {
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('shows the answer beside its request, with the log of that call', async () => {
    const editor = await editorOf('health');
    assert.deepEqual([editor.document.uri.scheme, editor.document.languageId], ['opsbook-request', 'http']);
    await replace(editor, '# role: anon\nGET /functions/v1/health\n');
    assert.match((await lenses(editor.document)).join('|'), /Send as anon to acme \(production\)\|Copy as curl\|Sign…\|Save…/);
    assert.ok(await editor.document.save());
    await vscode.commands.executeCommand('opsbook.functions.sendRequest');
    const answer = opened('/health answer.http') ?? assert.fail('there is no answer');
    assert.equal(answer.languageId, 'opsbook-answer');
    assert.match(answer.getText(), /^# GET \/functions\/v1\/health\n[^]*\nHTTP\/1\.1 200[^]*\n### Log of execution [0-9a-f-]{36}\n20/);
    assert.match((await lenses(answer)).join('|'), /Read the log again/);
    const tokens = await vscode.commands.executeCommand<vscode.SemanticTokens>('vscode.provideDocumentSemanticTokens', answer.uri);
    assert.ok(tokens.data.length > 0);
  });

  it('keeps the request for the next time', async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    assert.equal((await editorOf('health')).document.getText(), '# role: anon\nGET /functions/v1/health\n');
  });

  it('calls a credential in the document a problem, and mends it', async () => {
    const editor = await editorOf('health');
    await replace(editor, 'GET /functions/v1/health\nAuthorization: Bearer abc\n');
    const [problem] = await until('the problem is told', () => {
      const problems = vscode.languages.getDiagnostics(editor.document.uri);
      return problems.length > 0 && problems;
    });
    assert.match(problem?.message ?? '', /secret storage/);
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', editor.document.uri, problem?.range);
    const fix = actions.find(({ title }) => title.startsWith('Ask for it')) ?? assert.fail('there is no fix');
    assert.ok(fix.edit && (await vscode.workspace.applyEdit(fix.edit)));
    assert.equal(editor.document.getText(), 'GET /functions/v1/health\nAuthorization: {{secret authorization}}\n');
    await until('the problem is gone', () => vscode.languages.getDiagnostics(editor.document.uri).length === 0);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('opens a saved request from where it was saved', async () => {
    const file = vscode.Uri.joinPath(vscode.Uri.file(sandbox.workspace), 'supabase', 'requests', 'health.http');
    await vscode.workspace.fs.writeFile(file, new TextEncoder().encode('# role: none\nGET /functions/v1/health\n'));
    try {
      const document = await vscode.workspace.openTextDocument(file);
      assert.equal(document.languageId, 'http');
      assert.match((await lenses(document)).join('|'), /Send as none to acme \(production\)\|Copy as curl\|Sign…$/);
      const foreign = await vscode.workspace.openTextDocument({ language: 'http', content: 'GET https://example.test\n' });
      assert.deepEqual((await lenses(foreign)).filter((title) => title.includes('Send as')), []);
    } finally {
      await vscode.workspace.fs.delete(vscode.Uri.joinPath(file, '..'), { recursive: true });
    }
  });
});
