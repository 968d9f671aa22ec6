/** Runs a folder of suites from `dist/test` in the real extension host, by way of `@vscode/test-electron`. */
import { runTests, TestRunFailedError } from '@vscode/test-electron';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from '../build.ts';
import type { WindowOptions } from './electron.ts';

export interface InCodeOptions extends WindowOptions {
  /** Folder of suites under `test/vscode`; `.` are those that run in a trusted window. */
  suites: string;
  /** The folder that the window opens. */
  folder: string;
  /** Where mocha's JSON goes; without it the suites print as they go. */
  results?: string;
  /** The extension under test. */
  extension?: string;
}

/** Returns whether all passed. What the suites and the extension host print goes to `output`. */
export async function runInCode(options: InCodeOptions, output: NodeJS.WritableStream = process.stdout): Promise<boolean> {
  const { suites, folder, results, extension = root, ...window } = options;
  const state = await mkdtemp(path.join(tmpdir(), 'opsbook-code-'));
  const environment = {
    ...window.environment,
    OPSBOOK_TEST_SUITES: suites,
    ...(results === undefined ? {} : { OPSBOOK_TEST_RESULTS: results }),
  };
  try {
    await runTests({
      vscodeExecutablePath: await writeLauncher(state),
      extensionDevelopmentPath: extension,
      extensionTestsPath: path.join(extension, 'dist', 'test', 'index.cjs'),
      extensionTestsEnv: { OPSBOOK_TEST_WINDOW: JSON.stringify({ ...window, environment } satisfies WindowOptions) },
      launchArgs: [folder, `--user-data-dir=${state}`, `--extensions-dir=${path.join(state, 'extensions')}`],
      stdout: output,
      stderr: output,
    });
    return true;
  } catch (error) {
    if (error instanceof TestRunFailedError) {
      return false;
    }
    throw error;
  } finally {
    await rm(state, { recursive: true, force: true });
  }
}

/** `runTests` starts an executable file; this one finds the very Node that runs us, wherever it lies. */
async function writeLauncher(folder: string): Promise<string> {
  const launcher = path.join(folder, 'code');
  const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
  const player = path.join(import.meta.dirname, 'electron.ts');
  await writeFile(launcher, `#!/bin/sh\nexec ${quote(process.execPath)} ${quote(player)} "$@"\n`);
  await chmod(launcher, 0o755);
  return launcher;
}
