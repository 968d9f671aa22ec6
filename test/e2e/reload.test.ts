import assert from 'node:assert/strict';
import { until } from '../world/until.ts';
import type { Window, World } from '../world/window.ts';
import { inWindow } from './inWindow.ts';

describe('a window that is loaded anew', function () {
  this.timeout(120_000);
  let world: World;
  let window: Window;
  inWindow('reload', (opened, its) => {
    window = opened;
    world = its;
  });

  it('has its results where they were, with what was run and where, runs nothing by itself, and again when told', async () => {
    const { workbench } = window;
    const isConnected = async (): Promise<void> => void (await until('the project is open', async () => (await workbench.statusBar()).includes('acme · production'), 30_000));
    const runs = (): number => world.sandbox.exchanges.filter(({ call }) => call.body.includes('as answer')).length;
    await isConnected();
    await workbench.typeQuery('select 42 as answer;');
    await workbench.clickLens('Run', '42 as answer');
    await workbench.pick('Run');
    await (await workbench.results('Untitled-1')).getByText(/^1 row in \d+ ms\.$/).waitFor();
    const before = runs();
    assert.ok(before > 0, 'runs are counted');
    const loaded = workbench.page.waitForEvent('load');
    await workbench.command('Developer: Reload Window');
    await loaded;
    const page = await workbench.results('Untitled-1');
    await page.getByText('The rows are gone with the last window. Run it again to see them.').waitFor();
    await page.getByText('acme · production, Management API').waitFor();
    await page.locator('summary', { hasText: 'select 42 as answer' }).waitFor();
    await isConnected();
    assert.equal(runs(), before, 'nothing is run by itself');
    await page.getByRole('button', { name: 'Run Again' }).click();
    await page.getByText(/^1 row in \d+ ms\.$/).waitFor();
    await page.getByRole('gridcell', { name: '42', exact: true }).waitFor();
    await until('it was run once more', () => runs() > before);
    // In the same tab, and in that alone.
    await until('one tab', async () => (await workbench.page.locator('.part.editor .tab').filter({ hasText: 'Untitled-1' }).count()) === 2);
  });
});
