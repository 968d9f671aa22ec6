/** A piece of a benchmark that runs in the extension host of a real window, as part of Opsbook itself. */
import { build } from 'esbuild';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import manifest from '../../package.json' with { type: 'json' };
import { buildAll, root } from '../build.ts';
import type { Code } from '../world/code.ts';

/** Opsbook as it is packaged, but started by nothing except a probe (`<name>.probe.ts`) that lies beside it. Returns its folder. */
export async function prepareExtension(folder: string, probe: string): Promise<string> {
  await mkdir(folder);
  await buildAll({ from: root, to: path.join(folder, 'dist') });
  for (const name of ['media', 'runbooks', 'package.nls.json']) {
    await cp(path.join(root, name), path.join(folder, name), { recursive: true });
  }
  await writeFile(path.join(folder, 'package.json'), JSON.stringify({ ...manifest, activationEvents: [] }));
  await build({
    entryPoints: [path.join(root, 'test/bench', probe)],
    outfile: path.join(folder, 'probe.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['vscode'],
    define: { 'import.meta.url': '__filename' },
    logLevel: 'silent',
  });
  return folder;
}

export interface ProbeWindow {
  readonly code: Code;
  /** See {@link prepareExtension}. */
  readonly extension: string;
  /** The folder that is open. */
  readonly workspace: string;
}

/** Opens a window in which the probe runs to its end. A context of its own: what the window before has kept is not known in this one. */
export async function openProbe(browser: Browser, { code, extension, workspace }: ProbeWindow): Promise<{ code: number; output: string }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const output: unknown[] = [];
  try {
    const page = await context.newPage();
    await page.exposeFunction('codeAutomationLog', (_type: string, args: unknown[]) => output.push(...args));
    const exit = new Promise<number>((resolve) => void page.exposeFunction('codeAutomationExit', resolve));
    const crash = page.waitForEvent('crash', { timeout: 120_000 });
    const remote = (file: string) => `vscode-remote://127.0.0.1:${code.port}${file}`;
    await page.goto(code.windowUrl(workspace, [['extensionDevelopmentPath', remote(extension)], ['extensionTestsPath', remote(path.join(extension, 'probe.cjs'))], ['skipWelcome', 'true']]));
    const ended = await Promise.race([exit, crash.then(() => -1)]);
    return { code: ended, output: output.map(String).join('\n') };
  } finally {
    await context.close();
  }
}
