/* eslint no-template-curly-in-string: off -- programs with templates in them are what is read here */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { until } from '../world/until.ts';
import { withFile } from './opsbook.ts';

function own(uri: vscode.Uri): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'Opsbook');
}

function codeOf({ code }: vscode.Diagnostic): string {
  return String(typeof code === 'object' ? code.value : code);
}

async function marks(document: vscode.TextDocument, what: string, holds: (found: readonly string[]) => boolean): Promise<string[]> {
  return until(what, () => {
    const found = own(document.uri).map((diagnostic) => `${codeOf(diagnostic)} ${document.getText(diagnostic.range)}`);
    return holds(found) ? found.sort() : undefined;
  });
}

async function edit(document: vscode.TextDocument, offset: number, length: number, text: string): Promise<void> {
  const change = new vscode.WorkspaceEdit();
  change.replace(document.uri, new vscode.Range(document.positionAt(offset), document.positionAt(offset + length)), text);
  assert.ok(await vscode.workspace.applyEdit(change));
}

async function fixes(document: vscode.TextDocument, code: string): Promise<vscode.CodeAction[]> {
  const diagnostic = own(document.uri).find((each) => codeOf(each) === code);
  assert.ok(diagnostic, code);
  return vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', document.uri, diagnostic.range, vscode.CodeActionKind.QuickFix.value);
}

