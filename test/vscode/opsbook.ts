/** Opsbook as another part of the editor sees it. */
import assert from 'node:assert/strict';
import path from 'node:path';
import * as vscode from 'vscode';
import { commandId, commands, type CommandKey } from '../../src/contributions.ts';
import { until } from '../world/until.ts';
import type { Person } from './person.ts';
import { sandbox } from './sandbox.ts';

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

/** A command that needs a project asks its question. */
export async function projectIsOpen(person: Person): Promise<void> {
  await until('the project is open', async () => {
    person.forget();
    await run('project.setEnvironment');
    return person.asked.length > 0;
  }, 20_000);
}

/** The open project's SQL runs over its connection string. */
export async function connectDatabase(person: Person): Promise<void> {
  assert.ok(sandbox.databaseUrl);
  person.answers(sandbox.databaseUrl);
  await run('project.setConnectionString');
}

/** A file of the scenario's folder, in the editor in front; it is gone afterwards. */
export async function withFile(name: string, content: string, use: (document: vscode.TextDocument) => Promise<void>): Promise<void> {
  const uri = vscode.Uri.file(path.join(sandbox.workspace, name));
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(content));
  try {
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document);
    await use(document);
  } finally {
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await vscode.workspace.fs.delete(uri);
  }
}
