import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commandId } from '../../src/contributions.ts';
import { until } from '../world/until.ts';
import { commandKeys, connectDatabase, documentShows, projectIsOpen, run } from './opsbook.ts';
import { Person } from './person.ts';
import { sandbox } from './sandbox.ts';

describe('Opsbook in a window on a project', () => {
  let person: Person;

  before(async () => {
    person = new Person();
    // Nobody activates it: the folder does.
    await until('Opsbook is active', () => vscode.extensions.getExtension('opsbook.opsbook')?.isActive, 20_000);
    await projectIsOpen(person);
  });

  beforeEach(() => person.forget());

  after(() => person.leave());

  it('has every command of its table', async () => {
    const known = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(commandKeys.map(commandId).filter((id) => !known.has(id)), []);
  });

  it('reports the health of services and database', async () => {
    await run('health.report');
    const report = await documentShows('/Health of acme.md', /\| ok +\| Auth +\| healthy \|/);
    assert.match(report, /\| Database +\| \d+ of 60 connections/);
    assert.deepEqual(person.told, []);
  });

  it('asks in the palette for what a row would have given', async () => {
    await run('functions.copyUrl');
    await run('secrets.showReaders');
    await run('diagnostics.run');
    await run('runbooks.open');
    const [functions, secrets, diagnostics, runbooks] = person.asked.map(({ items }) => (items ?? []).join('\n'));
    assert.match(functions ?? '', /^mint-token v12\b/m);
    assert.match(secrets ?? '', /^OPENAI_API_KEY .*missing/m);
    assert.match(diagnostics ?? '', /^Slow queries\b[^]*^Failed webhooks of the last hour\b|^Failed webhooks of the last hour\b[^]*^Slow queries\b/m);
    assert.match(runbooks ?? '', /^Production runbook docs\/RUNBOOK\.md[^]*^A function answers with errors\b/m);
    assert.deepEqual(person.told, [], 'a prompt that is dismissed is no error');
  });

  it('offers to run the steps of listed documents, and leaves other Markdown alone', async () => {
    const titles = async (path: string): Promise<string[]> => {
      const uri = vscode.Uri.joinPath(vscode.Uri.file(sandbox.workspace), path);
      await vscode.workspace.openTextDocument(uri);
      const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri, 500);
      return lenses.flatMap(({ command }) => (command ? [command.title] : []));
    };
    const shown = await until('lenses', async () => {
      const found = await titles('docs/MAINTENANCE.md');
      return found.length > 0 && found;
    });
    assert.ok(shown.includes('$(play) GET health') && shown.includes('$(play) Tail mint-token'), shown.join(', '));
    assert.deepEqual(await titles('README.md'), []);
  });

  for (const way of ['the Management API', 'a connection string'] as const) {
    describe(`SQL over ${way}`, () => {
      before(async () => {
        if (way === 'a connection string') {
          await connectDatabase(person);
        }
      });

      it('runs the diagnostics that ship and the team’s own', async () => {
        await run('diagnostics.runAll');
        const target = way === 'a connection string' ? /· production · [a-z]{20} · postgres@127\.0\.0\.1/ : /· production · [a-z]{20} · Management API/;
        const report = await documentShows('/Diagnostics of acme.md', target);
        assert.match(report, /^### Slow queries\n\n\d+ rows?, worst mean_ms/m);
        assert.match(report, /Failed webhooks of the last hour[\s|]+(?:[^|\n]+\| )?failed \d+/);
        assert.match(report, /^## Supabase’s advisors\n\n### Security\n\n\| Gravity \|/m);
      });

      // Over the API three times all of them are more than a minute's requests.
      if (way === 'a connection string') {
        it('keeps a snapshot of what they say, and holds it against what they say now', async () => {
          await run('diagnostics.saveSnapshot');
          await person.isTold(/^The diagnostics snapshot of .+ is kept\.$/);
          person.answers(/^\d{4}-/, /^Now/);
          await run('diagnostics.compareSnapshots');
          const report = await documentShows('/Diagnostics of acme, compared.md', /^- Before: .+\n- After: /m);
          assert.match(report, /^## The same: \d+$/m);
        });
      }

      it('opens SQL that repairs what a diagnostic finds, and runs none of it', async () => {
        await run('diagnostics.repair', 'Foreign keys without an index');
        const sql = await until('the SQL', () => vscode.window.activeTextEditor?.document.getText().startsWith('-- Foreign keys without an index') && vscode.window.activeTextEditor.document, 20_000);
        assert.match(sql.getText(), /^create index concurrently on "public"\."\w+" \(\w+\);$/m);
        assert.equal(sql.isUntitled, true);
      });

      it('marks what the server says of a statement at its place', async () => {
        const document = await vscode.workspace.openTextDocument({ language: 'sql', content: `-- ${way}\nselect symbol, prise from tokens;` });
        await vscode.window.showTextDocument(document);
        await run('sql.runStatement', document.getText().indexOf('select'));
        const [mark] = await until('a mark', () => {
          const marks = vscode.languages.getDiagnostics(document.uri).filter(({ source, message }) => source === 'Opsbook' && /prise/.test(message));
          return marks.length > 0 && marks;
        }, 20_000);
        assert.equal(document.getText(mark?.range), 'prise');
        assert.match(mark?.message ?? '', /column "prise" does not exist/);
      });
    });
  }
});
