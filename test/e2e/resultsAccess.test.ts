import assert from 'node:assert/strict';
import type { CDPSession, Page } from 'playwright-core';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Cell } from '../../src/core/sql/result.ts';
import { root } from '../build.ts';
import { until } from '../world/until.ts';
import { column, eachOnAPage, result, type ShownPage } from './resultsPage.ts';

/** A node as Chromium hands it to a screen reader. */
interface Spoken {
  readonly role: string;
  readonly name: string;
  readonly backend: number;
  readonly properties: Readonly<Record<string, unknown>>;
}

describe('the results page, as a screen reader has it', function () {
  this.timeout(60_000);
  let page: Page;
  let shown: ShownPage;
  let session: CDPSession;
  eachOnAPage((opened) => {
    shown = opened;
    page = opened.page;
  });
  beforeEach(async () => {
    session = await page.context().newCDPSession(page);
    await session.send('Accessibility.enable');
    await session.send('DOM.enable');
  });

  async function tree(): Promise<Spoken[]> {
    const { nodes } = await session.send('Accessibility.getFullAXTree');
    return nodes
      .filter(({ ignored }) => !ignored)
      .map(({ role, name, backendDOMNodeId, properties = [] }) => ({
        role: String(role?.value),
        name: String(name?.value ?? ''),
        backend: backendDOMNodeId ?? 0,
        properties: Object.fromEntries(properties.map((each) => [each.name, each.value.value as unknown])),
      }));
  }
  const focused = async (): Promise<string> => {
    const found = (await tree()).filter(({ role, properties }) => properties['focused'] === true && role !== 'RootWebArea');
    return found.map(({ role, name }) => `${role} ${name}`).join();
  };
  const isFocused = async (text: string): Promise<void> => void (await until(`the focus is on ${text}`, async () => (await focused()) === text));
  const attributes = async ({ backend }: Spoken): Promise<Record<string, string>> => {
    await session.send('DOM.getDocument', { depth: 0 });
    const { nodeIds: [nodeId = 0] } = await session.send('DOM.pushNodesByBackendIdsToFrontend', { backendNodeIds: [backend] });
    const { attributes: flat } = await session.send('DOM.getAttributes', { nodeId });
    return Object.fromEntries(Array.from({ length: flat.length / 2 }, (_, index) => [flat[2 * index] ?? '', flat[2 * index + 1] ?? '']));
  };
  const find = async (role: string, name: string): Promise<Spoken> => until(`${role} ${name}`, async () => (await tree()).find((node) => node.role === role && node.name === name));

  const columns = [column('id', 'number', 'int8'), column('name'), column('doc', 'json', 'jsonb')];
  const rows = (count: number): Cell[][] => Array.from({ length: count }, (_, index) => [String(index), index % 5 === 0 ? null : `name ${index}`, '{}']);
  const show = async (count: number, more: object = {}): Promise<unknown> => shown.tab.show({ title: 'Slow queries', statement: 'select * from t', target: 'acme · production', run: () => result(columns, rows(count)), ...more });

  it('is a grid with a name, that says how large it is and where each cell in it stands', async () => {
    await show(5000);
    await page.getByRole('gridcell', { name: 'name 1', exact: true }).click();
    await page.keyboard.press('Control+End');
    await isFocused('gridcell {}');
    const grid = await find('grid', 'Slow queries');
    assert.deepEqual([grid.properties['multiselectable'], grid.properties['readonly']], [true, true]);
    const { 'aria-rowcount': rowCount, 'aria-colcount': columnCount } = await attributes(grid);
    assert.deepEqual([rowCount, columnCount], ['5001', '4']);
    const last = await find('gridcell', 'name 4999');
    assert.equal((await attributes(last))['aria-colindex'], '3');
    const row = (await tree()).find(({ role, name }) => role === 'row' && name.includes('name 4999'));
    assert.ok(row);
    assert.equal((await attributes(row))['aria-rowindex'], '5001');
  });

  it('has one stop for the Tab key, and the focus on the cell itself as it is moved', async () => {
    await show(500);
    await page.getByRole('gridcell', { name: 'name 1', exact: true }).click();
    await isFocused('gridcell name 1');
    await page.keyboard.press('ArrowDown');
    await isFocused('gridcell name 2');
    // It is selected too, and still has its ring.
    assert.deepEqual(await page.evaluate('(({ outlineStyle, outlineColor }) => [outlineStyle, outlineColor])(getComputedStyle(document.activeElement))'), ['solid', 'rgb(0, 85, 255)']);
    await page.keyboard.press('PageDown');
    await until('another one', async () => /^gridcell name (1|2)\d$/.test(await focused()));
    await page.keyboard.press('Control+ArrowUp');
    await isFocused('gridcell NULL');
    await page.keyboard.press('ArrowUp');
    await isFocused('columnheader name');
    await page.keyboard.press('Shift+Tab');
    assert.match(await focused(), /^button Export$/);
    await page.keyboard.press('Tab');
    await isFocused('columnheader name');
  });

  it('says how it is sorted, what is selected, and that a value is none', async () => {
    await show(20);
    await page.getByRole('columnheader', { name: 'id' }).locator('.name').click();
    await until('it is sorted', async () => (await attributes(await find('columnheader', 'id')))['aria-sort'] === 'ascending');
    await page.getByRole('gridcell', { name: 'name 1', exact: true }).click();
    await page.keyboard.press('Shift+ArrowUp');
    await page.keyboard.press('Shift+ArrowLeft');
    await until('four are selected', async () => (await tree()).filter(({ role, properties }) => role === 'gridcell' && properties['selected'] === true).length === 4);
    await find('gridcell', 'NULL');
  });

  it('reads out how a run ended, how much is filtered, selected and copied, in places that were there before', async () => {
    await page.waitForTimeout(50);
    await show(1);
    await page.getByText(/^1 row in/).waitFor();
    const regions = await page.locator('.footer [role=status]').elementHandles();
    assert.equal(regions.length, 2);
    const says = async (text: RegExp): Promise<void> => {
      await until(`read out: ${text}`, async () => {
        const texts = await Promise.all(regions.map(async (region) => ((await region.isVisible()) ? region.textContent() : 'gone')));
        return texts.some((each) => text.test(each ?? ''));
      });
    };
    await show(300);
    await says(/^300 rows in \d+ ms\.$/);
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByRole('textbox', { name: /^Filter id/ }).fill('< 3');
    await says(/3 of 300 rows are shown\./);
    await page.getByRole('gridcell', { name: 'name 1', exact: true }).click();
    await page.keyboard.press('Control+a');
    await says(/^9 cells selected$/);
    await page.keyboard.press('Control+c');
    await says(/^Copied 3 rows\.$/);
    await show(0);
    await says(/^No rows\./);
  });

  it('names everything that can be pressed, typed into or opened', async () => {
    await show(20, { as: 'AS anon', judge: () => ({ state: 'warn', summary: 'late', rows: [1] }), explanation: 'Why.' });
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.keyboard.press('Control+f');
    await page.getByRole('gridcell', { name: '{}' }).first().dblclick();
    await page.getByRole('button', { name: 'Open in an Editor' }).waitFor();
    const nodes = await tree();
    const nameless = nodes.filter(({ role, name, properties }) => name === '' && (properties['focusable'] === true || ['button', 'textbox', 'tab', 'region', 'grid', 'columnheader', 'rowheader'].includes(role)));
    assert.deepEqual(nameless.filter(({ role }) => role !== 'RootWebArea').map(({ role, backend }) => [role, backend]), []);
    assert.ok(nodes.some(({ role, name }) => role === 'button' && name === 'Column doc'));
    const menu = nodes.find(({ role, name }) => role === 'button' && name === 'Export');
    assert.equal(menu?.properties['hasPopup'], 'menu');
    const tabs = nodes.filter(({ role }) => role === 'tab');
    assert.deepEqual(tabs.map(({ name, properties }) => [name, properties['selected']]), [['Rows', true], ['Messages', false]]);
  });

  it('has a plan as a tree of rows with their levels, and a chart with a name and its numbers as a table', async () => {
    const json = await readFile(path.join(root, 'test/fixtures/plans/joined.json'), 'utf8');
    await shown.tab.show({ title: 'Plan', target: 'acme', statement: 'explain select 1', shows: 'plan', run: () => result([column('QUERY PLAN', 'json')], [[json]]) });
    await find('treegrid', 'Plan');
    const levels = (await tree()).filter(({ role }) => role === 'row').flatMap(({ properties }) => (properties['level'] === undefined ? [] : [properties['level']]));
    assert.deepEqual([levels[0], levels.length], [1, 7]);
    await shown.tab.show({ title: 'Load', statement: 'select', target: 'acme', run: () => result([column('kind'), column('calls', 'number')], [['a', '1'], ['b', '2']]) });
    await page.getByRole('button', { name: 'Chart' }).click();
    await find('image', 'calls by kind');
    const button = await find('button', 'Chart');
    assert.equal(button.properties['pressed'], 'true');
    await page.getByText('As a table').click();
    await find('cell', '2');
  });
});
