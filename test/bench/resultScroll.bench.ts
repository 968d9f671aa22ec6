/** A million rows from a server, looked at in the results page: how soon the first are seen, and how smoothly they are scrolled through. */
import type { Browser, Page } from 'playwright-core';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createResultFiles } from '../../src/adapters/files/resultFiles.ts';
import { createPostgresDatabase } from '../../src/adapters/postgres/database.ts';
import { systemClock } from '../../src/adapters/systemClock.ts';
import type { ResultEvent } from '../../src/core/sql/result.ts';
import { bundlePage, openResultsPage, type ShownPage } from '../e2e/resultsPage.ts';
import { FakeLogger } from '../fakes/logger.ts';
import { startBrowser } from '../world/browser.ts';
import { type Benchmark, enoughRuns, type Line, median, p90, rounded } from './benchmark.ts';
import { rowCount, startMillionRows, statement } from './millionRows.ts';

/** Of each way to scroll, in milliseconds. */
const scrolling = 10_000;

export const benchmark: Benchmark = { name: 'resultScroll', run };

async function run(say: (line: string) => void): Promise<readonly Line[]> {
  const server = await startMillionRows();
  const folder = await mkdtemp(path.join(tmpdir(), 'opsbook-scroll-'));
  const files = createResultFiles(folder);
  const database = createPostgresDatabase({ connection: server.url, ssl: {}, log: new FakeLogger(), clock: systemClock });
  const browser = await startBrowser({ scrollbars: true });
  try {
    const shown = await openResultsPage(await newPage(browser), await bundlePage(), files);
    const events = (): AsyncIterable<ResultEvent> => database.run({ text: statement, values: [], mode: 'read', rowLimit: 2_000_000_000, timeoutMs: 600_000, background: false }, { signal: new AbortController().signal, priority: 'user' });
    const lines = [await firstRows(shown, events, say)];
    const empty = await emptyPage(browser);
    for (const way of [wheel, thumb]) {
      lines.push(await framesLine(shown.page, empty, way, say));
    }
    await shown.tab.dispose();
    return lines;
  } finally {
    await browser.close();
    await database.close();
    await files.scratch.dispose();
    await rm(folder, { recursive: true, force: true });
    await server.stop();
  }
}

async function newPage(browser: Browser): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.setDefaultTimeout(60_000);
  return page;
}

/** Tells when a frame has been drawn that holds the rows of the run with this title. */
const watchFirst = `new Promise((resolve) => {
  const look = () => {
    const cell = document.querySelector('.grid [role=gridcell]');
    const ready = cell?.textContent === '1' && document.querySelector('.grid').getAttribute('aria-label') === TITLE;
    requestAnimationFrame(() => (ready ? new MessageChannel().port1 && setTimeout(() => resolve(performance.timeOrigin + performance.now()), 0) : look()));
  };
  look();
})`;

/** While the other rows keep coming. */
async function firstRows({ page, tab }: ShownPage, events: () => AsyncIterable<ResultEvent>, say: (line: string) => void): Promise<Line> {
  const delays: number[] = [];
  for (let run = 0; run <= enoughRuns; run++) {
    const title = `Run ${run}`;
    const painted = page.evaluate<number>(watchFirst.replace('TITLE', JSON.stringify(title)));
    let came = 0;
    async function* noted(): AsyncGenerator<ResultEvent> {
      for await (const event of events()) {
        came ||= event.kind === 'packed' ? performance.timeOrigin + performance.now() : 0;
        yield event;
      }
    }
    const shown = tab.show({ title, statement, target: 'bench', run: noted });
    const at = await painted;
    await shown;
    // The first is the warm-up.
    if (run > 0) {
      delays.push(at - came);
      say(`${run} of ${enoughRuns}: the first rows are seen after ${(at - came).toFixed(0)} ms`);
    }
  }
  const value = median(delays);
  return { name: 'resultScroll.firstRows', value: rounded(value), unit: 'ms', against: undefined, ratio: undefined, limit: 'p90 <= 150', ok: p90(delays) <= 150, p90: rounded(p90(delays)), runs: delays.length, rows: rowCount };
}

/** What this browser can do at all: as large, as high, one line in it. */
async function emptyPage(browser: Browser): Promise<Page> {
  const page = await newPage(browser);
  await page.setContent('<div class="grid" style="position: fixed; inset: 0; overflow: auto; font: 13px monospace"><div style="height: 8000000px">nothing</div></div>');
  return page;
}

interface Way {
  readonly name: string;
  /** Moves a page's list for so many milliseconds. */
  move(page: Page, milliseconds: number): Promise<void>;
}

const wheel: Way = {
  name: 'wheel',
  move: async (page, milliseconds) => {
    await page.mouse.move(500, 400);
    for (const end = performance.now() + milliseconds; performance.now() < end; ) {
      await page.mouse.wheel(0, 120);
      await page.waitForTimeout(8);
    }
  },
};

/** Pixels of a scroll bar across, and of its buttons. */
const barWidth = 15;

