import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import { views } from '../../../src/contributions.ts';
import { until } from '../../world/until.ts';
import { activate, documentShows, projectIsOpen, run } from '../opsbook.ts';
import { Person } from '../person.ts';
import { sandbox } from '../sandbox.ts';

describe('a folder that is not trusted', () => {
  let person: Person;

  before(() => (person = new Person()));

  beforeEach(() => person.forget());

  after(() => person.leave());

  it('is open in Restricted Mode', () => {
    assert.equal(vscode.workspace.isTrusted, false);
    assert.equal(vscode.workspace.workspaceFolders?.[0]?.uri.fsPath, sandbox.workspace);
  });

  it('does not keep Opsbook from starting', async () => {
    assert.ok((await activate()).isActive);
  });

  it('is signed out: nothing is taken from it or from the environment', async () => {
    await until('it has looked for a project, and for an account', async () => {
      person.forget();
      await run('health.report');
      return person.told.includes('You are not signed in to Supabase.');
    });
    assert.deepEqual(person.asked, []);
  });

  it('lets a person sign in and take the project that its files name', async () => {
    person.answers('Paste an access token', sandbox.token);
    await run('account.signIn');
    await person.isTold(/^Signed in to Supabase as /);
    await person.isTold(new RegExp(`names the project ${sandbox.ref}`));
    person.answers(/^acme\b/, /the project itself/);
    await run('project.select');
    await projectIsOpen(person);
  });

  it('can be looked at: health, functions, secrets, diagnostics', async () => {
    await run('health.report');
    await documentShows('/Health of acme.md', /\| ok +\| Auth +\| healthy \|/);
    for (const view of Object.values(views)) {
      await vscode.commands.executeCommand(`${view}.focus`);
    }
    await run('functions.copyUrl');
    assert.match((person.asked[0]?.items ?? []).join('\n'), /^mint-token v12\b/m);
  });

  for (const key of ['functions.deploy', 'functions.rollback'] as const) {
    it(`refuses ${key}, and says why`, async () => {
      await run(key, 'mint-token');
      assert.equal(person.told.length, 1);
      assert.match(person.told[0] ?? '', /needs a trusted workspace: nothing of an untrusted folder is executed\./);
    });
  }

  it('has nothing executed: neither git nor the CLI', async () => {
    // Long enough for what a view would have begun behind its rows.
    await delay(2000);
    assert.equal(existsSync(sandbox.executions), false);
  });
});
