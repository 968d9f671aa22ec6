import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { OpsError } from '../../src/core/errors.ts';
import type { Cell } from '../../src/core/sql/result.ts';
import { root } from '../build.ts';
import { column, eachOnAPage, result, type ShownPage } from './resultsPage.ts';

describe('the results page, in a browser', function () {
  // Frames of a busy machine come when they come.
  this.retries(2);
  this.timeout(60_000);
  let page: Page;
  let shown: ShownPage;
  eachOnAPage((opened) => {
    shown = opened;
    page = opened.page;
  });

  const columns = [column('id', 'number', 'int8'), column('name'), column('doc', 'json', 'jsonb')];
  const row = (index: number): Cell[] => [String(index), index % 5 === 0 ? null : `name ${index}`, `{"n": ${index}.10}`];
  const rows = (count: number): Cell[][] => Array.from({ length: count }, (_, index) => row(index));
  const show = async (count: number, more: object = {}) => shown.tab.show({ title: 'Slow queries', statement: 'select *\nfrom t', target: 'acme · production', run: () => result(columns, rows(count)), ...more });
  const cell = (text: string | RegExp): Locator => page.getByRole('gridcell', { name: text, exact: typeof text === 'string' });
  /** The page's policy forbids what playwright would wait with. */
  const until = async (expression: string): Promise<void> => {
    for (const end = Date.now() + 15_000; !(await page.evaluate(expression)); ) {
      assert.ok(Date.now() < end, expression);
      await page.waitForTimeout(20);
    }
  };
  const focused = async (): Promise<string> => page.evaluate('document.activeElement.textContent');

  it('shows what was run, where, its rows and how many there are', async () => {
    await show(20);
    await page.getByText(/^20 rows in \d+ ms\.$/).waitFor();
    await page.getByText('acme · production').waitFor();
    await page.locator('summary', { hasText: 'select * from t' }).waitFor();
    await cell('name 3').waitFor();
    const grid = page.getByRole('grid', { name: 'Slow queries' });
    assert.equal(await grid.getAttribute('aria-rowcount'), '21');
    assert.equal(await grid.getAttribute('aria-colcount'), '4');
    assert.equal(await page.getByRole('columnheader').count(), 3);
    assert.equal(await page.getByRole('row', { name: /^3 2 name 2/ }).count(), 1);
    await cell('NULL').first().waitFor();
    assert.equal(await page.getByRole('gridcell', { name: 'NULL' }).count(), 4);
  });

  it('is moved through by keyboard as a grid is, the focus with it', async () => {
    await show(500);
    await cell('name 1').click();
    assert.equal(await focused(), 'name 1');
    await page.keyboard.press('ArrowDown');
    assert.equal(await focused(), 'name 2');
    await page.keyboard.press('ArrowLeft');
    assert.equal(await focused(), '2');
    await page.keyboard.press('Control+End');
    await until("document.activeElement.textContent === '{\"n\": 499.10}'");
    await page.keyboard.press('Home');
    assert.equal(await focused(), '499');
    await page.keyboard.press('PageUp');
    await until('Number(document.activeElement.textContent) < 490');
    await page.keyboard.press('Control+Home');
    await until("document.activeElement.textContent === '0'");
    await page.keyboard.press('ArrowUp');
    assert.equal(await page.evaluate("document.activeElement.getAttribute('role')"), 'columnheader');
    assert.equal(await page.locator('.grid [tabindex="0"]').count(), 1, 'one stop for the Tab key');
  });

  it('keeps the focus on a cell that is scrolled away', async () => {
    await show(5000);
    await cell('name 1').click();
    await page.mouse.wheel(0, 20_000);
    await page.getByRole('rowheader', { name: '840' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await until("document.activeElement.textContent === 'name 2'");
    await cell('name 4').waitFor();
  });

  it('sorts by the head: up, down, not at all; by a second column with Shift', async () => {
    await show(300);
    const head = page.getByRole('columnheader', { name: 'id' });
    await head.click();
    await until("document.querySelector('[aria-sort=ascending]')");
    await head.click();
    await cell('299').waitFor();
    assert.equal(await head.getAttribute('aria-sort'), 'descending');
    await head.press('Enter');
    await cell('0').waitFor();
    assert.equal(await head.getAttribute('aria-sort'), 'none');
    await page.getByRole('columnheader', { name: 'name' }).click();
    await cell('name 1').first().waitFor();
    await head.click({ modifiers: ['Shift'] });
    await until("document.querySelectorAll('[aria-sort=ascending]').length === 2");
  });

  it('filters by what is typed above a column, and says how many rows are left', async () => {
    await show(300);
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByRole('textbox', { name: /^Filter id/ }).fill('>= 297');
    await page.getByText('3 of 300 rows are shown.').waitFor();
    assert.equal(await page.getByRole('rowheader').count(), 4);
    assert.equal(await page.getByRole('rowheader').nth(1).textContent(), '298', 'rows keep their numbers');
    await page.getByRole('button', { name: 'Show All Rows' }).click();
    await cell('0').waitFor();
  });

  it('finds a text in rows that are far away', async () => {
    await show(5000);
    await cell('name 1').click();
    await page.keyboard.press('Control+f');
    await page.getByRole('textbox', { name: 'Find' }).fill('NAME 4321');
    await page.keyboard.press('Enter');
    await until("document.querySelector('[role=gridcell][tabindex=\"0\"]')?.textContent === 'name 4321'");
    await page.getByRole('textbox', { name: 'Find' }).fill('nowhere');
    await page.keyboard.press('Enter');
    await page.getByText('Not found.').waitFor();
    await page.keyboard.press('Escape');
    assert.equal(await focused(), 'name 4321');
  });

  it('copies what is selected, exact, in the format that is chosen', async () => {
    await show(50);
    await cell('name 1').click();
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Shift+ArrowLeft');
    await page.getByText('4 cells selected').waitFor();
    assert.equal(await page.locator('.grid [aria-selected=true]').count(), 4);
    await page.keyboard.press('Control+c');
    await page.getByText('Copied 2 rows.').waitFor();
    assert.deepEqual(shown.ui.copied, ['1\tname 1\n2\tname 2']);
    await page.getByRole('button', { name: 'Copy' }).click();
    await page.getByRole('menuitem', { name: 'INSERT' }).click();
    await page.getByText('Copied 2 rows.').waitFor();
    await cell('name 3').click();
    await page.keyboard.press('Shift+Space');
    await page.getByRole('button', { name: 'Copy' }).click();
    await page.keyboard.press('c');
    await page.keyboard.press('Enter');
    await page.getByText('Copied 1 rows.').waitFor();
    assert.equal(shown.ui.copied[1], "INSERT INTO t (id, name) VALUES\n  (1, 'name 1'),\n  (2, 'name 2');\n");
    assert.equal(shown.ui.copied[2], 'id,name,doc\r\n3,name 3,"{""n"": 3.10}"\r\n');
  });

  it('selects by dragging, whole rows by their numbers, and everything', async () => {
    await show(50);
    const [from, to] = await Promise.all([cell('2').boundingBox(), cell('name 6').boundingBox()]);
    assert.ok(from && to);
    await page.mouse.move(from.x + 5, from.y + 5);
    await page.mouse.down();
    await page.mouse.move(to.x + 5, to.y + 5, { steps: 5 });
    await page.mouse.up();
    await page.getByText('10 cells selected').waitFor();
    await page.getByRole('rowheader', { name: '3', exact: true }).click();
    await page.getByRole('rowheader', { name: '5', exact: true }).click({ modifiers: ['Shift'] });
    await page.getByText('9 cells selected').waitFor();
    await page.keyboard.press('Control+a');
    await page.getByText('150 cells selected').waitFor();
  });

  it('makes columns wider by drag and by keyboard, pins them, and remembers it', async () => {
    await show(50);
    const head = page.getByRole('columnheader', { name: 'name' });
    await cell('name 1').waitFor();
    const width = async (): Promise<number> => (await head.boundingBox())?.width ?? 0;
    const before = await width();
    const edge = await head.locator('.edge').boundingBox();
    assert.ok(edge);
    await page.mouse.move(edge.x + 3, edge.y + 10);
    await page.mouse.down();
    await page.mouse.move(edge.x + 103, edge.y + 10, { steps: 3 });
    await page.mouse.up();
    assert.ok(Math.abs((await width()) - before - 100) < 6, `${before} became ${await width()}`);
    await cell('name 1').click();
    await page.keyboard.press('Control+ArrowUp');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Alt+ArrowRight');
    await until(`document.activeElement.getBoundingClientRect().width > ${before + 110}`);
    const wide = await width();
    await page.keyboard.press('Alt+ArrowDown');
    await page.getByRole('menuitem', { name: 'Pin' }).click();
    await until("document.querySelector('[role=columnheader]').textContent === 'name'");
    await shown.reload();
    await until("document.querySelector('[role=columnheader]')?.textContent === 'name'");
    assert.equal(await width(), wide);
  });

  it('lets nothing shine through what stays when it is scrolled sideways', async () => {
    const wide = Array.from({ length: 12 }, (_, index) => column(`column ${index}`));
    await shown.tab.show({ title: 'Wide', statement: 'select', target: 'acme', run: () => result(wide, Array.from({ length: 30 }, (_, at) => wide.map((_each, index) => `${'#'.repeat(12)} ${at} ${index}`))) });
    await cell(/^#+ 1 1$/).waitFor();
    await page.evaluate(`for (const name of ['keybindingTable-rowsBackground', 'keybindingTable-headerBackground', 'list-hoverBackground']) { document.documentElement.style.setProperty('--vscode-' + name, 'rgba(0, 0, 0, 0.06)'); }`);
    const numbers = async (): Promise<string[]> => Promise.all((await page.locator('.grid .cell.number').all()).slice(0, 8).map(async (each) => (await each.screenshot()).toString('base64')));
    await page.mouse.move(500, 5);
    const before = await numbers();
    await page.evaluate("document.querySelector('.grid').scrollLeft = 63");
    await page.waitForTimeout(200);
    const after = await numbers();
    assert.deepEqual(after.map((picture, index) => picture === before[index]), before.map(() => true));
  });

  it('stays where it is when a cell at its edge is clicked, so that a second click finds the same', async () => {
    const wide = Array.from({ length: 12 }, (_, index) => column(`column ${index}`));
    await shown.tab.show({ title: 'Wide', statement: 'select', target: 'acme', run: () => result(wide, [wide.map((_each, index) => `${'#'.repeat(20)} ${index}`)]) });
    await cell(/ 3$/).waitFor();
    const grid = await page.getByRole('grid').boundingBox();
    const right = (grid?.x ?? 0) + (grid?.width ?? 0);
    const edge: { left: number; top: number; text: string }[] = await page.evaluate(`[...document.querySelectorAll('.canvas [role=gridcell]')]
      .map((each) => ({ left: each.getBoundingClientRect().left, right: each.getBoundingClientRect().right, top: each.getBoundingClientRect().top, text: each.textContent }))
      .filter((each) => each.left < ${right - 12} && each.right > ${right})`);
    const [half] = edge;
    assert.ok(half, 'a cell is half in sight');
    await page.mouse.dblclick(half.left + 6, half.top + 10);
    await page.locator('.value h2', { hasText: `column ${half.text.split(' ').at(-1)} · Row 1` }).waitFor();
    assert.equal(await page.evaluate("document.querySelector('.grid').scrollLeft"), 0);
  });

  it('opens a value: JSON as a tree, with the digits it has', async () => {
    await show(5);
    await cell('{"n": 2.10}').dblclick();
    await page.getByText('2.10', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Open in an Editor' }).click();
    await page.keyboard.press('Escape');
    await until("document.activeElement.textContent === '{\"n\": 2.10}'");
    assert.deepEqual(shown.opened, [{ text: '{\n  "n": 2.10\n}', language: 'json' }]);
  });

  it('shows several results, what the server said, and where it failed', async () => {
    const failing = async function* () {
      yield { kind: 'notice', notice: { severity: 'WARNING', message: 'careful\u001b[2J', hint: 'a hint' } } as const;
      throw new OpsError('queryFailed', { sqlState: '42P01', message: 'relation "x" does not exist', detail: 'a detail' });
    };
    const end = await shown.tab.show({
      title: 'Script',
      target: 'acme',
      parts: [
        { statement: 'select 1', run: () => result([column('one', 'number')], [['1']]) },
        { statement: 'select 2', run: () => result([column('two', 'number')], [['2'], ['3']]) },
        { statement: 'create table t ()', run: () => result([], [], { command: 'CREATE TABLE' }) },
        { statement: 'select x', run: failing, whenStopped: ['The statement behind it was not run.'] },
        { statement: 'select 4', run: () => result([column('four')], [['4']]) },
      ],
    });
    assert.deepEqual([end.kind, end.kind === 'failed' && end.part], ['failed', 3]);
    await page.getByRole('tab', { name: 'Messages · 2' }).waitFor();
    assert.deepEqual(await page.getByRole('tab').allTextContents(), ['Result 1 · 1', 'Result 2 · 2', 'Result 3 · ✓', 'Result 4 · ✕', 'Messages · 2']);
    // What failed has come to the front by itself.
    await page.getByText('relation "x" does not exist').waitFor();
    await page.getByText('a detail').waitFor();
    await page.getByText('The statement behind it was not run.').waitFor();
    await page.getByRole('tab', { name: 'Result 2' }).click();
    await page.getByRole('columnheader', { name: 'two' }).waitFor();
    await shown.reload();
    await page.getByRole('columnheader', { name: 'two' }).waitFor();
    await page.getByRole('tab', { name: 'Result 2' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.getByText('relation "x" does not exist').waitFor();
    await page.getByRole('tab', { name: 'Messages' }).click();
    await page.getByText('careful␛[2J').waitFor();
    await page.getByText('a hint').waitFor();
  });

  it('says what a cancelled run had brought, and runs it again', async () => {
    let runs = 0;
    const slow = async function* (signal: AbortSignal) {
      runs++;
      yield { kind: 'columns', columns: [column('a')] } as const;
      yield { kind: 'rows', rows: [['1']] } as const;
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      throw new OpsError('cancelled', {});
    };
    const showing = shown.tab.show({ title: 'Slow', statement: 'select pg_sleep(1000)', target: 'acme', run: slow });
    await page.getByText('Running…').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    assert.equal((await showing).kind, 'cancelled');
    await page.getByText('Cancelled. 1 rows had come.').waitFor();
    await page.getByRole('button', { name: 'Run Again' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Cancelled. 1 rows had come.').waitFor();
    assert.equal(runs, 2);
  });

  it('fetches all rows when there were more, and keeps how they are looked at', async () => {
    await show(100, { run: () => result(columns, rows(100), { truncated: true }), runWhole: () => result(columns, rows(3000)) });
    await page.getByText(/^The first 100 rows in \d+ ms; there are more\.$/).waitFor();
    await page.getByRole('columnheader', { name: 'id' }).click();
    await page.getByRole('columnheader', { name: 'id' }).click();
    await cell('99').waitFor();
    await page.getByRole('button', { name: 'Fetch All Rows' }).click();
    await page.getByText(/^3000 rows in \d+ ms\.$/).waitFor();
    await cell('2999').waitFor();
  });

  it('a diagnostic’s verdict offers what can be done about it, unless all is well', async () => {
    const remedy = { label: 'Write SQL That Repairs It', command: 'diagnostics.repair', argument: 'Dead rows' } as const;
    await show(5, { judge: () => ({ state: 'warn', summary: '1 row', rows: [2] }), explanation: 'What it means.', remedy });
    const offered = shown.page.getByRole('button', { name: remedy.label });
    await offered.focus();
    await shown.page.keyboard.press('Enter');
    assert.deepEqual(shown.ranAgain.map(({ command, argument }) => [command, argument]), [['diagnostics.repair', 'Dead rows']]);
    await show(5, { judge: () => ({ state: 'ok', summary: 'no rows', rows: [] }), explanation: 'What it means.', remedy });
    await offered.waitFor({ state: 'detached' });
  });

  it('a diagnostic’s verdict stands above its rows, and marks them', async () => {
    await show(5, { judge: () => ({ state: 'warn', summary: '1 row', rows: [2] }), explanation: 'What it means.\n\nWhat to do.' });
    await page.getByText('WARNING · 1 row').waitFor();
    await page.getByText('What to do.').waitFor();
    assert.equal(await page.locator('.row.marked [role=rowheader]').textContent(), '3');
  });

  it('says before all else as whom it ran, also after the window was loaded anew', async () => {
    await show(2, { title: 'a.sql (as anon)', as: 'AS anon' });
    const badge = page.locator('.header .as');
    await badge.filter({ hasText: /^AS anon$/ }).waitFor();
    const [above, target] = await Promise.all([badge.boundingBox(), page.locator('.header .target').boundingBox()]);
    assert.ok(above && target && above.y + above.height <= target.y + 1);
    assert.equal(((await shown.kept()) as { tab: { as?: string } }).tab.as, 'AS anon');
    await show(2, {});
    await badge.waitFor({ state: 'detached' });
  });

  it('remembers what can be run again, and of a statement that must not be kept nothing', async () => {
    const again = { command: 'sql.runStatement', argument: { statement: 'select 1' } } as const;
    await show(1, { again });
    await page.getByText('1 row in').waitFor();
    assert.deepEqual((await shown.kept() as { tab: unknown }).tab, { key: 'Slow queries', title: 'Slow queries', target: 'acme · production', statements: ['select *\nfrom t'], again });
    await page.getByRole('button', { name: 'Run Again' }).click();
    await page.waitForTimeout(100);
    assert.deepEqual(shown.ranAgain, [again]);
    await show(1, { statement: "alter role r password 'x'" });
    await page.locator('summary', { hasText: 'alter role' }).waitFor();
    assert.ok(!JSON.stringify(await shown.kept()).includes('password'));
  });

  it('shows a plan as a tree: times, wrong estimates, what to look at, and the text of the server', async () => {
    const text = await readFile(path.join(root, 'test/fixtures/plans/underestimated.json'), 'utf8');
    const joined = await readFile(path.join(root, 'test/fixtures/plans/joined.json'), 'utf8');
    const plan = (json: string) => ({ statement: 'explain select 1', shows: 'plan', run: () => result([column('QUERY PLAN', 'json')], [[json]]) }) as const;
    await shown.tab.show({ title: 'Plan', target: 'acme', parts: [plan(joined), plan(text)] });
    const tree = page.getByRole('treegrid', { name: 'Plan' });
    await tree.getByRole('row', { name: /^Hash Join/ }).waitFor();
    assert.equal(await tree.getByRole('row').count(), 8);
    await page.getByText('Execution 23.3 ms · Planning 0.6 ms · 7 nodes').waitFor();
    await page.getByText('Nothing stands out.').waitFor();
    assert.equal(await tree.getByRole('row', { selected: true }).getAttribute('aria-level'), '3', 'the slowest is shown first');
    await tree.getByRole('row', { selected: true }).focus();
    await page.keyboard.press('ArrowLeft');
    assert.equal(await tree.getByRole('row').count(), 4);
    assert.equal(await tree.getByRole('row', { selected: true }).getAttribute('aria-expanded'), 'false');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    assert.match(await focused(), /Seq Scan public\.orders o/);
    await page.getByRole('tab', { name: 'Result 2' }).click();
    await tree.getByText('11 × more').waitFor();
    await page.getByText(/skewed is read from end to end, 50,000 rows, to keep 5,000/).waitFor();
    await page.getByText('As the server printed it').click();
    await page.getByText('"Rows Removed by Filter": 45000').waitFor();
    await page.getByRole('button', { name: 'Copy the Plan' }).click();
    await page.waitForTimeout(100);
    assert.deepEqual(JSON.parse(shown.ui.copied[0] ?? ''), JSON.parse(text));
  });

  it('draws times and numbers in one click, with the same numbers as a table', async () => {
    const hours = Array.from({ length: 24 }, (_, hour): Cell[] => [`2024-05-01 ${String(hour).padStart(2, '0')}:00:00+00`, String(hour * hour), hour === 3 ? null : String(100 - hour), hour % 2 === 0 ? 'even' : 'odd']);
    await shown.tab.show({ title: 'Load', statement: 'select', target: 'acme', run: () => result([column('at', 'time', 'timestamptz'), column('calls', 'number'), column('errors', 'number'), column('kind')], hours) });
    await page.getByRole('button', { name: 'Chart' }).click();
    await page.getByRole('img', { name: 'calls, errors by at' }).waitFor();
    assert.equal(await page.locator('.chart svg path.line').count(), 4, 'two lines, and two in the legend');
    assert.match((await page.locator('.chart > svg path.line').nth(1).getAttribute('d')) ?? '', /^M[^M]*M/, 'a gap where there is no value');
    await page.getByText('As a table').click();
    assert.equal(await page.getByRole('row').count(), 25);
    assert.equal(await page.getByRole('row').nth(4).textContent(), '2024-05-01 03:00:00+009NULL');
    await page.getByRole('checkbox', { name: 'errors' }).uncheck();
    await page.getByRole('img', { name: 'calls by at' }).waitFor();
    await page.getByRole('combobox', { name: 'Along' }).selectOption({ label: 'kind' });
    await page.getByRole('combobox', { name: 'Kind' }).selectOption({ label: 'Bars' });
    await page.getByRole('img', { name: 'calls by kind' }).waitFor();
    assert.equal(await page.locator('.chart > svg rect.bar').count(), 2);
    await page.getByText('24 rows stand at 2 places along kind: those at the same place are summed.').waitFor();
    await page.getByRole('combobox', { name: 'Rows at the same place' }).selectOption({ label: 'Average' });
    await page.getByText('of those at the same place the average is drawn').waitFor();
    await page.getByRole('combobox', { name: 'Rows at the same place' }).selectOption({ label: 'Each by Itself' });
    await until("document.querySelectorAll('.chart > svg rect.bar').length === 24");
    await shown.reload();
    await page.getByRole('combobox', { name: 'Rows at the same place' }).waitFor();
    await until("document.querySelectorAll('.chart > svg rect.bar').length === 24");
    await page.getByRole('button', { name: 'Chart' }).click();
    await page.getByRole('grid').waitFor();
    await show(3);
    await cell('name 1').waitFor();
    await page.getByRole('button', { name: 'Chart' }).waitFor();
  });

  it('draws a line for each value of a column that tells the rows of one day apart, and says what it leaves out', async () => {
    const days = ['2024-05-01', '2024-05-02', '2024-05-03'].flatMap((day, index) => ['ok', 'slow', 'failed', 'lost', 'late', 'odd'].map((status, place): Cell[] => [day, status, status === 'ok' && index === 1 ? null : String(10 * place + index)]));
    await shown.tab.show({ title: 'Days', statement: 'select', target: 'acme', run: () => result([column('day', 'time', 'date'), column('status'), column('n', 'number')], days, { truncated: true }), runWhole: () => result([], []) });
    await page.getByRole('button', { name: 'Chart' }).click();
    await page.getByRole('img', { name: 'n by day, status' }).waitFor();
    assert.deepEqual(await page.locator('.chart .legend .entry').allTextContents(), [' slow', ' failed', ' lost', ' late', ' odd']);
    const notes = await page.locator('.chart p.about').allTextContents();
    assert.deepEqual(notes, ['Of 6 values of status the 5 with the largest sums are drawn.', 'Values that are NULL or no finite number are left out: 1.', 'Only rows that were fetched are in it.']);
    await page.getByRole('combobox', { name: 'One for each' }).selectOption({ label: '(no column)' });
    await page.getByText('18 rows stand at 3 places along day: those at the same place are summed.').waitFor();
    await page.getByRole('img', { name: 'n by day', exact: true }).waitFor();
  });

  it('scrolls through a million rows, by wheel and by thumb, to the row that it says', async () => {
    await shown.tab.show({ title: 'Million', statement: 'select i', target: 'acme', run: () => result([column('i', 'number'), column('t')], (function* () {
      for (let index = 0; index < 1_000_000; index++) {
        yield [String(index), `text ${index}`];
      }
    })()) });
    await page.getByText(/^1000000 rows in/).waitFor({ timeout: 20_000 });
    const inSight = async (): Promise<{ number: number; text: string }> =>
      page.evaluate(`(() => {
        const box = document.querySelector('.grid').getBoundingClientRect();
        const row = document.elementFromPoint(box.left + 10, box.top + 200).closest('.row');
        return { number: Number(row.querySelector('.number').textContent), text: row.querySelector('[aria-colindex="3"]').textContent };
      })()`);
    for (const share of [0.5, 0.25, 0.999, 0.0001]) {
      await page.evaluate(`(() => { const grid = document.querySelector('.grid'); grid.scrollTop = ${share} * (grid.scrollHeight - grid.clientHeight); })()`);
      await page.waitForTimeout(300);
      const { number, text } = await inSight();
      assert.ok(Math.abs(number / 1e6 - share) < 0.001, `row ${number} at ${share}`);
      assert.equal(text, `text ${number - 1}`);
    }
    // On its way the thumb shows the numbers alone; where it rests the values come.
    const passing = await page.evaluate<readonly string[]>(`new Promise((resolve) => {
      const grid = document.querySelector('.grid');
      grid.scrollTop = 0.7 * (grid.scrollHeight - grid.clientHeight);
      requestAnimationFrame(() => requestAnimationFrame(() => {
        const row = document.elementFromPoint(grid.getBoundingClientRect().left + 10, grid.getBoundingClientRect().top + 200).closest('.row');
        resolve([row.querySelector('.number').textContent, row.querySelector('[aria-colindex="3"]').textContent]);
      }));
    })`);
    assert.ok(Math.abs(Number(passing[0]) / 1e6 - 0.7) < 0.001, `row ${passing[0]}`);
    assert.equal(passing[1], '');
    await page.waitForTimeout(400);
    assert.equal((await inSight()).text, `text ${(await inSight()).number - 1}`);
    await page.evaluate(`(() => { const grid = document.querySelector('.grid'); grid.scrollTop = 0; })()`);
    await page.waitForTimeout(300);
    const before = (await inSight()).number;
    await page.mouse.move(300, 400);
    await page.mouse.wheel(0, 2400);
    await page.waitForTimeout(400);
    assert.equal((await inSight()).number, before + 100, 'a wheel moves pixel by pixel');
    await page.locator('.grid [role=gridcell]').first().click();
    await page.keyboard.press('Control+End');
    await until("document.activeElement.textContent === 'text 999999'");
    assert.ok((await cell('text 999999').boundingBox())?.y ?? 0 > 0);
  });
});
