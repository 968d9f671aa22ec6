/** The whole world at once: the sandbox, VS Code with the packaged extension, and a browser window on the scenario. */
import type { Browser } from 'playwright-core';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Workbench } from '../e2e/workbench.ts';
import { startSandbox, type Sandbox, type SandboxOptions } from '../sandbox/sandbox.ts';
import { startBrowser } from './browser.ts';
import { startCode, type Code, type CodeOptions } from './code.ts';
import { connectionTo, neighbourhoodOf } from './connection.ts';

export interface World {
  readonly sandbox: Sandbox;
  readonly code: Code;
  /** The address of a window on the scenario's workspace. */
  readonly url: string;
  /** Starts a second VS Code on the same sandbox, in which nobody has signed in, and gives the address of its window. */
  newcomerUrl(): Promise<string>;
  stop(): Promise<void>;
}

export interface WorldOptions {
  /** The packaged extension. */
  extension: string;
  sandbox?: SandboxOptions;
  trusted?: boolean;
  settings?: CodeOptions['settings'];
}

export async function startWorld({ extension, trusted = true, settings = {}, ...options }: WorldOptions): Promise<World> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (let next = stops.pop(); next !== undefined; next = stops.pop()) {
      await next();
    }
  };
  try {
    const sandbox = await startSandbox(options.sandbox);
    stops.push(() => sandbox.stop());
    const start = async (connection: Pick<CodeOptions, 'environment' | 'machineSettings'>): Promise<Code> => {
      const state = await mkdtemp(path.join(tmpdir(), 'opsbook-code-'));
      stops.push(() => rm(state, { recursive: true, force: true }));
      const code = await startCode({ state, trusted, settings, install: [extension], ...connection, ...neighbourhoodOf(sandbox) });
      stops.push(() => code.stop());
      return code;
    };
    const code = await start(connectionTo(sandbox));
    const newcomerUrl = async (): Promise<string> => (await start({ machineSettings: connectionTo(sandbox).machineSettings })).windowUrl(sandbox.workspace);
    return { sandbox, code, url: code.windowUrl(sandbox.workspace), newcomerUrl, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

export interface Window {
  readonly browser: Browser;
  readonly workbench: Workbench;
  close(): Promise<void>;
}

/** Opens the workspace in a headless browser; screenshots go to `pictures`. */
export async function openWindow(world: World, pictures: string): Promise<Window> {
  const browser = await startBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.setDefaultTimeout(20_000);
    const workbench = new Workbench(page, pictures);
    await workbench.open(world.url);
    return { browser, workbench, close: () => browser.close() };
  } catch (error) {
    await browser.close();
    throw error;
  }
}
