/**
 * What `package.json` must say for the table in `src/contributions.ts`: commands, menus, views, settings. `--write` writes it (with
 * the rest of `contributes` left as it is); `test/unit/contributions.test.ts` compares.
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { commandId, commands, settings, views, type CommandContribution, type CommandKey } from '../src/contributions.ts';

const root = path.resolve(import.meta.dirname, '..');

interface MenuItem {
  command: string;
  when?: string;
  group?: string;
}

const table = Object.entries(commands) as [CommandKey, CommandContribution][];

export function expectedContributes() {
  return {
    viewsContainers: { activitybar: [{ id: 'opsbook', title: 'Opsbook', icon: 'media/icons/opsbook.svg' }] },
    views: { opsbook: Object.entries(views).map(([name, id]) => ({ id, name: `%view.${name}%`, contextualTitle: 'Opsbook', icon: 'media/icons/opsbook.svg' })) },
    commands: table.map(([key, command]) => ({
      command: commandId(key),
      title: `%command.${key}%`,
      category: 'Opsbook',
      ...(command.icon === undefined ? {} : { icon: `$(${command.icon})` }),
    })),
    menus: {
      commandPalette: table.flatMap(([key, { when }]) => (when === undefined ? [] : [{ command: commandId(key), when }])),
      'view/title': table.flatMap(([key, { viewTitle, overflow }]) => (viewTitle ?? []).map((view) => ({ command: commandId(key), when: `view == ${view}`, group: overflow ? '1_more' : `navigation@${viewTitleOrder(key)}` }))),
      'view/item/context': table.flatMap(([key, { rows }]) => rowItems(key, rows ?? [])),
      'editor/context': table.flatMap(([key, { editorMenu }]) => (editorMenu === undefined ? [] : [{ command: commandId(key), when: editorMenu, group: '1_opsbook' }])),
      'editor/title': table.flatMap(([key, { editorTitle }]) => (editorTitle === undefined ? [] : [{ command: commandId(key), when: editorTitle, group: 'navigation@1' }])),
    },
    keybindings: table.flatMap(([key, command]) => (command.key ? [{ command: commandId(key), ...command.key }] : [])),
    configuration: {
      title: 'Opsbook',
      properties: Object.fromEntries(
        Object.entries(settings).map(([key, setting], order) => [
          key,
          {
            type: Array.isArray(setting.default) ? 'array' : typeof setting.default,
            ...(Array.isArray(setting.default) ? { items: { type: 'string' } } : {}),
            ...('values' in setting ? { additionalProperties: { type: 'string', enum: setting.values } } : {}),
            default: setting.default,
            scope: setting.scope,
            order,
            markdownDescription: `%setting.${key}%`,
          },
        ]),
      ),
    },
  };
}

/** Refresh stands last among a view's icons, as in VS Code's own views. */
function viewTitleOrder(key: CommandKey): number {
  return key === 'refresh' ? 9 : 1;
}

const menuParts = { act: '2_act', deploy: '3_deploy', change: '4_change', remove: '9_remove' } as const;

/** The icons of a row stand in the order of the table, not in that of their titles. */
const inlineOrder = table.filter(([, { rows }]) => rows?.some(({ by }) => by === 'inline')).map(([key]) => key);

/** An inline icon is also in the row's menu, once: keyboard and screen-reader users reach it there. */
function rowItems(key: CommandKey, rows: NonNullable<CommandContribution['rows']>): MenuItem[] {
  const items: MenuItem[] = [];
  for (const { view, row, by, state, part } of rows) {
    const when = `view == ${view} && viewItem =~ /^${row}\\b${state === undefined ? '' : `.*\\b${state}\\b`}/`;
    if (by === 'inline') {
      items.push({ command: commandId(key), when, group: `inline@${inlineOrder.indexOf(key) + 1}` });
    }
    const clicked = by !== 'click' && rows.some((other) => other.by === 'click' && other.view === view && other.row === row);
    if (!clicked) {
      items.push({ command: commandId(key), when, group: by === 'click' ? '1_open' : menuParts[part ?? 'act'] });
    }
  }
  return items;
}

export async function readManifest(): Promise<Record<string, unknown> & { contributes: Record<string, unknown> }> {
  return JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as Record<string, unknown> & { contributes: Record<string, unknown> };
}

if (import.meta.main && process.argv.includes('--write')) {
  const manifest = await readManifest();
  manifest.contributes = { ...manifest.contributes, ...expectedContributes() };
  await writeFile(path.join(root, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}
