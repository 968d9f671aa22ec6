/** Opsbook as another part of the editor sees it. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commandId, commands, type CommandKey } from '../../src/contributions.ts';
import { until } from '../world/until.ts';

export const commandKeys = Object.keys(commands) as CommandKey[];

export async function activate(): Promise<vscode.Extension<unknown>> {
  const extension = vscode.extensions.getExtension<unknown>('opsbook.opsbook');
  assert.ok(extension, 'Opsbook is not installed, or not allowed here');
  await extension.activate();
  return extension;
}

export async function run(key: CommandKey, argument?: unknown): Promise<void> {
  await vscode.commands.executeCommand(commandId(key), argument);
}

/** The text of an open document whose path ends so, as soon as it matches. */
export async function documentShows(ending: string, text: RegExp): Promise<string> {
  return until(
    `${ending} shows ${text}`,
    () => vscode.workspace.textDocuments.filter(({ uri }) => uri.path.endsWith(ending)).map((document) => document.getText()).find((shown) => text.test(shown)),
    20_000,
  );
}