/** Down to the end and back up, by the thumb of the scroll bar. */
const thumb: Way = {
  name: 'thumb',
  move: async (page, milliseconds) => {
    const box = await page.locator('.grid').boundingBox();
    if (box === null) {
      throw new Error('there is no list');
    }
    await page.evaluate("document.querySelector('.grid').scrollTop = 0");
    await page.waitForTimeout(300);
    // Between the bar's own two buttons, and above the bar of the columns.
    const [x, top, height] = [box.x + box.width - 7, box.y + barWidth + 8, box.height - 3 * barWidth - 16];
    await page.mouse.move(x, top);
    await page.mouse.down();
    for (const begin = performance.now(); performance.now() - begin < milliseconds; ) {
      const share = (performance.now() - begin) / milliseconds;
      await page.mouse.move(x, top + height * (1 - Math.abs(1 - 2 * share)));
      await page.waitForTimeout(8);
    }
    await page.mouse.up();
  },
};

/** Of all rows: a wheel moves row by row, and the thumb follows when it rests. */
const near = 0.005;

/** After each frame that was drawn: is the row in the middle the one that the list's place says, and are its values, once they are there, those of its number? */
const sample = `(() => {
  const seen = { frames: 0, right: 0, empty: 0, late: 0, wrong: [], numbers: [], worst: 0, running: true };
  window.seen = seen;
  const channel = new MessageChannel();
  let last = performance.now();
  channel.port1.onmessage = () => {
    const row = document.elementFromPoint(60, 400)?.closest('.row');
    const [number, id, name] = row ? ['.number', '[aria-colindex="2"]', '[aria-colindex="3"]'].map((part) => row.querySelector(part)?.textContent) : [];
    const n = Number(number);
    const grid = document.querySelector('.grid');
    const share = grid.scrollTop / Math.max(1, grid.scrollHeight - grid.clientHeight);
    const expected = n % 7 === 0 ? 'NULL' : n % 11 === 0 ? '' : 'customer ' + n;
    const isThere = Math.abs(n / ROWS - share) < NEAR;
    if (!row || number === '') {
      seen.empty++;
    } else if (isThere && (id === '' || (number === id && name === expected))) {
      seen.right++;
      seen.late += id === '' ? 1 : 0;
      seen.numbers.push(n);
    } else {
      seen.wrong.push([number, id, name, 'at', share].join(' '));
    }
  };
  const frame = (now) => {
    seen.frames++;
    seen.worst = Math.max(seen.worst, now - last);
    last = now;
    channel.port2.postMessage(0);
    if (seen.running) {
      requestAnimationFrame(frame);
    }
  };
  requestAnimationFrame(frame);
})()`;

interface Seen {
  readonly frames: number;
  readonly right: number;
  /** Nothing was painted. */
  readonly empty: number;
  /** The number was there and the values were on their way. */
  readonly late: number;
  readonly wrong: readonly string[];
  readonly numbers: readonly number[];
  readonly worst: number;
}

async function watched(page: Page, way: Way, milliseconds: number): Promise<Seen & { readonly seconds: number }> {
  await page.bringToFront();
  await page.evaluate(sample.replace('ROWS', String(rowCount)).replace('NEAR', String(near)));
  const begin = performance.now();
  await way.move(page, milliseconds);
  const seconds = (performance.now() - begin) / 1000;
  const seen = await page.evaluate<Seen>('(window.seen.running = false, window.seen)');
  return { ...seen, seconds };
}

/** The thumb rests: how long until the row in the middle has its values, and whether they are those of its number. */
async function rested(page: Page): Promise<number> {
  const begin = performance.now();
  for (;;) {
    const [number = '', id = '', name = ''] = await page.evaluate<readonly string[]>(`(() => {
      const row = document.elementFromPoint(60, 400)?.closest('.row');
      return row ? ['.number', '[aria-colindex="2"]', '[aria-colindex="3"]'].map((part) => row.querySelector(part)?.textContent ?? '') : [];
    })()`);
    if (id !== '') {
      const n = Number(number);
      const expected = n % 7 === 0 ? 'NULL' : n % 11 === 0 ? '' : `customer ${n}`;
      if (id !== number || name !== expected) {
        throw new Error(`the row ${number} rests with other values: ${id}, ${name}`);
      }
      return performance.now() - begin;
    }
    if (performance.now() - begin > 5_000) {
      throw new Error(`the row ${number} rests without its values`);
    }
    await page.waitForTimeout(10);
  }
}

async function framesLine(page: Page, empty: Page, way: Way, say: (line: string) => void): Promise<Line> {
  const reference = await watched(empty, way, scrolling / 2);
  const seen = await watched(page, way, scrolling);
  const restedMs = await rested(page);
  if (seen.wrong.length > 0) {
    throw new Error(`rows were painted that are not what their numbers say: ${seen.wrong.slice(0, 5).join('; ')}`);
  }
  const [value, possible] = [seen.right / seen.seconds, reference.frames / reference.seconds];
  const distinct = new Set(seen.numbers).size;
  say(`${way.name}: ${value.toFixed(1)} frames/s with the right row, ${(seen.frames / seen.seconds).toFixed(1)} in all, ${possible.toFixed(1)} of an empty page; ${distinct} different rows`);
  return {
    name: `resultScroll.${way.name}`, value: rounded(value), unit: 'frames/s', against: undefined, ratio: undefined, limit: 'value >= 50', ok: value >= 50,
    frames: rounded(seen.frames / seen.seconds), empty: seen.empty, withoutValues: seen.late, valuesAfterRestMs: rounded(restedMs), emptyPage: rounded(possible), longestFrame: rounded(seen.worst), differentRows: distinct, seconds: rounded(seen.seconds), rows: rowCount,
  };
}
