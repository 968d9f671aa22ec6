/** Follow it, undo it, fix it. */
import assert from 'node:assert/strict';
import { execa } from 'execa';
import { appendFile, glob, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createProjectKeys } from '../../sandbox/projectKeys.ts';
import type { World } from '../../world/window.ts';
import type { WalkStep } from '../walk.ts';
import type { Workbench } from '../workbench.ts';

/** Somebody mints a token; `mark` stands in the address and so in the logs. */
async function mint({ sandbox }: World, mark: string): Promise<number> {
  const answer = await fetch(`${sandbox.gatewayUrl}/functions/v1/mint-token?${mark}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${createProjectKeys(sandbox.ref).anon}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Walk', symbol: 'WALK', creator_wallet: '7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU' }),
  });
  await answer.arrayBuffer();
  return answer.status;
}

const unfinished = '\n// Not finished yet.\n';

/** Work in progress of every kind: a change, a staged change, a new file. */
async function workOn(workspace: string): Promise<void> {
  await appendFile(path.join(workspace, 'supabase/functions/mint-token/index.ts'), unfinished);
  await appendFile(path.join(workspace, 'README.md'), unfinished);
  await execa('git', ['add', 'README.md'], { cwd: workspace });
  await writeFile(path.join(workspace, 'notes.txt'), unfinished);
}

/** All that git can tell of the folder: branch, index, changes, and what they are. */
async function workspaceState(workspace: string): Promise<string> {
  const git = async (...args: string[]): Promise<string> => (await execa('git', ['--no-optional-locks', ...args], { cwd: workspace })).stdout;
  return [await git('status', '--porcelain=v2', '--branch'), await git('diff', 'HEAD'), await git('stash', 'list'), await git('worktree', 'list')].join('\n');
}

let workspaceBefore = '';

const undo: readonly WalkStep[] = [
  {
    name: 'The logs of the function, by its icon',
    run: async (workbench) => {
      await workbench.rowAction('Functions', 'mint-token', 'Tail Function Logs');
      await workbench.outputShows(/\[error\] mint-token TypeError: Cannot read properties of undefined \(reading 'lamports'\)/);
      assert.equal(await workbench.outputChannel(), 'Function logs: mint-token · acme');
      await workbench.rowText('Functions', 'mint-token', /tailing/);
    },
  },
  {
    name: 'The tail follows: a call that fails now appears by itself',
    run: async (workbench, world) => {
      assert.equal(await mint(world, 'before-the-rollback'), 500);
      await workbench.outputShows(/\[error\] mint-token [^]*500[^]*before-the-rollback/, 30_000);
    },
  },
  {
    name: 'Roll back: the commits that changed the function',
    run: async (workbench, { sandbox }) => {
      await workOn(sandbox.workspace);
      workspaceBefore = await workspaceState(sandbox.workspace);
      await workbench.rowAction('Functions', 'mint-token', 'Roll Back Function');
      const commits = (await workbench.picks('mint-token: refuse')).join('\n');
      assert.match(commits, /mint-token: fees follow the creator's plan.*\n.*mint-token: refuse what cannot be a wallet.*Marek Lindqvist/);
    },
  },
  {
    name: 'The plan: what changes, what can be undone',
    run: async (workbench) => {
      await workbench.pick('refuse what cannot be a wallet');
      const plan = await workbench.dialog();
      assert.match(plan, /Roll mint-token back on acme\? acme counts as production\./);
      assert.match(plan, /From commit [0-9a-f]{7} “mint-token: refuse what cannot be a wallet”\. Replaces version 12\./);
      assert.match(plan, /Changed: mint-token\/index\.ts No longer sent: _shared\/fees\.ts/);
      assert.match(plan, /Version 12 is kept on this machine and can be brought back\. Secrets, database and settings of the project are not rolled back\./);
    },
  },
  {
    name: 'Rolled back and verified; the function answers, the files are untouched',
    run: async (workbench, world) => {
      await workbench.answerDialog('Roll Back');
      await workbench.notification('mint-token is rolled back: version 13 is live and verified.');
      await workbench.rowText('Functions', 'mint-token', /v13\b/);
      assert.equal(await mint(world, 'after-the-rollback'), 201);
      await workbench.outputShows(/201 [^]*after-the-rollback/, 30_000);
      assert.equal(await workspaceState(world.sandbox.workspace), workspaceBefore);
    },
    leave: (workbench) => workbench.closeNotifications(),
  },
];

const deploy: readonly WalkStep[] = [
  {
    name: 'The plan of a deploy',
    run: async (workbench) => {
      await workbench.rowAction('Functions', 'generate-image', 'Deploy Function');
      const plan = await workbench.dialog();
      assert.match(plan, /Deploy generate-image to acme\?.*From the working tree at [0-9a-f]{7}\. Replaces version 7\..*Changed: generate-image\/index\.ts/);
      assert.match(plan, /Read by the code and not set: OPENAI_API_KEY/);
    },
  },
  {
    name: 'Deployed: the row shows the next version',
    run: async (workbench) => {
      await workbench.answerDialog('Deploy');
      await workbench.notification('generate-image is deployed: version 8 is live and verified.');
      await workbench.rowText('Functions', 'generate-image', /v8\b/);
    },
    leave: (workbench) => workbench.closeNotifications(),
  },
];

const secretValue = 'walk-8f1d2c55a07b-value';

const secret: readonly WalkStep[] = [
  {
    name: 'A secret’s value, typed and not shown',
    run: async (workbench) => {
      await workbench.rowAction('Secrets', 'OPENAI_API_KEY', 'Set Secret');
      await workbench.typeIntoBox(secretValue);
      await workbench.boxSays(/Set OPENAI_API_KEY.*kept nowhere else/s);
      assert.ok(!(await workbench.visibleText()).includes(secretValue));
    },
    leave: (workbench) => workbench.page.keyboard.press('Enter'),
  },
  {
    name: 'The secret is set, and its value lies nowhere',
    run: async (workbench, world) => {
      assert.match(await workbench.dialog(), /Set OPENAI_API_KEY on acme\?.*at their next start/);
      await workbench.answerDialog('Set');
      await workbench.notification('OPENAI_API_KEY is set on acme.');
      await workbench.rowText('Secrets', 'OPENAI_API_KEY', /^OPENAI_API_KEY set/);
      assert.equal(world.sandbox.state.projects.get(world.sandbox.ref)?.secrets.get('OPENAI_API_KEY')?.value, secretValue);
      await assertNowhere(workbench, world);
    },
    leave: (workbench) => workbench.closeNotifications(),
  },
];

/** Neither on the screen nor in any file that this VS Code has written. */
async function assertNowhere(workbench: Workbench, { code }: World): Promise<void> {
  assert.ok(!(await workbench.page.content()).includes(secretValue), 'the window holds the value');
  let read = 0;
  for await (const entry of glob('**/*', { cwd: code.state, withFileTypes: true, exclude: (file) => file.name === 'extensions' })) {
    if (entry.isFile()) {
      const file = path.join(entry.parentPath, entry.name);
      assert.ok(!(await readFile(file)).includes(secretValue), `${file} holds the value`);
      read += 1;
    }
  }
  assert.ok(read > 10, `only ${read} files were looked at`);
}

export const mend: readonly WalkStep[] = [...undo, ...deploy, ...secret];
