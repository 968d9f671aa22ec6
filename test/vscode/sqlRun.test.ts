/* eslint no-template-curly-in-string: off -- programs with templates in them are what is run here */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import * as vscode from 'vscode';
import { until } from '../world/until.ts';
import { connectDatabase, projectIsOpen, run, withFile } from './opsbook.ts';
import { Person } from './person.ts';
import { sandbox } from './sandbox.ts';

/** Titles of the lenses, with the word that each stands above. */
async function lenses({ uri }: vscode.TextDocument): Promise<string[]> {
  const found = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri, 2000);
  return found.flatMap(({ command }) => (command ? [command.title] : []));
}

function put(document: vscode.TextDocument, before: string): void {
  const editor = vscode.window.visibleTextEditors.find((each) => each.document === document);
  assert.ok(editor);
  const at = document.positionAt(document.getText().indexOf(before));
  editor.selection = new vscode.Selection(at, at);
}

/** The text under the mark that the server's word put into the document. */
async function marked({ uri }: vscode.TextDocument, message: RegExp): Promise<string> {
  return until(`a mark ${message}`, () => {
    const mark = vscode.languages.getDiagnostics(uri).find((each) => each.source === 'Opsbook' && each.code !== undefined && /^[0-9A-Z]{5}$/.test(typeof each.code === 'object' ? '' : String(each.code)) && message.test(each.message));
    const document = vscode.workspace.textDocuments.find((each) => each.uri.toString() === uri.toString());
    return mark && document?.getText(mark.range);
  }, 20_000);
}

