/** The palette, signing out, and somebody who comes new. */
import assert from 'node:assert/strict';
import { until } from '../../world/until.ts';
import type { WalkStep } from '../walk.ts';
import type { Workbench } from '../workbench.ts';

/** Waits for the text that a view shows in place of rows. */
async function welcomes(workbench: Workbench, view: string, text: RegExp): Promise<void> {
  const content = (await workbench.view(view)).locator('.welcome-view-content');
  await until(`${view} says ${text}`, async () => text.test((await content.allInnerTexts()).join('\n')));
}

const leaving: readonly WalkStep[] = [
  {
    name: 'Everything is in the command palette',
    run: async (workbench) => {
      await workbench.page.keyboard.press('F1');
      for (const title of ['Sign Out', 'Roll Back Function', 'Run Diagnostic', 'Open Runbook', 'New SQL Query']) {
        await workbench.typeIntoBox(`>Opsbook: ${title}`);
        assert.ok((await workbench.picks(`Opsbook: ${title}`)).length > 0);
      }
      await workbench.typeIntoBox('>Opsbook: ');
      assert.ok((await workbench.picks('Opsbook: Connect Local Stack')).length > 10);
    },
    leave: (workbench) => workbench.page.keyboard.press('Escape'),
  },
  {
    name: 'A health report, by the command',
    run: async (workbench) => {
      await workbench.command('Opsbook: Run Health Check');
      await workbench.editorShows(/# Health of acme/);
      assert.match(await workbench.editorText(), /\| ok +\| Auth +\| healthy \|/);
    },
  },
  {
    name: 'Signing out says what becomes of the token',
    run: async (workbench) => {
      await workbench.command('Opsbook: Sign Out');
      assert.match(await workbench.dialog(), /Sign .+ out\? The token is removed from this machine\./);
    },
    leave: (workbench) => workbench.answerDialog('Sign Out'),
  },
  {
    name: 'Signed out: the views say how to begin',
    run: async (workbench) => {
      await welcomes(workbench, 'Health', /Sign in to see your Supabase project.*Sign In with Access Token.*No account is needed/s);
      assert.ok((await workbench.statusBar()).includes('Supabase: sign in'));
      for (const view of ['Functions', 'Secrets', 'Diagnostics']) {
        await welcomes(workbench, view, /Sign in to fill this view/);
        assert.deepEqual(await workbench.rows(view), []);
      }
    },
  },
];

const arriving: readonly WalkStep[] = [
  {
    name: 'A window in which nobody has signed in',
    run: async (workbench, world) => {
      await workbench.open(await world.newcomerUrl());
      await workbench.openContainer('Opsbook');
      await welcomes(workbench, 'Health', /Sign in to see your Supabase project/);
    },
  },
  {
    name: 'Ways to sign in',
    run: async (workbench) => {
      await (await workbench.view('Health')).getByRole('button', { name: 'Sign In with Access Token' }).click();
      assert.deepEqual(await workbench.picks('Paste an access token'), ['Paste an access token', 'Create an access token in the dashboard']);
    },
  },
  {
    name: 'What is no token is not sent',
    run: async (workbench) => {
      await workbench.pick('Paste an access token');
      await workbench.type('sbp_not-a-token');
      await workbench.boxSays(/A token starts with sbp_ and has 40 hexadecimal digits\./);
    },
  },
  {
    name: 'A revoked token: one sentence, and what to do next',
    run: async (workbench, { sandbox }) => {
      await workbench.type(sandbox.tokens.revoked);
      assert.match(await workbench.notification('does not accept this access token'), /Sign in again with a new one\./);
    },
    leave: (workbench) => workbench.answerNotification('does not accept this access token', 'Sign In'),
  },
  {
    name: 'Signed in: the project of the folder is offered',
    run: async (workbench, { sandbox }) => {
      await workbench.pick('Paste an access token');
      await workbench.type(sandbox.token);
      await workbench.notification(/Signed in to Supabase as .+@/);
      assert.match(await workbench.notification('names the project'), new RegExp(`names the project ${sandbox.ref}\\. Use it for workspace\\?`));
    },
  },
  {
    name: 'The offer taken: the side bar fills',
    run: async (workbench, { sandbox }) => {
      await workbench.answerNotification('names the project', `Use ${sandbox.ref}`);
      await until('the project in the status bar', async () => (await workbench.statusBar()).includes('acme · production'));
      await workbench.rowText('Functions', 'mint-token', /v13\b/);
      await workbench.rowText('Secrets', 'OPENAI_API_KEY', /^OPENAI_API_KEY set/);
    },
  },
];

export const newcomer: readonly WalkStep[] = [...leaving, ...arriving];
