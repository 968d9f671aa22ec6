import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { commandId, commands, settings, views, type CommandContribution, type CommandKey } from '../../src/contributions.ts';
import { expectedContributes, readManifest } from '../contributes.ts';

const root = path.resolve(import.meta.dirname, '../..');
const table = Object.entries(commands) as [CommandKey, CommandContribution][];

describe('package.json and the table of contributions', () => {
  for (const part of ['viewsContainers', 'views', 'commands', 'menus', 'keybindings', 'configuration'] as const) {
    it(`agree on ${part} (npm run contributes writes them)`, async () => {
      const { contributes } = await readManifest();
      assert.deepEqual(contributes[part], expectedContributes()[part]);
    });
  }

  it('use no text that package.nls.json lacks, and no text is left over', async () => {
    const used = new Set([...JSON.stringify(await readManifest()).matchAll(/%([A-Za-z][\w.]*)%/g)].map((match) => match[1]));
    const texts = Object.keys(JSON.parse(await readFile(path.join(root, 'package.nls.json'), 'utf8')) as object);
    assert.deepEqual(texts.filter((key) => !used.has(key)), []);
    assert.deepEqual([...used].filter((key) => !texts.includes(key ?? '')), []);
  });

  it('offer every action of a row in the palette too, where it asks for what the row would have given', () => {
    const silent = table.filter(([, command]) => (command.rows ?? []).length > 0 && command.asks === undefined).map(([key]) => key);
    // The dashboard opens at the project itself when no row says more.
    assert.deepEqual(silent, ['project.openDashboard']);
  });

  it('list no command twice in one menu', () => {
    const menus = expectedContributes()['menus'] as Record<string, { command: string; when: string; group?: string }[]>;
    for (const [menu, items] of Object.entries(menus)) {
      const shown = items.filter(({ group }) => !group?.startsWith('inline')).map(({ command, when }) => `${command} ${when}`);
      assert.deepEqual(shown.filter((item, index) => shown.indexOf(item) !== index), [], menu);
    }
  });

  it('let no repository say where a token goes, which program runs, or whose certificate counts (SAFETY 7)', () => {
    const keys = ['opsbook.apiUrl', 'opsbook.dashboardUrl', 'opsbook.projectHost', 'opsbook.gatewayUrl', 'opsbook.cliPath', 'opsbook.gitPath', 'opsbook.database.caFile'] as const;
    assert.deepEqual(keys.filter((key) => settings[key].scope !== 'machine'), []);
    const paths = Object.entries(settings).filter(([key, { scope }]) => /(path|url|host|file)$/i.test(key) && scope !== 'machine');
    assert.deepEqual(paths, []);
  });

  it('take .sql from no other extension: no key, no language, no default editor', async () => {
    assert.deepEqual(table.filter(([key, { key: bound }]) => key.startsWith('sql.') && bound !== undefined).map(([key]) => key), []);
    const { contributes } = await readManifest();
    const claims = JSON.stringify([contributes['languages'], contributes['grammars'], contributes['customEditors'], contributes['configurationDefaults']] as unknown[]);
    assert.ok(!/sql/i.test(claims), claims);
    const { activationEvents } = await readManifest();
    assert.ok(!JSON.stringify(activationEvents ?? []).includes('onLanguage'), 'no language starts the extension');
  });

  it('hide nothing from the palette for good', () => {
    assert.deepEqual(table.filter(([, command]) => command.when === 'false').map(([key]) => key), []);
  });

  it('give every row that can be acted on something to click', () => {
    const rows = new Set(table.flatMap(([, command]) => (command.rows ?? []).map((action) => `${action.view} ${action.row}`)));
    const clicked = new Set(table.flatMap(([, command]) => (command.rows ?? []).filter((action) => action.by === 'click').map((action) => `${action.view} ${action.row}`)));
    assert.deepEqual([...rows].filter((row) => !clicked.has(row)), []);
  });

  it('are implemented: every command is registered once in the sources', async () => {
    const { glob } = await import('node:fs/promises');
    let sources = '';
    for await (const file of glob('src/features/**/*.ts', { cwd: root })) {
      sources += await readFile(path.join(root, file), 'utf8');
    }
    for (const [key] of table) {
      const registrations = sources.split(`.register('${key}'`).length - 1;
      assert.equal(registrations, 1, `${commandId(key)} is registered ${registrations} times`);
    }
  });

  it('name only commands and views that exist in welcome texts and the walkthrough', async () => {
    const texts = await readFile(path.join(root, 'package.nls.json'), 'utf8');
    const ids = new Set(table.map(([key]) => commandId(key) as string));
    const named = [...texts.matchAll(/command:(opsbook\.[\w.]+)/g)].map((match) => match[1] ?? '');
    assert.deepEqual(named.filter((id) => !ids.has(id)), []);
    const { contributes } = await readManifest();
    const welcomes = contributes['viewsWelcome'] as { view: string }[];
    assert.deepEqual(welcomes.filter(({ view }) => !(Object.values(views) as string[]).includes(view)), []);
  });
});