describe('SQL while it is written', () => {
  it('marks a syntax error as it is typed, and no longer when it is mended', async () => {
    const document = await vscode.workspace.openTextDocument({ language: 'sql', content: 'select 1;\n\nselect * form tokens;\n' });
    await vscode.window.showTextDocument(document);
    assert.deepEqual(await marks(document, 'the error is marked', (found) => found.length > 0), ['OB001 form']);
    await edit(document, document.getText().indexOf('form'), 4, 'from');
    await marks(document, 'the mark goes', (found) => found.length === 0);
    await edit(document, document.getText().indexOf('1'), 1, "'open");
    assert.equal((await marks(document, 'an open quote is marked', (found) => found.length > 0)).length, 1);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('looks at a migration together with the ones before and after it, and mends it', async () => {
    await withFile('supabase/migrations/20991231000000_notes.sql', 'create table public.notes (id int primary key, token_id bigint references public.tokens (id));\ncreate index on public.tokens (created_at);\n', async (document) => {
      const found = await marks(document, 'the table is marked', (all) => all.length > 2);
      assert.deepEqual(found, ['OB101 public.notes', 'OB201 public.tokens', 'OB207 references']);
      const actions = await fixes(document, 'OB101');
      assert.deepEqual(actions.map(({ title }) => title), ['Enable row-level security on public.notes', 'Ignore OB101 here, with a reason', 'Change how OB101 is shown…']);
      const [fix] = actions;
      assert.ok(fix?.edit && (await vscode.workspace.applyEdit(fix.edit)));
      assert.match(document.getText(), /references public\.tokens \(id\)\);\nalter table public\.notes enable row level security;\n/);
      await marks(document, 'the table is no longer marked', (all) => !all.some((each) => each.startsWith('OB101')));
      await edit(document, document.getText().indexOf('create index'), 0, '-- opsbook: ignore OB201 because the table is small\n');
      await marks(document, 'the index is put aside', (all) => all.length === 1);
    });
  });

  it('marks SQL in the fences of listed manuals, where it stands', async () => {
    await withFile('docs/squiggles.md', '# Manual\n\n- In a list:\n\n  ```sql\n  select 1;\n  delete from tokens;\n  select * frm tokens where id = <user-id>;\n  ```\n', async (document) => {
      assert.deepEqual(await marks(document, 'both are marked', (found) => found.length > 1), ['OB001 frm', 'OB206 tokens']);
    });
  });

  it('leaves SQL alone that belongs to nobody here', async () => {
    await withFile('elsewhere.sql', 'selct 1;', async (document) => {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      assert.deepEqual(own(document.uri), []);
    });
  });

  it('opens the page of a rule', async () => {
    await withFile('supabase/scripts/x.sql', 'delete from tokens;', async (document) => {
      await marks(document, 'it is marked', (found) => found.length === 1);
      const { code } = own(document.uri)[0] ?? {};
      assert.ok(typeof code === 'object');
      const page = await vscode.workspace.openTextDocument(code.target);
      assert.match(page.getText(), /# OB206 every-row/);
    });
  });

  it('offers what the catalog has, and tells what a name means, also in fences and strings', async () => {
    const at = (document: vscode.TextDocument, text: string, behind: number): vscode.Position => document.positionAt(document.getText().indexOf(text) + behind);
    const offered = async (document: vscode.TextDocument, position: vscode.Position): Promise<string[]> => {
      const list = await vscode.commands.executeCommand<vscode.CompletionList>('vscode.executeCompletionItemProvider', document.uri, position);
      return list.items.filter(({ kind }) => kind === vscode.CompletionItemKind.Field || kind === vscode.CompletionItemKind.Struct).map(({ label }) => (typeof label === 'string' ? label : label.label));
    };
    const hover = async (document: vscode.TextDocument, position: vscode.Position): Promise<string> => {
      const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', document.uri, position);
      return hovers.flatMap(({ contents }) => contents.map((content) => (content instanceof vscode.MarkdownString ? content.value : ''))).join('\n');
    };
    await withFile('supabase/scripts/assist.sql', 'select t. from public.tokens t where (;\n', async (document) => {
      const names = await until('columns of tokens', async () => {
        const found = await offered(document, at(document, 't.', 2));
        return found.includes('symbol') && found;
      }, 20_000);
      assert.ok(names.includes('symbol'));
      assert.match(await hover(document, at(document, 'tokens', 2)), /table public\.tokens[^]*symbol text[^]*Row-level(&nbsp;| )security/);
    });
    await withFile('docs/assist.md', '# Manual\n\n- List\n\n  ```sql\n  select 1;\n  select sym from tokens;\n  ```\n', async (document) => {
      // A manual that has just been written is listed a little later.
      await until('columns in a fence', async () => (await offered(document, at(document, 'sym ', 3))).includes('symbol'), 10_000);
      assert.match(await hover(document, at(document, 'tokens', 2)), /table public\.tokens/);
    });
    await withFile('supabase/functions/assist.ts', 'const rows = await sql`select sym from tokens where id = ${id}`;\n', async (document) => {
      assert.ok((await offered(document, at(document, 'sym ', 3))).includes('symbol'));
    });
  });

  it('marks tables and columns that a program asks the API for and the database does not have, and writes the nearest', async () => {
    await withFile('supabase/functions/calls.ts', "export const all = (supabase: Client) =>\n  supabase\n    .from('tokns')\n    .select('*');\nexport const some = (supabase: Client) => supabase.from('tokens').select('id, name:symbl').eq('symbol', 'A');\nexport const file = (supabase: Client) => supabase.storage.from('tokns').list();\n", async (document) => {
      assert.deepEqual(await until('both are marked', () => {
        const found = own(document.uri).map((diagnostic) => `${codeOf(diagnostic)} ${document.getText(diagnostic.range)}`);
        return found.length > 1 && found.sort();
      }, 20_000), ['OB321 tokns', 'OB322 symbl']);
      const [column] = await fixes(document, 'OB322');
      assert.equal(column?.title, 'Write symbol');
      assert.ok(column.edit && (await vscode.workspace.applyEdit(column.edit)));
      await marks(document, 'the table alone is marked', (found) => found.length === 1);
      const actions = await fixes(document, 'OB321');
      assert.deepEqual(actions.slice(-2).map(({ title }) => title), ['Ignore OB321 here, with a reason', 'Change how OB321 is shown…']);
      const table = actions.find(({ title }) => title === 'Write tokens');
      assert.ok(table?.edit && (await vscode.workspace.applyEdit(table.edit)));
      assert.match(document.getText(), /\.from\('tokens'\)\n {4}\.select\('\*'\);\n.*name:symbol'\)\.eq/);
      await marks(document, 'nothing is marked', (found) => found.length === 0);
    });
  });
});
