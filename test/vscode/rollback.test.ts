import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import * as vscode from 'vscode';
import { snapshot } from '../safety/snapshot.ts';
import { until } from '../world/until.ts';
import { projectIsOpen, run } from './opsbook.ts';
import { Person } from './person.ts';
import { sandbox } from './sandbox.ts';

const slug = 'health';
const index = `supabase/functions/${slug}/index.ts`;
const older = /^Functions health and auth, in a repository of their own/;

async function service(method: string, route: string, body?: FormData): Promise<unknown> {
  const answer = await fetch(`${sandbox.apiUrl}/v1/projects/${sandbox.ref}/functions${route}`, { method, headers: { authorization: `Bearer ${sandbox.token}` }, ...(body ? { body } : {}) });
  assert.ok(answer.ok, `${answer.status} ${route}`);
  return answer.json();
}

async function version(): Promise<number> {
  return ((await service('GET', `/${slug}`)) as { version: number }).version;
}

/** As the dashboard or CI would. */
async function somebodyDeploys(text: string): Promise<void> {
  const form = new FormData();
  form.append('metadata', JSON.stringify({ entrypoint_path: index, name: slug, verify_jwt: false }));
  form.append('file', new Blob([text]), index);
  await service('POST', `/deploy?slug=${slug}`, form);
}

/** Everything of the folder, and git's own words; VS Code itself refreshes the times in the index. */
async function repository(): Promise<unknown> {
  const { files } = await snapshot(sandbox.workspace);
  const git = (...args: string[]) => execFileSync('git', ['--no-optional-locks', ...args], { cwd: sandbox.workspace, encoding: 'utf8' });
  return [[...files].filter(([file]) => file !== path.join('.git', 'index') && file !== '.git'), git('ls-files', '--stage'), git('status', '--porcelain=v2', '--branch', '--ignored'), git('for-each-ref'), git('stash', 'list')];
}

describe('rolling back in a window', () => {
  let person: Person;

  before(async () => {
    person = new Person();
    await projectIsOpen(person);
  });

  beforeEach(() => person.forget());

  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    person.leave();
  });

  it('shows the plan again when somebody deployed while it was read, and sends nothing', async () => {
    const before = await version();
    person.answers(older, 'Roll Back');
    person.meanwhile = async () => {
      person.meanwhile = async () => {};
      await somebodyDeploys('Deno.serve(() => new Response("theirs"));\n');
    };
    await run('functions.rollback', slug);
    await person.isTold(/^health was deployed by somebody else meanwhile; nothing was sent\./);
    assert.deepEqual(person.modals.map(({ question, detail }) => [question, /Replaces version (\d+)\./.exec(detail)?.[1]]), [
      ['Roll health back on acme?', String(before)],
      ['Roll health back on acme?', String(before + 1)],
    ]);
    assert.equal(await version(), before + 1);
  });

  it('shows what differs from what is live, then does it; the folder stays as it was to the byte', async () => {
    const [before, folder] = [await version(), await repository()];
    person.answers(older, 'Show Changes', 'Roll Back');
    person.presses.add('Show Plan');
    await run('functions.rollback', slug);
    await person.isTold(new RegExp(`^health is rolled back: version ${before + 1} is live and verified\\.`));
    const choices = person.asked.find(({ title }) => title === 'Roll health back to')?.items ?? [];
    assert.ok(choices.some((choice) => older.test(choice)), choices.join('\n'));
    assert.ok(vscode.window.tabGroups.all.some(({ tabs }) => tabs.some(({ label }) => label.startsWith(`health: live v${before} ⇄ what is planned.`))), vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ label }) => label)).join(' | '));
    assert.match(person.modals.at(-1)?.detail ?? '', /From commit [0-9a-f]{7} “Functions health and auth[^]*Changed: [^]*health\/index\.ts[^]*Secrets, database and settings of the project are not rolled back\./);
    assert.deepEqual(await repository(), folder);
  });

  it('brings back by one click and one modal what was live before, though no commit holds it', async () => {
    await somebodyDeploys('Deno.serve(() => new Response("by hand"));\n');
    const before = await version();
    person.answers('Deploy');
    await run('functions.deploy', slug);
    await person.isTold(new RegExp(`^health is deployed: version ${before + 1} is live and verified\\.`));
    person.forget();
    person.answers('Roll Back');
    await run('functions.rollbackToBefore', slug);
    await person.isTold(new RegExp(`^health is rolled back: version ${before + 2} is live and verified\\.`));
    assert.equal(person.modals.length, 1);
    assert.match(person.modals[0]?.detail ?? '', /The body that was live as version \d+\./);
    const body = await fetch(`${sandbox.apiUrl}/v1/projects/${sandbox.ref}/functions/${slug}/body`, { headers: { authorization: `Bearer ${sandbox.token}`, accept: 'multipart/form-data' } });
    assert.match(await body.text(), /new Response\("by hand"\)/);
  });

  it('compares the file in front with what is live of it, side by side', async () => {
    const file = vscode.Uri.file(path.join(sandbox.workspace, index));
    await vscode.window.showTextDocument(file);
    await run('functions.showFileChanges');
    const tab = await until('the two sides are shown', () => vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).find(({ input }) => input instanceof vscode.TabInputTextDiff));
    assert.match(tab.label, /^index\.ts: live v\d+ of health ⇄ working tree$/);
    const { original, modified } = tab.input as vscode.TabInputTextDiff;
    assert.equal(modified.toString(), file.toString());
    assert.match((await vscode.workspace.openTextDocument(original)).getText(), /"by hand"/);
    assert.deepEqual(person.told, []);
  });

  it('marks in the list of commits what is live and until when another was', async () => {
    person.answers();
    await run('functions.rollback', slug);
    const choices = await until('the list was shown', () => person.asked.find(({ title }) => title === 'Roll health back to')?.items);
    assert.ok(choices.some((choice) => /^Functions health and auth[^]* was live until \d+ \w+ ago · [0-9a-f]{7} [^]*UTC$/.test(choice)), choices.join('\n'));
    assert.deepEqual(person.modals, []);
  });
});
