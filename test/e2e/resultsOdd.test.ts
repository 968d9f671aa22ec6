import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { OpsError } from '../../src/core/errors.ts';
import type { Cell, ResultEvent } from '../../src/core/sql/result.ts';
import { until } from '../world/until.ts';
import { column, eachOnAPage, result, type ShownPage } from './resultsPage.ts';

describe('odd results on the results page', function () {
  this.timeout(60_000);
  let folder: string;
  let page: Page;
  let shown: ShownPage;
  eachOnAPage((opened, own) => {
    shown = opened;
    page = opened.page;
    folder = own;
  });

  const show = async (run: (signal: AbortSignal) => AsyncIterable<ResultEvent>): Promise<unknown> => shown.tab.show({ title: 'Odd', statement: 'select * from t', target: 'acme', run });
  const cell = (text: string) => page.getByRole('gridcell', { name: text, exact: true });
  const focused = async (): Promise<string> => page.evaluate('document.activeElement.textContent');

  it('two thousand columns: those in sight are drawn, all can be reached, sorted, found and copied', async () => {
    const columns = Array.from({ length: 2000 }, (_, index) => column(`c${index}`, 'number'));
    await show(() => result(columns, Array.from({ length: 300 }, (_, row) => columns.map((_each, at) => String(row * 10_000 + at)))));
    await cell('0').click();
    assert.equal(await page.getByRole('grid').getAttribute('aria-colcount'), '2001');
    const drawn = async (): Promise<number> => page.locator('.grid .cell').count();
    assert.ok((await drawn()) < 3000, `${await drawn()} cells`);
    await page.keyboard.press('End');
    await until('the last one', async () => (await focused()) === '1999');
    await page.keyboard.press('Control+End');
    await until('the very last one', async () => (await focused()) === '2991999');
    assert.ok((await drawn()) < 3000, `${await drawn()} cells`);
    const head = page.getByRole('columnheader', { name: 'c1999', exact: true });
    await head.locator('.name').click();
    await head.locator('.name').click();
    await until('it is sorted', async () => (await head.getAttribute('aria-sort')) === 'descending');
    await page.keyboard.press('Control+f');
    await page.getByRole('textbox', { name: 'Find' }).fill('1230777');
    await page.keyboard.press('Enter');
    await page.locator('[role=gridcell][tabindex="0"]', { hasText: '1230777' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Shift+Space');
    await page.keyboard.press('Control+c');
    await page.getByText('Copied 1 rows.').waitFor();
    assert.equal(shown.ui.copied[0]?.split('\t').length, 2000);
  });

  it('a cell of fifty megabytes: its beginning is shown, it is copied and exported whole', async () => {
    const size = 50 * 1024 * 1024;
    const huge = `${'x'.repeat(size - 3)}end`;
    await show(() => result([column('id', 'number'), column('body')], [['1', huge], ['2', 'small']]));
    await cell('small').waitFor();
    assert.equal(await page.getByRole('gridcell', { name: /^x+…$/ }).textContent(), `${'x'.repeat(300)}…`);
    await page.getByRole('gridcell', { name: /^x/ }).dblclick();
    await page.getByText(`The first 1000000 of ${size} characters.`).waitFor();
    await page.getByRole('button', { name: 'Copy Value' }).click();
    await page.getByText('Copied 1 rows.').waitFor();
    assert.ok(shown.ui.copied[0] === huge);
    await page.keyboard.press('Escape');
    await page.getByRole('columnheader', { name: 'body' }).locator('.name').click();
    await page.locator('[aria-sort=ascending]').waitFor();
    shown.target = path.join(folder, 'out.csv');
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('menuitem', { name: 'CSV', exact: true }).click();
    await until('it is written', () => shown.ui.told.some(({ message }) => message.startsWith('2 rows are in')));
    const text = await readFile(shown.target, 'latin1');
    assert.equal(text, `id,body\r\n2,small\r\n1,${huge}\r\n`);
  });

  it('no rows: the columns are there, nothing can be moved to, and a file has the names alone', async () => {
    await show(() => result([column('id', 'number'), column('name')], []));
    await page.getByText('No rows.').waitFor();
    await page.getByRole('columnheader', { name: 'name' }).focus();
    for (const key of ['ArrowDown', 'Control+End', 'Enter', 'Shift+Space', 'Control+a', 'Control+c', 'PageDown', 'ContextMenu', 'Escape']) {
      await page.keyboard.press(key);
    }
    shown.target = path.join(folder, 'out.csv');
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('menuitem', { name: 'CSV', exact: true }).click();
    await until('it is written', () => shown.ui.told.some(({ message }) => message.startsWith('0 rows are in')));
    assert.equal(await readFile(shown.target, 'utf8'), 'id,name\r\n');
  });

  it('no columns: what the server did is said', async () => {
    await show(() => result([], [[], [], []]));
    await page.getByText(/^3 rows in \d+ ms\.$/).waitFor();
    assert.equal(await page.getByRole('grid').count(), 0);
    await show(() => result([], [], { command: 'CREATE TABLE' }));
    await page.getByText(/^0 rows in \d+ ms\.$/).waitFor();
    await show(() => result([column('a')], [['b']]));
    await cell('b').waitFor();
  });

  it('writing of every kind: nothing hides, nothing leaves its cell, and what is copied is as it came', async () => {
    const odd: Cell[] = ['שלום עולם', '\u202egnp.exe', `e${'\u0301'.repeat(40)}`, 'a\u200bb\ufeff', '👩\u200d👩\u200d👧', 'tab\tand\u0000nul\u001b[31m', `${'x'.repeat(299)}🙂tail`, '<img src=x onerror=alert(1)>', 'half \ud83d'];
    await show(() => result([column('שם'), column('\u202ename', 'text')], odd.map((text) => [text, 'next'])));
    await cell('שלום עולם').waitFor();
    await cell('\\u{202e}gnp.exe').waitFor();
    await cell('a\\u{200b}b\\u{feff}').waitFor();
    await cell('👩\u200d👩\u200d👧').waitFor();
    await cell('tab and␀nul␛[31m').waitFor();
    assert.equal(await page.locator('.canvas [role=gridcell][data-column="0"]').nth(6).textContent(), `${'x'.repeat(299)}…`);
    await cell('<img src=x onerror=alert(1)>').waitFor();
    await page.getByRole('columnheader', { name: '\\u{202e}name' }).waitFor();
    // Marks that are piled up stay in their row.
    const clipped = await page.evaluate(`[...document.querySelectorAll('.canvas [role=gridcell]')].every((each) => getComputedStyle(each).overflow !== 'visible')`);
    assert.equal(clipped, true);
    await page.getByRole('columnheader', { name: 'שם' }).focus();
    await page.keyboard.press('Control+Space');
    await page.getByText('9 cells selected').waitFor();
    await page.keyboard.press('Control+c');
    await page.getByText('Copied 9 rows.').waitFor();
    const lines = shown.ui.copied[0]?.split('\n') ?? [];
    assert.deepEqual(lines.slice(0, 8), odd.slice(0, 8));
    assert.equal(lines[8], 'half \ufffd', 'half a character is none');
  });

  it('a run that goes on while its page is loaded anew, and ends at the server when its tab is closed', async () => {
    let go = (): void => {};
    let ended = '';
    const slow = async function* (signal: AbortSignal): AsyncGenerator<ResultEvent> {
      yield { kind: 'columns', columns: [column('a')] };
      yield { kind: 'rows', rows: [['first']] };
      await new Promise<void>((resolve) => (go = resolve));
      yield { kind: 'rows', rows: [['second']] };
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      ended = 'aborted';
      throw new OpsError('cancelled', {});
    };
    const showing = show(slow);
    await cell('first').waitFor();
    await shown.reload();
    await cell('first').waitFor();
    await page.getByText('Running…').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).waitFor();
    go();
    await cell('second').waitFor();
    await shown.reload();
    await cell('second').waitFor();
    await shown.tab.dispose();
    assert.deepEqual([((await showing) as { kind: string }).kind, ended], ['cancelled', 'aborted']);
  });
});
