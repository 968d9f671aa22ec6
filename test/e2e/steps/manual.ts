/** The team's manual, followed where it is written. */
import assert from 'node:assert/strict';
import type { WalkStep } from '../walk.ts';

export const manual: readonly WalkStep[] = [
  {
    name: 'A runbook of the repository, opened at a section from the view',
    run: async (workbench) => {
      await workbench.expandRow('Runbooks', 'docs/RUNBOOK.md');
      await workbench.clickRow('Runbooks', /^Health/);
      await workbench.editorShows(/SELECT \* FROM system_health_summary;/);
      assert.equal(await workbench.activeTab(), 'RUNBOOK.md');
    },
  },
  {
    name: 'A query of the runbook, run by the lens above it',
    run: async (workbench) => {
      await workbench.clickLens('Run query', 'SELECT * FROM system_health_summary');
      await workbench.pick('Run');
      const page = await workbench.results('The state of everything in one row');
      await page.getByRole('columnheader', { name: 'messages_last_hour' }).waitFor();
      await page.getByText(/^1 row in \d+ ms\.$/).waitFor();
      assert.equal(await page.getByRole('gridcell').count(), await page.getByRole('columnheader').count());
    },
  },
  {
    name: 'A request to a host that is not the project’s: the front end answers',
    run: async (workbench) => {
      await workbench.clickRow('Runbooks', '1. The front end is down');
      await workbench.clickLens('GET https://app.acme.test/api/health', 'curl https://app.acme.test/api/health');
      await workbench.editorShows(/HTTP\/1\.1 200 OK/);
      assert.match(await workbench.editorText(), /# GET https:\/\/app\.acme\.test\/api\/health[^]*"status": "online"/);
    },
  },
  {
    name: 'A request of the manual, sent from the tree',
    run: async (workbench) => {
      await workbench.collapseRow('Runbooks', 'docs/RUNBOOK.md');
      await workbench.expandRow('Runbooks', 'docs/MAINTENANCE.md');
      await workbench.expandRow('Runbooks', 'Every day');
      await workbench.expandRow('Runbooks', 'Is it healthy?');
      await workbench.rowAction('Runbooks', 'GET health', 'Run Step');
      await workbench.editorShows(/# GET \/functions\/v1\/health\n[^]*HTTP\/1\.1 200 OK[^]*"status": "healthy"/);
    },
  },
  {
    name: 'supabase functions list, as rows',
    run: async (workbench) => {
      await workbench.collapseRow('Runbooks', 'docs/MAINTENANCE.md');
      await workbench.clickRow('Runbooks', 'A function answers with errors');
      await workbench.clickLens('List functions', 'supabase functions list');
      const page = await workbench.results('Functions · acme');
      await page.getByRole('row', { name: /mint-token 12 ACTIVE/ }).waitFor();
      await page.getByText(/^9 rows in \d+ ms\.$/).waitFor();
    },
  },
  {
    name: 'Any other command: shown before it runs, and declined',
    run: async (workbench) => {
      await workbench.clickRow('Runbooks', 'docs/MAINTENANCE.md');
      await workbench.clickLens('Run in the terminal', 'npm update');
      assert.match(await workbench.dialog(), /Run this in a terminal\?.*npm update -g supabase/);
    },
    leave: (workbench) => workbench.answerDialog('Cancel'),
  },
];
