import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { until } from '../world/until.ts';
import { documentShows, projectIsOpen, run } from './opsbook.ts';
import { Person } from './person.ts';

describe('Whether it is the policy', () => {
  let person: Person;
  before(async () => {
    person = new Person();
    await projectIsOpen(person);
  });
  beforeEach(() => person.forget());
  after(() => person.leave());

  it('is answered by one statement under several roles', async () => {
    const document = await vscode.workspace.openTextDocument({ language: 'sql', content: 'select * from public.profiles;' });
    await vscode.window.showTextDocument(document);
    person.answers(/^person\d+@example\.com /);
    await run('sql.compareRoles', 0);
    const report = await documentShows('.md', /^# Compare roles: Untitled/m);
    assert.match(report, /^\*\*It is the policy: see which in the last column\.\*\*$/m);
    assert.match(report, /^\| service_role \| 2\d\d \| /m);
    assert.match(report, /^\| authenticated, person\d+@example\.com \| 1 \| \*\*the policy\*\*: select on public\.profiles: what passes is decided by Own profile is readable \|$/m);
    assert.match(report, /^\| anon \| 0 \| \*\*the policy\*\*: select on public\.profiles: no policy lets anon do it, so no row passes \|$/m);
    assert.deepEqual(person.told, []);
  });

  it('is told by the advisors too, with the migration that made the table', async () => {
    person.answers(/^RLS Enabled No Policy hint .*public\.idempotency_keys/);
    await run('advisors.openMigration');
    assert.deepEqual(person.told, []);
    const editor = await until('the migration is open', () => (vscode.window.activeTextEditor?.document.uri.path.endsWith('_webhooks.sql') ? vscode.window.activeTextEditor : undefined), 20_000);
    assert.match(editor.document.lineAt(editor.selection.active.line).text, /^create table (?:if not exists )?(?:public\.)?idempotency_keys/);
  });
});