describe('SQL where it stands', () => {
  let person: Person;
  before(async () => {
    person = new Person();
    await projectIsOpen(person);
    person.forget();
    await connectDatabase(person);
  });
  beforeEach(() => person.forget());
  after(() => person.leave());

  it('has one lens per statement, in files of the project and nowhere else', async () => {
    await withFile('supabase/scripts/a.sql', '-- first\nselect 1;\n\nselect 2;\n', async (document) => {
      assert.deepEqual(await until('lenses', async () => nonEmpty(await lenses(document))), ['$(play) Run ▾', '$(play) Run ▾']);
      await vscode.workspace.getConfiguration('opsbook').update('sql.codeLens', false, vscode.ConfigurationTarget.Workspace);
      await until('no lenses', async () => (await lenses(document)).length === 0);
      await vscode.workspace.getConfiguration('opsbook').update('sql.codeLens', undefined, vscode.ConfigurationTarget.Workspace);
      await until('lenses again', async () => (await lenses(document)).length === 2);
    });
    await withFile('supabase/scripts/long.sql', 'select 1;\n'.repeat(501), async (document) => assert.deepEqual(await lenses(document), []));
    await withFile('elsewhere.sql', 'select 1;', async (document) => assert.deepEqual(await lenses(document), []));
    await withFile('db/queries/bound.sql', 'selct 1;\nselect 2;', async (document) => {
      assert.deepEqual(await lenses(document), []);
      await vscode.workspace.getConfiguration('opsbook').update('sql.files', ['db/**/*.sql'], vscode.ConfigurationTarget.Workspace);
      await until('lenses where the setting binds the file', async () => (await lenses(document)).length === 2);
      await until('its mistake is marked', () => vscode.languages.getDiagnostics(document.uri).some(({ source }) => source === 'Opsbook'));
      await vscode.workspace.getConfiguration('opsbook').update('sql.files', undefined, vscode.ConfigurationTarget.Workspace);
      await until('no lenses again', async () => (await lenses(document)).length === 0);
    });
  });

  it('has one above a statement in a string of a program', async () => {
    await withFile('supabase/functions/health/sql.ts', "const a = sql`select ${1}`;\nawait client.query('select 2');\nurl.query('page=1');\n", async (document) => {
      const ours = await until('lenses', async () => nonEmpty((await lenses(document)).filter((title) => title.includes('Run'))));
      assert.deepEqual(ours, ['$(play) Run ▾', '$(play) Run ▾']);
    });
  });

  it('marks in a string of a program what the server says of it, with a value for what the program fills in', async () => {
    await withFile('supabase/functions/health/sqlMark.ts', "const a = await db.query(`\n  select '\\n', symbol,\n    prise from tokens where id = ${request.id}\n`);\n", async (document) => {
      put(document, 'prise');
      person.answers('1');
      await run('sql.runStatement');
      assert.equal(await marked(document, /column "prise" does not exist/), 'prise');
      assert.match(JSON.stringify(person.asked), /request\.id/);
    });
  });

  it('marks in a fence of a manual what the server says of it', async () => {
    await withFile('docs/run.md', "# Manual\n\n- In a list:\n\n  ```sql\n  select 1;\n\n  select symbol,\n    prise from tokens where id = <token-id>;\n  ```\n", async (document) => {
      await until('it is listed', async () => (await lenses(document)).length === 2);
      put(document, 'prise');
      person.answers('1');
      await run('sql.runStatement');
      assert.equal(await marked(document, /column "prise" does not exist/), 'prise');
    });
  });

  it('marks the same places behind emoji and with the line ends of Windows', async () => {
    const crlf = (text: string): string => text.replaceAll('\n', '\r\n');
    await withFile('supabase/functions/health/crlf.ts', crlf("// 🙂\nconst a = await db.query(`\n  -- 🙂\n  select '🙂' as smile, symbol,\n    prise from tokens where id = ${request.id}\n`);\n"), async (document) => {
      put(document, 'prise');
      person.answers('1');
      await run('sql.runStatement');
      assert.equal(await marked(document, /column "prise" does not exist/), 'prise');
    });
    await withFile('docs/crlf.md', crlf("# 🙂 Manual\n\n> 🙂 quoted\n\n1. 🙂 In a list:\n\n   ```sql\n   select '🙂' as smile, symbol, -- 🙂\n     prise from tokens where id = 1;\n   ```\n"), async (document) => {
      await until('it is listed', async () => (await lenses(document)).length === 1);
      put(document, 'prise');
      await run('sql.runStatement');
      assert.equal(await marked(document, /column "prise" does not exist/), 'prise');
    });
    await withFile('supabase/scripts/crlf.sql', crlf("-- 🙂\nselect '🙂' as smile,\n  prise from tokens;\n"), async (document) => {
      put(document, 'prise');
      await run('sql.runStatement');
      assert.equal(await marked(document, /column "prise" does not exist/), 'prise');
    });
  });

  it('marks nothing in a text that was changed while the statement ran', async () => {
    await withFile('supabase/scripts/late.sql', 'select 1 / (id - id) from (select 1 as id, pg_sleep(1)) as slow;\n', async (document) => {
      const running = run('sql.runStatement', 0);
      const edit = new vscode.WorkspaceEdit();
      edit.insert(document.uri, document.positionAt(0), '-- Another line\n');
      await vscode.workspace.applyEdit(edit);
      await running;
      assert.deepEqual(vscode.languages.getDiagnostics(document.uri).filter(({ message }) => message.includes('division by zero')), []);
    });
  });

  it('is marked by the server alone where both say the same, until the next edit', async () => {
    const codes = ({ uri }: vscode.TextDocument): string[] => vscode.languages.getDiagnostics(uri).flatMap(({ source, code }) => (source === 'Opsbook' ? [typeof code === 'object' ? String(code.value) : String(code)] : [])).sort();
    const become = async (document: vscode.TextDocument, expected: readonly string[]): Promise<unknown> => until(expected.join(), () => JSON.stringify(codes(document)) === JSON.stringify(expected), 20_000);
    await withFile('supabase/scripts/twice.sql', 'select t.prise from tokens t;\nselect nme from tokens;\n', async (document) => {
      await become(document, ['OB303', 'OB303']);
      await run('sql.runStatement', 0);
      assert.equal(await marked(document, /column t.prise does not exist/), 't.prise');
      await become(document, ['42703', 'OB303']);
      await run('sql.runStatement', document.getText().indexOf('select nme'));
      assert.equal(await marked(document, /column "nme" does not exist/), 'nme');
      await become(document, ['42703', 'OB303']);
      const edit = new vscode.WorkspaceEdit();
      edit.insert(document.uri, document.positionAt(0), '-- Prices\n');
      await vscode.workspace.applyEdit(edit);
      await become(document, ['OB303', 'OB303']);
    });
  });

  it('knows what a command of the CLI in a terminal has changed, and reads no catalog for any other', async () => {
    const database = new pg.Client({ connectionString: sandbox.databaseUrl, ssl: { rejectUnauthorized: false } });
    await database.connect();
    const terminal = vscode.window.createTerminal({ name: 'Test', shellPath: '/bin/bash', cwd: vscode.Uri.file(sandbox.workspace) });
    const names = ({ uri }: vscode.TextDocument): string[] => vscode.languages.getDiagnostics(uri).flatMap(({ source, message }) => (source === 'Opsbook' && message.includes('by_hand') ? [message] : []));
    try {
      const shell = await until('the shell tells what it runs', () => terminal.shellIntegration, 20_000);
      const runs = async (line: string): Promise<void> => {
        const ended = new Promise<void>((resolve) => {
          const subscription = vscode.window.onDidEndTerminalShellExecution(({ execution }) => {
            if (execution.commandLine.value.includes(line)) {
              subscription.dispose();
              resolve();
            }
          });
        });
        shell.executeCommand(line);
        await ended;
      };
      await runs('supabase() { return $FAILS; }');
      await withFile('supabase/scripts/byHand.sql', 'select id from by_hand;\n', async (document) => {
        await until('it is not there', () => names(document).length === 1, 20_000);
        await database.query('create table public.by_hand (id int)');
        await runs('FAILS=1 supabase db push');
        await runs('echo db push');
        await sleep(1500);
        assert.equal(names(document).length, 1, 'nobody looked');
        await runs('FAILS=0 supabase db push');
        await until('it is there', () => names(document).length === 0, 20_000);
      });
    } finally {
      terminal.dispose();
      await database.query('drop table if exists public.by_hand');
      await database.end();
    }
  });

  it('runs in a transaction that stays open, and leaves nothing when it is rolled back', async () => {
    const document = await vscode.workspace.openTextDocument({ language: 'sql', content: 'create table public.tried_here (a int);\nselect * from tried_here;\nselect prise from tried_here;' });
    await vscode.window.showTextDocument(document);
    person.answers('Begin Transaction');
    await run('sql.beginTransaction');
    await until('the lenses say so', async () => (await lenses(document)).every((title) => title === '$(warning) Run in transaction ▾'));
    await run('sql.runStatement', document.getText().indexOf('create'));
    await run('sql.runStatement', document.getText().indexOf('select prise'));
    assert.equal(await marked(document, /column "prise" does not exist/), 'prise');
    await run('sql.runStatement', document.getText().indexOf('select *'));
    await run('sql.rollBackTransaction');
    await person.isTold(/^Rolled back on acme: 1 change/);
    await run('sql.runStatement', document.getText().indexOf('select *'));
    assert.equal(await marked(document, /relation "tried_here" does not exist/), 'tried_here');
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('says over the Management API why there is no transaction', async () => {
    await run('project.removeConnectionString');
    await run('sql.beginTransaction');
    await person.isTold(/A transaction that stays open is not available here: it needs a database connection string/);
  });
});

function nonEmpty(list: string[]): string[] | undefined {
  return list.length > 0 ? list : undefined;
}
