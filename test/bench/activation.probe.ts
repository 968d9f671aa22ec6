/**
 * Runs in the extension host of a window: activates Opsbook and an extension of VS Code's own, one after the other, and appends what
 * was seen to the file that `OPSBOOK_BENCH_RESULTS` names, one JSON line per window.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire, Module } from 'node:module';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { watchTurns, type Stall } from './stall.ts';

/** What one window saw. */
export interface Seen {
  readonly ours: Start;
  readonly rival: Start;
  readonly rivalVersion: string;
  /** While nothing was activated. */
  readonly idle: Stall;
  /** Files of Opsbook that were loaded when it had been active for two seconds, without any use. */
  readonly loaded: readonly string[];
  /** From a command's call until what it opens is there. */
  readonly commandMs: number;
}

/** How an extension started. */
export interface Start {
  /** Reading, compiling and running its main file. */
  readonly loadMs: number;
  /** The call of `activate()`; what it promises is not waited for. */
  readonly activateMs: number;
  /** Files of the extension that were read before `activate()` returned, with their bytes. */
  readonly reads: Readonly<Record<string, number>>;
  /** In the two seconds after `activate()`. */
  readonly stall: Stall;
}

const ours = 'opsbook.opsbook';
const rival = 'vscode.markdown-language-features';

/** Milliseconds after `activate()` in which the host must stay responsive. */
const watched = 2000;

export async function run(): Promise<void> {
  const file = process.env['OPSBOOK_BENCH_RESULTS'] ?? '';
  const windowsBefore = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('\n').length - 1 : 0;
  await firstRequest();
  await calm();
  const idle = await longestStall();
  const starts = new Map<string, Start>();
  for (const id of windowsBefore % 2 === 0 ? [ours, rival] : [rival, ours]) {
    await calm();
    starts.set(id, await start(id));
  }
  const [own, other] = [starts.get(ours), starts.get(rival)];
  assert.ok(own && other);
  const loaded = loadedFiles(extension(ours).extensionPath);
  const seen: Seen = { ours: own, rival: other, rivalVersion: extension(rival).packageJSON.version, idle, loaded, commandMs: await firstCommand() };
  fs.appendFileSync(file, `${JSON.stringify(seen)}\n`);
}

type Extension = Omit<vscode.Extension<unknown>, 'packageJSON'> & { readonly packageJSON: { readonly version: string; readonly main: string } };

function extension(id: string): Extension {
  const found: Extension | undefined = vscode.extensions.getExtension<unknown>(id);
  assert.ok(found, `${id} is not installed`);
  return found;
}

/** The first request of any extension makes VS Code read the machine's certificates, which stops its loop once for some 40 ms. */
async function firstRequest(): Promise<void> {
  const answer = await fetch(vscode.workspace.getConfiguration().get<string>('opsbook.apiUrl') ?? '');
  await answer.arrayBuffer();
}

/** The rest of the current turn is part of it. */
async function longestStall(milliseconds = watched): Promise<Stall> {
  const turns = watchTurns();
  await sleep(milliseconds);
  return turns.end();
}

/** Waits until other extensions have started and the loop answers quickly; a machine that never rests is measured as it is. */
async function calm(): Promise<void> {
  for (let tries = 0; tries < 20; tries++) {
    if ((await longestStall(500)).passed < 12) {
      return;
    }
  }
}

async function start(id: string): Promise<Start> {
  const { extensionPath, packageJSON } = extension(id);
  assert.equal(extension(id).isActive, false, `${id} was active before it was asked for`);
  let started: Promise<Start> | undefined;
  const reads = watchReads(extensionPath);
  const forget = whenLoaded(path.join(extensionPath, packageJSON.main), (loadMs, activateMs) => {
    started ??= longestStall().then(((read) => (stall: Stall) => ({ loadMs, activateMs, reads: read, stall }))({ ...reads.seen }));
  });
  try {
    await extension(id).activate();
    assert.ok(started, `${id} was not loaded from ${packageJSON.main}`);
    return await started;
  } finally {
    forget();
    reads.end();
  }
}

type Load = (this: unknown, request: string, ...rest: unknown[]) => unknown;
type Activate = (...given: unknown[]) => unknown;

/** Waits for the host to load a main file and to call its `activate`, and tells how long each took. */
function whenLoaded(main: string, tell: (loadMs: number, activateMs: number) => void): () => void {
  const loader = Module as unknown as { _load: Load };
  const load = loader._load;
  loader._load = function (request, ...rest) {
    const begun = performance.now();
    const loaded = load.call(this, request, ...rest);
    if (withoutSuffix(request) !== withoutSuffix(main)) {
      return loaded;
    }
    const loadMs = performance.now() - begun;
    const exported = loaded as { activate: Activate };
    const activate: Activate = (...given) => {
      const called = performance.now();
      const answer = exported.activate(...given);
      tell(loadMs, performance.now() - called);
      return answer;
    };
    return { ...exported, activate };
  };
  return () => {
    loader._load = load;
  };
}

function withoutSuffix(file: string): string {
  return file.replace(/\.[cm]?js$/, '');
}

type Functions = Record<string, (...given: unknown[]) => unknown>;

/** Every way of `fs` to open a file, the loader's included. */
function watchReads(folder: string): { readonly seen: Record<string, number>; end(): void } {
  const seen: Record<string, number> = {};
  const ends = [[fs, ['readFileSync', 'openSync', 'readFile', 'open']] as const, [fs.promises, ['readFile', 'open']] as const].flatMap(([owner, names]) => {
    const functions = owner as unknown as Functions;
    return names.map((name) => {
      const original = functions[name];
      assert.ok(original);
      functions[name] = function (this: unknown, ...given) {
        const file = String(given[0]);
        if (file.startsWith(folder)) {
          seen[path.relative(folder, file)] = fs.statSync(file).size;
        }
        return original.apply(this, given);
      };
      return () => {
        functions[name] = original;
      };
    });
  });
  return { seen, end: () => ends.forEach((end) => end()) };
}

function loadedFiles(folder: string): string[] {
  const { cache } = createRequire(import.meta.url);
  return Object.keys(cache)
    .filter((file) => file.startsWith(folder))
    .map((file) => path.relative(folder, file))
    .sort();
}

/** A command of the palette that needs no project: an empty query in an editor. */
async function firstCommand(): Promise<number> {
  const begun = performance.now();
  await vscode.commands.executeCommand('opsbook.sql.newQuery');
  const milliseconds = performance.now() - begun;
  assert.equal(vscode.window.activeTextEditor?.document.languageId, 'sql');
  return milliseconds;
}
