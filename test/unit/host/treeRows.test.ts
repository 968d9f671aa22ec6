import assert from 'node:assert/strict';
import { OpsError } from '../../../src/core/errors.ts';
import { plainLabel, plainMessage } from '../../../src/host/plainText.ts';
import { nodeOf, stateIcon, type Row } from '../../../src/host/row.ts';
import { shownChildren, shownRow, type TreeSource } from '../../../src/host/treeRows.ts';
import { Emitter } from '../../../src/util/event.ts';

const offline = new OpsError('unreachable', { host: 'api.supabase.com', reason: 'ENOTFOUND' });

function source(children: TreeSource<string>['children']): TreeSource<string> {
  return { children, row: (node): Row => ({ id: `topic/${node}`, kind: 'topic', label: node }), onDidChange: new Emitter<void>().event };
}

describe('what a view shows', () => {
  it('is the rows of its nodes, level by level', async () => {
    const tree = source((node) => Promise.resolve(node === undefined ? ['queries', 'locks'] : [`${node} of today`]));
    const top = await shownChildren(tree, 'opsbook.diagnostics', undefined);
    assert.deepEqual(top.map((shown) => shownRow(tree, shown).label), ['queries', 'locks']);
    assert.deepEqual(await shownChildren(tree, 'opsbook.diagnostics', top[1]), [{ node: 'locks of today' }]);
  });

  for (const error of [offline, new OpsError('cancelled', {}), new TypeError('x is not a function')]) {
    it(`is the error where there is one (${error.message.slice(0, 20)}), never an empty list`, async () => {
      const tree = source(() => Promise.reject(error));
      const [shown, ...others] = await shownChildren(tree, 'opsbook.diagnostics', undefined);
      assert.ok(shown);
      assert.deepEqual(others, []);
      const { label, tooltip, ...row } = shownRow(tree, shown);
      assert.deepEqual(row, { id: 'opsbook.diagnostics/failure', kind: 'message', icon: { name: 'error', state: 'critical' }, click: 'refresh' });
      assert.deepEqual(tooltip, [label, 'Click to try again.']);
      assert.ok(label.length > 5);
      assert.deepEqual(await shownChildren(tree, 'opsbook.diagnostics', shown), []);
    });
  }

  it('is the error under the row whose children are missing', async () => {
    const tree = source((node) => (node === undefined ? Promise.resolve(['queries', 'locks']) : Promise.reject(offline)));
    const top = await shownChildren(tree, 'opsbook.diagnostics', undefined);
    const rows = await Promise.all(top.map(async (shown) => (await shownChildren(tree, 'opsbook.diagnostics', shown)).map((failed) => shownRow(tree, failed))));
    assert.deepEqual(rows.flat().map(({ id }) => id), ['topic/queries/failure', 'topic/locks/failure']);
    assert.match(rows[0]?.[0]?.label ?? '', /api\.supabase\.com cannot be reached/);
  });
});

describe('the node that a command gets', () => {
  it('is the same from a menu, which wraps it, and from a click', () => {
    const node = { kind: 'function', slug: 'health' };
    assert.equal(nodeOf({ node }), node);
    assert.equal(nodeOf(node), node);
    assert.equal(nodeOf('health'), 'health');
    assert.equal(nodeOf(undefined), undefined);
    assert.equal(nodeOf(null), null);
  });
});

describe('the signs of states', () => {
  it('differ in shape, not in colour alone', () => {
    const signs = (['ok', 'warn', 'critical', 'unknown'] as const).map(stateIcon);
    assert.equal(new Set(signs.map(({ name }) => name)).size, 4);
    assert.deepEqual(signs.map(({ state }) => state), ['ok', 'warn', 'critical', 'unknown']);
  });
});

describe('marks of the editor in outside text', () => {
  it('draw no icons', () => {
    assert.equal(plainLabel('$(check) all is well $(x)'), '$ (check) all is well $ (x)');
  });

  it('make no links', () => {
    assert.equal(plainMessage('see [here](command:opsbook.functions.deployAll)'), 'see [here] (command:opsbook.functions.deployAll)');
  });

  it('are left alone where they mean nothing', () => {
    assert.equal(plainLabel('costs $5 (more)'), 'costs $5 (more)');
    assert.equal(plainMessage('rows[3] (see above)'), 'rows[3] (see above)');
  });
});
