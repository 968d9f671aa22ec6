/** VS Code as a server for the browser: the workbench and the extension host of desktop VS Code, without its download. */
import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from '../build.ts';
import { startChild } from './children.ts';
import { provision } from './provision.ts';

export interface CodeOptions {
  /** Everything that this VS Code keeps: settings, extensions, logs, temporary files, and the home of its processes. */
  state: string;
  /** Added to the few variables that processes need to run; the caller's other variables do not reach the extension host. */
  environment?: Record<string, string>;
  /** A file that the server and its extension host load before all else, and the variables that it reads. */
  preload?: { file: string; environment: Record<string, string> };
  /** Without trust the window starts in Restricted Mode. */
  trusted: boolean;
  /** User settings, over the quiet ones below. */
  settings?: Record<string, unknown>;
  /** Settings of machine scope: in a remote window they are read from the machine's own file alone. */
  machineSettings?: Record<string, unknown>;
  /** Packages to install before the start. */
  install?: string[];
  /** Makes the workbench heed the payload of its address; it then shows no notifications. */
  testDriver?: boolean;
  /** Zero or nothing: the system chooses. */
  port?: number;
}

export interface Code {
  readonly port: number;
  readonly state: string;
  /** What the server has printed. */
  output(): string;
  /** The address of a window on `folder`; `payload` pairs as the workbench's own test driver knows them. */
  windowUrl(folder: string, payload?: [string, string][]): string;
  stop(): Promise<void>;
}

/** Nothing opens, asks, complains or looks for updates by itself; the theme follows the browser's. */
const quiet = {
  // This VS Code brings no TypeScript of its own, and knows nothing of Deno.
  'js/ts.tsdk.path': path.join(root, 'node_modules', 'typescript', 'lib'),
  'js/ts.validate.enabled': false,
  'typescript.validate.enable': false,
  'window.autoDetectColorScheme': true,
  'window.autoDetectHighContrast': true,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'chat.commandCenter.enabled': false,
  'security.workspace.trust.startupPrompt': 'never',
  'security.workspace.trust.banner': 'never',
  'extensions.ignoreRecommendations': true,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'remote.autoForwardPorts': false,
  'git.autofetch': false,
  'git.openRepositoryInParentFolders': 'never',
};

/** Starts the server and waits until it listens. */
export async function startCode(options: CodeOptions): Promise<Code> {
  const server = await provisionCode();
  await writeState(options);
  if (options.install !== undefined && options.install.length > 0) {
    await install(server, options, options.install);
  }
  // Other pages in the same browser cannot guess it, and so get no terminal.
  const token = randomUUID();
  const child = startChild([process.execPath, ...(options.preload ? ['--require', options.preload.file] : []), server, ...serverArguments(options, token)], {
    cwd: options.state,
    environment: { ...environmentOf(options), ...options.preload?.environment },
  });
  const [, port] = await child.says(/Extension host agent listening on (\d+)/, 30_000).catch(async (error: unknown) => {
    await child.stop();
    throw error;
  });
  return {
    port: Number(port),
    state: options.state,
    output: () => child.output(),
    windowUrl: (folder, payload = []) => windowUrl({ port: Number(port), token, folder, payload }),
    stop: () => child.stop(),
  };
}

/** Provisions VS Code and returns the path of its server program. */
export async function provisionCode(say: (line: string) => void = () => {}): Promise<string> {
  const vscode = path.join(await provision('codeServer', say), 'lib', 'vscode');
  await replaceModule(vscode, 'spdlog');
  await replaceModule(vscode, 'native-watchdog');
  return path.join(vscode, 'out', 'server-main.js');
}

/** Native modules that need a compiler give way to ours; each whole or not at all, for other processes may be starting. */
async function replaceModule(vscode: string, name: string): Promise<void> {
  const place = path.join(vscode, 'node_modules', '@vscode', name, 'index.js');
  const standIn = path.join(import.meta.dirname, 'native', `${name}.cjs`);
  if ((await readFile(place, 'utf8')) !== (await readFile(standIn, 'utf8'))) {
    const beside = `${place}.${process.pid}`;
    await copyFile(standIn, beside);
    await rename(beside, place);
  }
}

async function writeState({ state, settings, machineSettings }: CodeOptions): Promise<void> {
  await writeSettings(state, 'User', { ...quiet, ...settings });
  await writeSettings(state, 'Machine', machineSettings ?? {});
  await mkdir(path.join(state, 'home'), { recursive: true });
  await mkdir(path.join(state, 'tmp'), { recursive: true });
}

async function writeSettings(state: string, scope: 'User' | 'Machine', settings: Record<string, unknown>): Promise<void> {
  const file = path.join(state, 'data', scope, 'settings.json');
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(settings, undefined, 2));
}

async function install(server: string, options: CodeOptions, packages: string[]): Promise<void> {
  const child = startChild(
    [
      process.execPath,
      server,
      ...['--accept-server-license-terms', '--server-data-dir', options.state, '--telemetry-level', 'off', '--force'],
      ...packages.flatMap((file) => ['--install-extension', file]),
    ],
    { cwd: options.state, environment: environmentOf(options) },
  );
  try {
    for (const file of packages) {
      await child.says(new RegExp(`${path.basename(file).replaceAll('.', '\\.')}' was successfully installed`), 60_000);
    }
  } finally {
    await child.stop();
  }
}

function serverArguments({ state, trusted, port, testDriver = false }: CodeOptions, token: string): string[] {
  return [
    '--accept-server-license-terms',
    '--connection-token',
    token,
    '--host',
    '127.0.0.1',
    '--port',
    String(port ?? 0),
    '--server-data-dir',
    state,
    '--telemetry-level',
    'off',
    ...(testDriver ? ['--enable-smoke-test-driver'] : []),
    ...(trusted ? ['--disable-workspace-trust'] : []),
  ];
}

/** A home of its own: nobody's git settings, tokens or CLI profiles take part in a test. */
function environmentOf({ state, environment }: CodeOptions): NodeJS.ProcessEnv {
  const { PATH, LANG, NODE_EXTRA_CA_CERTS } = process.env;
  return {
    PATH,
    LANG,
    ...(NODE_EXTRA_CA_CERTS === undefined ? {} : { NODE_EXTRA_CA_CERTS }),
    HOME: path.join(state, 'home'),
    TMPDIR: path.join(state, 'tmp'),
    ...environment,
  };
}

interface WindowAddress {
  port: number;
  token: string;
  folder: string;
  payload: [string, string][];
}

function windowUrl({ port, token, folder, payload }: WindowAddress): string {
  const url = new URL(`http://127.0.0.1:${port}/`);
  url.searchParams.set('tkn', token);
  url.searchParams.set('folder', folder);
  if (payload.length > 0) {
    url.searchParams.set('payload', JSON.stringify(payload));
  }
  return url.href;
}
