import * as vscode from 'vscode';
import { settings, type SettingKey } from '../contributions.ts';
import { Emitter, type Event } from '../util/event.ts';
import type { Disposable } from '../util/dispose.ts';

type Widen<T> = T extends string ? string : T extends number ? number : T extends boolean ? boolean : T extends readonly string[] ? readonly string[] : T extends object ? Readonly<Record<string, string>> : never;

/** All settings at one moment, keyed as in `package.json`. A value of the wrong type counts as not set. */
export type Settings = { readonly [K in SettingKey]: Widen<(typeof settings)[K]['default']> };

/** The only reader of VS Code's configuration. */
export interface SettingsSource extends Disposable {
  readonly current: Settings;
  /** The editor's own proxy, for the programs that Opsbook starts; empty when there is none. */
  readonly proxy: string;
  readonly onDidChange: Event<{ readonly previous: Settings; readonly next: Settings }>;
}

export function createSettings(): SettingsSource {
  let current = read();
  const changed = new Emitter<{ previous: Settings; next: Settings }>();
  const subscription = vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration('opsbook')) {
      const previous = current;
      current = read();
      changed.fire({ previous, next: current });
    }
  });
  return {
    get current() {
      return current;
    },
    get proxy() {
      return vscode.workspace.getConfiguration('http').get<string>('proxy') ?? '';
    },
    onDidChange: changed.event,
    dispose: () => {
      subscription.dispose();
      changed.dispose();
    },
  };
}

function read(): Settings {
  const configuration = vscode.workspace.getConfiguration();
  const entries = Object.entries(settings).map(([key, setting]) => {
    const value = configuration.get<unknown>(key);
    return [key, sameType(value, setting.default) ? value : setting.default];
  });
  return Object.freeze(Object.fromEntries(entries)) as Settings;
}

function sameType(value: unknown, like: unknown): boolean {
  if (Array.isArray(like)) {
    return Array.isArray(value) && value.every((item) => typeof item === 'string');
  }
  if (typeof like === 'object') {
    return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every((item) => typeof item === 'string');
  }
  return typeof value === typeof like;
}
