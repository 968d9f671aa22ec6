import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { until } from '../world/until.ts';
import { connectDatabase, projectIsOpen, run, withFile } from './opsbook.ts';
import { Person } from './person.ts';

/** Results tabs as they stand: in which group, under which title. */
function resultTabs(): { readonly tab: vscode.Tab; readonly group: number; readonly title: string; readonly isPinned: boolean }[] {
  return vscode.window.tabGroups.all.flatMap(({ tabs, viewColumn }) =>
    tabs.flatMap((tab) => (tab.input instanceof vscode.TabInputWebview && tab.input.viewType.endsWith('opsbook.results') ? [{ tab, group: viewColumn, title: tab.label, isPinned: tab.isPinned }] : [])),
  );
}
/** The editor tells of its tabs a moment later. */
async function areShown(...tabs: readonly [group: number, title: string, isPinned: boolean][]): Promise<void> {
  const shown = (): string => JSON.stringify(resultTabs().map(({ group, title, isPinned }) => [group, title, isPinned]));
  await until(`the tabs ${JSON.stringify(tabs)}`, () => shown() === JSON.stringify(tabs)).catch((error: unknown) => assert.equal(shown(), JSON.stringify(tabs), String(error)));
}
const bringForward = async (document: vscode.TextDocument): Promise<void> => void (await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.One }));

describe('the tab of results', () => {
  let person: Person;
  before(async () => {
    person = new Person();
    await projectIsOpen(person);
    person.forget();
    await connectDatabase(person);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });
  beforeEach(() => person.forget());
  afterEach(async () => {
    await vscode.window.tabGroups.close(resultTabs().map(({ tab }) => tab));
    await vscode.commands.executeCommand('workbench.action.editorLayoutSingle');
  });
  after(async () => {
    await run('project.removeConnectionString');
    person.leave();
  });

  it('is one per document, used again, beside it and without taking the focus', async () => {
    await withFile('supabase/scripts/one.sql', 'select 1 as a;\nselect 2 as b;\n', async (one) => {
      await run('sql.runStatement', 0);
      await run('sql.runFile');
      await run('sql.explain', { statement: 'select 3', title: 'one.sql', tab: one.uri.toString() });
      await areShown([2, 'one.sql', false]);
      assert.equal(vscode.window.activeTextEditor?.document.uri.toString(), one.uri.toString());
      await withFile('supabase/scripts/two.sql', 'select 4;', async () => {
        await run('sql.runStatement', 0);
        await areShown([2, 'one.sql', false], [2, 'two.sql', false]);
      });
    });
  });

  it('stays where it was put, pinned when it was pinned', async () => {
    await withFile('supabase/scripts/one.sql', 'select 1 as a;', async (one) => {
      await run('sql.runStatement', 0);
      await areShown([2, 'one.sql', false]);
      await vscode.commands.executeCommand('workbench.action.focusSecondEditorGroup');
      await vscode.commands.executeCommand('workbench.action.moveEditorToFirstGroup');
      await until('it was moved', () => resultTabs()[0]?.group === 1);
      await vscode.commands.executeCommand('workbench.action.pinEditor');
      await until('it is pinned', () => resultTabs()[0]?.isPinned);
      await bringForward(one);
      await run('sql.runStatement', 0);
      await areShown([1, 'one.sql', true]);
      assert.equal(vscode.window.tabGroups.all.length, 1);
    });
  });

  it('is not covered by a new query that is asked for while it has the focus', async () => {
    const isInFront = (group: number): boolean => vscode.window.tabGroups.all.find(({ viewColumn }) => viewColumn === group)?.activeTab?.input instanceof vscode.TabInputWebview;
    await withFile('supabase/scripts/one.sql', 'select 1 as a;', async () => {
      await run('sql.runStatement', 0);
      await areShown([2, 'one.sql', false]);
      await vscode.commands.executeCommand('workbench.action.focusSecondEditorGroup');
      await until('the results have the focus', () => vscode.window.activeTextEditor === undefined && vscode.window.tabGroups.activeTabGroup.viewColumn === 2);
      await run('sql.newQuery');
      assert.deepEqual([vscode.window.activeTextEditor?.document.isUntitled, vscode.window.activeTextEditor?.viewColumn, isInFront(2)], [true, 1, true]);
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    });
    // Nothing but results is left.
    await until('the results are alone', () => vscode.window.tabGroups.all.length === 1 && isInFront(1));
    await run('sql.newQuery');
    assert.equal(vscode.window.activeTextEditor?.viewColumn, 2);
    await areShown([1, 'one.sql', false]);
    assert.ok(isInFront(1));
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('ends what runs in it when it is closed', async () => {
    await withFile('supabase/scripts/slow.sql', 'select pg_sleep(60);', async () => {
      const running = run('sql.runStatement', 0);
      const tab = await until('it is there', () => resultTabs()[0]?.tab);
      await vscode.window.tabGroups.close(tab);
      await running;
      await areShown();
    });
  });
});
