import * as vscode from 'vscode';
import { contextKeys } from '../contributions.ts';

const known = new Map<string, unknown>();

/** Sets a key for `when` clauses, if it changed. */
export function setContextKey(key: keyof typeof contextKeys, value: string | boolean): void {
  if (known.get(key) !== value) {
    known.set(key, value);
    void vscode.commands.executeCommand('setContext', contextKeys[key], value);
  }
}
