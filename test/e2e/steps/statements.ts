/** SQL over both ways to the database. */
import assert from 'node:assert/strict';
import { until } from '../../world/until.ts';
import type { World } from '../../world/window.ts';
import type { WalkStep } from '../walk.ts';

function databaseUrl({ sandbox }: World): string {
  assert.ok(sandbox.databaseUrl);
  return sandbox.databaseUrl;
}

export const statements: readonly WalkStep[] = [
  {
    name: 'A query of one’s own, run by its lens',
    run: async (workbench) => {
      await workbench.typeQuery('select symbol, count(*) as minted from tokens group by symbol order by minted desc limit 20;');
      await workbench.clickLens('Run', 'select symbol');
      await workbench.pick('Run');
      const page = await workbench.results('Untitled-1');
      await page.getByRole('columnheader', { name: 'minted' }).waitFor();
      await page.getByText(/^20 rows in \d+ ms\.$/).waitFor();
      await page.getByText('acme · production, Management API').waitFor();
    },
  },
  {
    name: 'A database connection string, whose text is not shown',
    run: async (workbench, world) => {
      await workbench.command('Opsbook: Set Database Connection String');
      await workbench.typeIntoBox(databaseUrl(world));
      await workbench.boxSays(/Database of acme.*kept in the editor’s secret storage/s);
      assert.ok(!(await workbench.visibleText()).includes(new URL(databaseUrl(world)).password));
    },
    leave: async (workbench) => {
      await workbench.page.keyboard.press('Enter');
      await workbench.notification(/SQL on acme now runs over postgres@127\.0\.0\.1/);
    },
  },
  {
    name: 'The same diagnostic over the connection string',
    run: async (workbench) => {
      await workbench.clickRow('Diagnostics', 'Slow queries');
      const page = await workbench.results('Slow queries');
      await page.getByText(/^acme · production, postgres@127\.0\.0\.1:\d+$/).waitFor();
      await page.getByText(/^WARNING · \d rows?/).waitFor();
    },
  },
  {
    name: 'A statement that writes is shown before it runs, and declined',
    run: async (workbench) => {
      await workbench.typeQuery('delete from rate_limits where request_count > 0;');
      await workbench.clickLens('Run', 'delete from');
      await workbench.pick('Run…');
      assert.match(await workbench.dialog(), /Run this on acme\?.*delete from rate_limits.*not undone by Opsbook/);
    },
    leave: (workbench) => workbench.answerDialog('Cancel'),
  },
  {
    name: 'A transaction that stays open, and cannot be overlooked',
    run: async (workbench) => {
      await workbench.command('Opsbook: Begin SQL Transaction');
      await workbench.answerDialog('Begin Transaction');
      await workbench.typeQuery('update rate_limits set request_count = 0 where request_count > 0;');
      await workbench.clickLens('Run in transaction', 'update rate_limits');
      await workbench.pick('Run in the Open Transaction');
      const page = await workbench.results('in transaction');
      await page.getByText(/in the open transaction, not committed/).waitFor();
      await until('the status bar says so', async () => (await workbench.statusBar()).some((item) => /Transaction open on acme: 1 change, \d+ rows?, until/.test(item)));
    },
    leave: async (workbench) => {
      await workbench.command('Opsbook: Roll Back SQL Transaction');
      await workbench.notification(/Rolled back on acme: 1 change/);
    },
  },
];
