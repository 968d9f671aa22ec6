/** The results page in a real browser, with the tab that serves it and no editor around: what VS Code carries, is carried here. */
import assert from 'node:assert/strict';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createResultFiles } from '../../src/adapters/files/resultFiles.ts';
import { createSqlGrammar } from '../../src/adapters/sql/grammar.ts';
import type { ResultFiles } from '../../src/core/results/outside.ts';
import type { Cell, Column, ResultEvent } from '../../src/core/sql/result.ts';
import { ResultActions } from '../../src/features/results/actions.ts';
import { readMemory } from '../../src/features/results/memory.ts';
import type { FromView, ToView } from '../../src/features/results/protocol.ts';
import { ResultsTab } from '../../src/features/results/tab.ts';
import { pageHtml } from '../../src/host/pageHtml.ts';
import type { RunAgain } from '../../src/host/results.ts';
import { root } from '../build.ts';
import { FakeUi } from '../fakes/ui.ts';
import { FakeLogger } from '../fakes/logger.ts';
import { startBrowser } from '../world/browser.ts';

const origin = 'http://results.test';

/** What VS Code gives a page. */
const api = `window.acquireVsCodeApi = () => ({
  postMessage: (message) => window.tellHost(message),
  getState: () => JSON.parse(sessionStorage.getItem('state')) ?? undefined,
  setState: (state) => sessionStorage.setItem('state', JSON.stringify(state)),
});`;

export interface ShownPage {
  readonly page: Page;
  readonly tab: ResultsTab;
  readonly ui: FakeUi;
  readonly ranAgain: RunAgain[];
  readonly opened: { readonly text: string; readonly language: string }[];
  /** Where the next export goes. */
  target: string;
  /** What the page and the console said of what the content security policy forbids, and errors. */
  readonly problems: string[];
  /** What the page keeps for after a reload. */
  kept(): Promise<unknown>;
  /** Loads the page anew, as moving a tab to another window does. */
  reload(): Promise<void>;
}

/** `script` is the bundle of {@link bundlePage}. */
export async function openResultsPage(page: Page, bundle: { readonly script: string; readonly style: string }, files: ResultFiles): Promise<ShownPage> {
  const ui = new FakeUi();
  const shown = { target: '', ranAgain: [] as RunAgain[], opened: [] as { text: string; language: string }[], problems: [] as string[] };
  const post = (message: ToView): void => {
    // A page that is being loaded hears nothing; it says when it is ready.
    page.evaluate(`window.postMessage(${JSON.stringify(message)}, '*')`).catch(() => {});
  };
  const grammar = createSqlGrammar({ workerPath: '' });
  const actions = new ResultActions({ ui, grammar, openFile: files.openFile, writeParquet: files.writeParquet, askFile: async () => shown.target, openText: async (text, language) => void shown.opened.push({ text, language }) });
  const memory = readMemory({ tab: { key: 'k', title: 'Slow queries', target: 'acme · production', statements: [] } });
  if (memory === undefined) {
    throw new Error('no memory');
  }
  const tab = new ResultsTab(memory, { post, scratch: files.scratch, actions, log: new FakeLogger(), runAgain: async (again) => void shown.ranAgain.push(again) });
  await page.exposeFunction('tellHost', (message: FromView) => tab.receive(message));
  await page.addInitScript({ content: api });
  page.on('console', (message) => message.type() === 'error' && shown.problems.push(message.text()));
  page.on('pageerror', (error) => shown.problems.push(String(error)));
  const html = pageHtml({ title: 'Results', language: 'en', source: origin, nonce: 'abc', script: `${origin}/page.js`, style: `${origin}/page.css` });
  await page.route(`${origin}/**`, async (route) => {
    const { pathname } = new URL(route.request().url());
    const [contentType, body] = pathname === '/page.js' ? ['text/javascript', bundle.script] : pathname === '/page.css' ? ['text/css', bundle.style] : ['text/html', html];
    await route.fulfill({ contentType, body });
  });
  await page.goto(origin);
  return Object.assign(shown, { page, tab, ui, kept: async () => page.evaluate("JSON.parse(sessionStorage.getItem('state'))"), reload: async () => void (await page.reload()) });
}

/** With the few theme variables that decide what can be seen. */
const theme = `:root { --vscode-editor-background: #fff; --vscode-foreground: #222; --vscode-editor-font-family: monospace; --vscode-editor-font-size: 13px; --vscode-focusBorder: #05f; --vscode-list-activeSelectionBackground: #cde; --vscode-list-inactiveSelectionBackground: #eee; --vscode-panel-border: #ccc; --vscode-input-border: #999; }
body { font: 13px sans-serif; color: var(--vscode-foreground); background: #fff; }
`;

export async function bundlePage(): Promise<{ script: string; style: string }> {
  const entries = ['main.ts', 'main.css'].map((name) => path.join(root, 'media/results', name));
  const { outputFiles } = await build({ entryPoints: entries, outdir: 'page', bundle: true, write: false, format: 'iife', target: 'chrome120', logLevel: 'silent' });
  const text = (ending: string): string => outputFiles.find((file) => file.path.endsWith(ending))?.text ?? '';
  return { script: text('.js'), style: theme + text('.css') };
}

/** Within a suite: a page for each test, with a folder of its own. What the page or the console complains of fails the test. */
export function eachOnAPage(opened: (shown: ShownPage, folder: string) => void): void {
  let browser: Browser;
  let bundle: { script: string; style: string };
  let end: () => Promise<void>;
  before(async () => {
    bundle = await bundlePage();
    browser = await startBrowser();
  });
  after(() => browser.close());
  beforeEach(async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'opsbook-page-'));
    const files = createResultFiles(path.join(folder, 'storage'));
    const page = await browser.newPage({ viewport: { width: 1000, height: 700 } });
    page.setDefaultTimeout(15_000);
    const shown = await openResultsPage(page, bundle, files);
    end = async () => {
      await page.close();
      await shown.tab.dispose();
      await files.scratch.dispose();
      await rm(folder, { recursive: true, force: true });
      assert.deepEqual(shown.problems, []);
      shown.ui.done();
    };
    opened(shown, folder);
  });
  afterEach(() => end());
}

export function column(name: string, category: Column['category'] = 'text', type: string = category): Column {
  return { name, type, category };
}

/** A statement that ends well, its rows in batches. */
export async function* result(columns: readonly Column[], rows: Iterable<readonly Cell[]>, more: { truncated?: boolean; command?: string } = {}): AsyncGenerator<ResultEvent> {
  yield { kind: 'columns', columns };
  let batch: (readonly Cell[])[] = [];
  let count = 0;
  for (const row of rows) {
    batch.push(row);
    count++;
    if (batch.length === 2000) {
      yield { kind: 'rows', rows: batch };
      batch = [];
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  if (batch.length > 0) {
    yield { kind: 'rows', rows: batch };
  }
  yield { kind: 'done', command: more.command ?? 'SELECT', rowCount: count, truncated: more.truncated ?? false, durationMs: 3 };
}
