/** Is it healthy, and what broke? */
import assert from 'node:assert/strict';
import { until } from '../../world/until.ts';
import type { WalkStep } from '../walk.ts';

export const look: readonly WalkStep[] = [
  {
    name: 'Health of the project, which the status bar names',
    run: async (workbench) => {
      await workbench.openContainer('Opsbook');
      await until('project and environment in the status bar', async () => (await workbench.statusBar()).includes('acme · production'));
      await workbench.rowText('Health', 'Database', /^Database \d+ of 60 connections/);
      for (const service of ['Auth', 'REST', 'Storage', 'Realtime', 'Pooler']) {
        await workbench.rowText('Health', service, /healthy$/);
      }
      assert.equal(await workbench.rowSpoken('Health', 'Auth'), 'Auth, healthy, ok');
    },
  },
  {
    name: 'A row of the health view in full',
    run: async (workbench) => {
      await workbench.clickRow('Health', 'Database');
      await workbench.editorShows(/# Database/);
      assert.match(await workbench.editorText(), /ok.*\d+ of 60 connections, \d+ % \(warn at 80 %\)/);
    },
  },
  {
    name: 'Functions: the broken one stands out, its actions under the mouse',
    hovers: true,
    run: async (workbench) => {
      await workbench.rowText('Functions', 'mint-token', /v12\b.*\b\d{2,3}\.\d % errors/);
      assert.match(await workbench.rowSpoken('Functions', 'mint-token'), /^mint-token, v12 .*, critical$/);
      await workbench.rowText('Functions', 'monitor-keywords', /not deployed/);
      assert.match(await workbench.rowSpoken('Functions', /^auth/), /^auth, v6 .*, ok$/);
      const row = await workbench.row('Functions', 'mint-token');
      await row.hover();
      for (const action of ['Tail Function Logs', 'Deploy Function', 'Roll Back Function']) {
        await row.getByRole('button', { name: action }).waitFor();
      }
    },
  },
  {
    name: 'Secrets: one is missing, and a click shows the code that reads it',
    run: async (workbench) => {
      await workbench.rowText('Secrets', 'JWT_SECRET', /set · 97 d old/);
      await workbench.rowText('Secrets', 'OPENAI_API_KEY', /missing · read by generate-image/);
      assert.match(await workbench.rowSpoken('Secrets', 'OPENAI_API_KEY'), /, critical$/);
      await workbench.clickRow('Secrets', 'OPENAI_API_KEY');
      await workbench.editorShows(/Deno\.env\.get\('OPENAI_API_KEY'\)/);
      assert.equal(await workbench.activeTab(), 'index.ts');
    },
  },
  {
    name: 'A diagnostic: rows, and a verdict in words',
    run: async (workbench) => {
      await workbench.clickRow('Diagnostics', 'Slow queries');
      const page = await workbench.results('Slow queries');
      await page.getByText(/^WARNING · 2 rows, worst mean_ms/).waitFor();
      await page.getByRole('columnheader', { name: 'mean_ms' }).waitFor();
      await page.getByText(/^\d+ rows in \d+ ms\.$/).waitFor();
      await page.getByText('acme · production, Management API').waitFor();
      await workbench.rowText('Diagnostics', 'Slow queries', /2 rows, worst mean_ms/);
      assert.match(await workbench.rowSpoken('Diagnostics', 'Slow queries'), /, warning$/);
    },
  },
  {
    name: 'All diagnostics, gravest first',
    run: async (workbench) => {
      await workbench.viewAction('Diagnostics', 'Run All Diagnostics');
      await workbench.editorShows(/# Diagnostics of acme/);
      const report = await workbench.editorText();
      assert.match(report, /4 critical, \d+ warning, \d+ unknown, \d+ ok\n[^]*## critical: 4\n[^]*### Tables without row-level security\n\n4 rows, critical above 0/);
    },
    leave: (workbench) => workbench.closeNotifications(),
  },
];
