/**
 * Plays desktop VS Code for `@vscode/test-electron`: takes its arguments, opens a window of the server in a browser, and
 * ends with the exit code of the suite that ran in the extension host.
 *
 * Beside VS Code's own arguments it reads `OPSBOOK_TEST_WINDOW`, see `WindowOptions`.
 */
import type { Page } from 'playwright-core';
import { EventEmitter, once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { format, parseArgs } from 'node:util';
import { startBrowser } from './browser.ts';
import { endChildrenOnSignal, stopChildren } from './children.ts';
import { startCode, type Code, type CodeOptions } from './code.ts';

export type WindowOptions = Omit<CodeOptions, 'state' | 'install' | 'port' | 'testDriver'>;

/** A suite that hangs in the extension host would hold up everything. */
const limit = 10 * 60_000;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ args: process.argv.slice(2), strict: false, allowPositionals: true });
  const state = String(values['user-data-dir']);
  const folder = positionals[0] ?? state;
  await mkdir(state, { recursive: true });
  const options = JSON.parse(process.env['OPSBOOK_TEST_WINDOW'] ?? '{ "trusted": true }') as WindowOptions;
  const code = await startCode({ ...options, state, testDriver: true });
  // What the browser leaves when all is cut short goes with the state.
  process.env['TMPDIR'] = path.join(state, 'tmp');
  const browser = await startBrowser();
  try {
    const page = await browser.newPage();
    const { exit } = await listen(page);
    await page.goto(testUrl(code, folder, values));
    return await exit;
  } finally {
    await browser.close();
    await code.stop();
  }
}

function testUrl(code: Code, folder: string, values: Record<string, unknown>): string {
  const remote = (local: unknown): string => `vscode-remote://127.0.0.1:${code.port}${String(local)}`;
  return code.windowUrl(folder, [
    ['extensionDevelopmentPath', remote(values['extensionDevelopmentPath'])],
    ['extensionTestsPath', remote(values['extensionTestsPath'])],
    ['skipWelcome', 'true'],
  ]);
}

/** The workbench reports to two functions of its window: what the suite prints, and its exit code at the end. */
async function listen(page: Page): Promise<{ exit: Promise<number> }> {
  await page.exposeFunction('codeAutomationLog', (type: string, args: unknown[]) => {
    const stream = type === 'error' || type === 'warn' ? process.stderr : process.stdout;
    stream.write(`${format(...args)}\n`);
  });
  const ended = new EventEmitter();
  await page.exposeFunction('codeAutomationExit', (code: number) => ended.emit('exit', code));
  page.once('crash', () => ended.emit('error', new Error('The browser window crashed.')));
  const exit = once(ended, 'exit', { signal: AbortSignal.timeout(limit) });
  return { exit: exit.then(([code]) => code as number) };
}

endChildrenOnSignal();
process.exit(
  await main().catch(async (error: unknown) => {
    console.error(error);
    await stopChildren();
    return 1;
  }),
);
