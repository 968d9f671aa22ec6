import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Cell, ResultEvent } from '../../src/core/sql/result.ts';
import { until } from '../world/until.ts';
import { column, eachOnAPage, result, type ShownPage } from './resultsPage.ts';

describe('rows exported from the results page', function () {
  this.timeout(60_000);
  let folder: string;
  let page: Page;
  let shown: ShownPage;
  eachOnAPage((opened, own) => {
    shown = opened;
    page = opened.page;
    folder = own;
  });

  const columns = [column('id', 'number', 'int8'), column('name'), column('doc', 'json', 'jsonb'), column('tags', 'array', 'text[]'), column('ok', 'boolean', 'bool')];
  const few: Cell[][] = [
    ['9007199254740993', "O'Neil|x", '{"n": 1.10}', '{a,NULL}', 'true'],
    ['-2', '', null, null, 'false'],
    ['3', null, '[]', '{}', null],
  ];
  const row = (index: number): Cell[] => [String(index), `name ${index}`, null, null, 'true'];
  const many = function* (count: number): Generator<Cell[]> {
    for (let index = 0; index < count; index++) {
      yield row(index);
    }
  };
  const show = async (rows: Iterable<Cell[]>, more: object = {}): Promise<unknown> => shown.tab.show({ title: 'Slow queries', statement: 'select * from public.t', target: 'acme · production', run: () => result(columns, rows), ...more });
  const choose = async (format: string): Promise<void> => {
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('menuitem', { name: format, exact: true }).click();
  };
  const isTold = async (text: RegExp): Promise<void> => void (await until(`told ${text}`, () => shown.ui.told.some(({ message }) => text.test(message))));
  /** What stands there, nothing else but the extension's own folder. */
  const files = async (): Promise<string[]> => (await readdir(folder)).filter((name) => name !== 'storage').sort();

  const texts: Readonly<Record<string, string>> = {
    CSV: `id,name,doc,tags,ok\r\n9007199254740993,O'Neil|x,"{""n"": 1.10}","{a,NULL}",true\r\n-2,"",,,false\r\n3,,[],{},\r\n`,
    JSON: `[\n  { "id": 9007199254740993, "name": "O'Neil|x", "doc": {"n": 1.10}, "tags": ["a", null], "ok": true },\n  { "id": -2, "name": "", "doc": null, "tags": null, "ok": false },\n  { "id": 3, "name": null, "doc": [], "tags": [], "ok": null }\n]\n`,
    Markdown: `| id | name | doc | tags | ok |\n| ---: | --- | --- | --- | --- |\n| 9007199254740993 | O'Neil\\|x | {"n": 1.10} | {a,NULL} | true |\n| -2 |  | *NULL* | *NULL* | false |\n| 3 | *NULL* | \\[\\] | {} | *NULL* |\n`,
    INSERT: `INSERT INTO public.t (id, name, doc, tags, ok) VALUES\n  (9007199254740993, 'O''Neil|x', '{"n": 1.10}', '{a,NULL}', true),\n  (-2, '', NULL, NULL, false),\n  (3, NULL, '[]', '{}', NULL);\n`,
  };
  for (const [format, text] of Object.entries(texts)) {
    it(`are exact as ${format}`, async () => {
      await show(few);
      shown.target = path.join(folder, 'out');
      await choose(format);
      await isTold(/^3 rows are in .*out\.$/);
      assert.equal(await readFile(shown.target, 'utf8'), text);
    });
  }

  it('are exact as Parquet', async () => {
    await show(few);
    shown.target = path.join(folder, 'out.parquet');
    await choose('Parquet');
    await isTold(/^3 rows are in/);
    const { parquetReadObjects } = await import('hyparquet');
    const bytes = await readFile(shown.target);
    const read = await parquetReadObjects({ file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) });
    assert.deepEqual(read, [
      { id: 9007199254740993n, name: "O'Neil|x", doc: '{"n": 1.10}', tags: '{a,NULL}', ok: true },
      { id: -2n, name: '', doc: null, tags: null, ok: false },
      { id: 3n, name: null, doc: '[]', tags: '{}', ok: null },
    ]);
  });

  it('are safe for spreadsheets when that is chosen', async () => {
    await show([['1', '=1+1', null, null, null]]);
    shown.target = path.join(folder, 'out.csv');
    await choose('CSV, safe for spreadsheets');
    await isTold(/^1 rows are in/);
    assert.match(await readFile(shown.target, 'utf8'), /\n1,'=1\+1,/);
  });

  it('are those that the filter leaves, in the order that is shown', async () => {
    await show(many(500));
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByRole('textbox', { name: /^Filter id/ }).fill('> 496');
    await page.getByText('3 of 500 rows are shown.').waitFor();
    for (const name of [/id/, /id/]) {
      await page.getByRole('columnheader', { name }).locator('.name').click();
    }
    await page.locator('[aria-sort=descending]').waitFor();
    shown.target = path.join(folder, 'out.csv');
    await choose('CSV');
    await isTold(/^3 rows are in/);
    assert.deepEqual((await readFile(shown.target, 'utf8')).split('\r\n').map((line) => line.split(',')[0]), ['id', '499', '498', '497', '']);
  });

  it('are not taken for all when the result was cut, or is still coming', async () => {
    await show(many(10), { run: () => result(columns, many(10), { truncated: true }) });
    shown.target = path.join(folder, 'out.csv');
    await choose('CSV');
    await isTold(/^10 rows are in .*out\.csv\. That is not the whole result: The first 10 rows in \d+ ms; there are more/);
    const coming = async function* (signal: AbortSignal): AsyncGenerator<ResultEvent> {
      yield { kind: 'columns', columns };
      yield { kind: 'rows', rows: [...many(7)] };
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    };
    void show([], { run: coming });
    await page.getByRole('gridcell', { name: 'name 6' }).waitFor();
    await choose('CSV');
    await isTold(/^7 rows are in .*That is not the whole result: more rows are coming\.$/);
  });

  for (const format of ['CSV', 'Parquet']) {
    it(`say as ${format} how far they are, replace the file that is there only when all of them are written, and hold few of them`, async () => {
      shown.target = path.join(folder, 'out');
      await writeFile(shown.target, 'before');
      await show(many(300_000));
      await page.getByText(/^300000 rows in/).waitFor();
      const before = process.memoryUsage().arrayBuffers;
      let most = 0;
      let during = '';
      const watch = setInterval(() => void (most = Math.max(most, process.memoryUsage().arrayBuffers - before)), 5);
      await choose(format);
      const progress = await until('it is told of', () => shown.ui.progressed.at(-1));
      await until('half of it', () => progress.reports.some((report) => Number(report.split(' ')[0]) > 100_000));
      during = await readFile(shown.target, 'utf8');
      await isTold(/^300000 rows are in/);
      clearInterval(watch);
      assert.equal(during, 'before');
      assert.match(progress.title, /^Writing 300000 rows to /);
      assert.deepEqual([progress.reports[0], progress.reports.at(-1)], ['1000 of 300000', '300000 of 300000']);
      assert.ok(most < 64 * 1024 * 1024, `${most} bytes`);
      assert.deepEqual(await files(), ['out']);
    });

    it(`leave as ${format} what was there before when they are cancelled half-way`, async () => {
      shown.target = path.join(folder, 'out');
      await writeFile(shown.target, 'before');
      await show(many(300_000));
      await page.getByText(/^300000 rows in/).waitFor();
      await choose(format);
      const progress = await until('it is told of', () => shown.ui.progressed.at(-1));
      await until('half of it', () => progress.reports.some((report) => Number(report.split(' ')[0]) > 100_000));
      assert.equal((await files()).length, 2, 'it is being written beside its place');
      shown.ui.cancelProgress();
      await page.getByText('Cancelled.', { exact: true }).waitFor();
      assert.deepEqual([await readFile(shown.target, 'utf8'), await files(), shown.ui.told], ['before', ['out'], []]);
    });
  }

  it('end with the tab, and leave no half of a file', async () => {
    shown.target = path.join(folder, 'out.csv');
    await show(many(300_000));
    await page.getByText(/^300000 rows in/).waitFor();
    await choose('CSV');
    const progress = await until('it is told of', () => shown.ui.progressed.at(-1));
    await until('some of it', () => progress.reports.length > 20);
    await shown.tab.dispose();
    await until('it is gone', async () => (await files()).length === 0);
    assert.deepEqual(shown.ui.told, []);
  });

  it('say below the rows why they could not be written', async () => {
    await show(few);
    shown.target = path.join(folder, 'missing', 'out.csv');
    await choose('CSV');
    await page.getByText(/missing\/out\.csv was not written: its folder is not there\./).waitFor();
    shown.target = path.join(folder, 'a folder');
    await mkdir(shown.target);
    await choose('Parquet');
    await page.getByText(/a folder was not written: it is a folder\./).waitFor();
    shown.target = path.join(folder, 'kept.csv');
    await writeFile(shown.target, 'kept', { mode: 0o444 });
    await choose('JSON');
    await page.getByText(/kept\.csv was not written: it may not be written\./).waitFor();
    assert.deepEqual([await readFile(shown.target, 'utf8'), await files(), shown.ui.told], ['kept', ['a folder', 'kept.csv'], []]);
  });
});
