import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { LoadedRows } from '../../../src/host/loadedRows.ts';
import type { Row } from '../../../src/host/row.ts';
import type { Shown, TreeSource } from '../../../src/host/treeRows.ts';
import { Emitter } from '../../../src/util/event.ts';
import { until } from '../../world/until.ts';

/** A view over rows that are answered when the test says so. */
class View {
  readonly asked: (string | undefined)[] = [];
  readonly rows: LoadedRows<string>;
  told = 0;
  /** What it was told last: these rows, or all. */
  toldOf: readonly Shown<string>[] | undefined;
  top: string[] | Error = ['health', 'auth'];
  isSeen = true;
  scope: unknown = 'acme';
  /** What rows say beside their names. */
  readonly words = new Map<string, string>();
  #waiting: (() => void)[] = [];
  #answers = 0;

  constructor() {
    const source: TreeSource<string> = {
      children: async (node) => {
        this.asked.push(node);
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
        this.#answers += 1;
        if (node === undefined && this.top instanceof Error) {
          throw this.top;
        }
        return node === undefined ? (this.top as string[]) : [`${node} ${this.#answers}`];
      },
      row: (node): Row => ({ id: node, kind: 'topic', label: node, description: this.words.get(node) ?? '' }),
      onDidChange: new Emitter<void>().event,
      scope: () => this.scope,
    };
    this.rows = new LoadedRows({ source, view: 'functions', isSeen: () => this.isSeen, tell: (rows) => this.hear(rows), busy: () => {} });
  }

  hear(rows: readonly Shown<string>[] | undefined): void {
    this.told += 1;
    this.toldOf = rows;
  }

  async answer(): Promise<void> {
    this.#waiting.splice(0).forEach((resolve) => resolve());
    await turn();
  }

  async show(shown?: Shown<string>): Promise<Shown<string>[]> {
    const children = this.rows.children(shown);
    await this.answer();
    return children;
  }
}

describe('the rows of a view', () => {
  it('are loaded anew before the view is told, so that it has them at once', async () => {
    const view = new View();
    const before = await view.show();
    const [first] = before;
    await view.show(first);
    view.words.set('auth', 'unhealthy');
    view.rows.changed();
    assert.equal(view.told, 0);
    await view.answer();
    await view.answer();
    assert.equal(view.told, 1);
    assert.deepEqual(view.asked, [undefined, 'health', undefined, 'health']);
    // Nobody answers any more, and the rows are there.
    assert.deepEqual(await view.rows.children(undefined), [{ node: 'health' }, { node: 'auth' }]);
    assert.deepEqual(await view.rows.children(first), [{ node: 'health 4' }]);
  });

  it('that stay are the same ones, and the view asks for those alone that read differently', async () => {
    const view = new View();
    const before = await view.show();
    view.words.set('auth', 'unhealthy');
    view.rows.changed();
    await view.answer();
    const after = await view.rows.children(undefined);
    assert.ok(after.every((row, index) => row === before[index]));
    assert.deepEqual(view.toldOf, [before[1]]);
    view.rows.changed();
    await view.answer();
    assert.equal(view.told, 1, 'nothing reads differently');
  });

  it('are few for the view although ten thousand are listed', async () => {
    const view = new View();
    view.top = Array.from({ length: 10_000 }, (_, index) => `fn-${index}`);
    await view.show();
    view.words.set('fn-7', 'live = HEAD');
    view.rows.changed();
    await view.answer();
    assert.deepEqual(view.toldOf, [{ node: 'fn-7' }]);
  });

  it('are all asked for when one has come', async () => {
    const view = new View();
    await view.show();
    view.top = ['health', 'auth', 'mint-token'];
    view.rows.changed();
    await view.answer();
    assert.equal(view.told, 1);
    assert.equal(view.toldOf, undefined);
    assert.equal((await view.rows.children(undefined)).length, 3);
  });

  it('stay below the failure when they cannot be loaded, and are right again when they can', async () => {
    const view = new View();
    const before = await view.show();
    const failure = new Error('too many requests');
    view.top = failure;
    for (let time = 1; time <= 2; time++) {
      view.rows.changed();
      await view.answer();
      assert.deepEqual(await view.rows.children(undefined), [{ failure, under: 'functions' }, ...before]);
    }
    view.top = ['health'];
    view.rows.changed();
    await view.answer();
    assert.deepEqual(await view.rows.children(undefined), [{ node: 'health' }]);
  });

  it('of another project go at once', async () => {
    const view = new View();
    await view.show();
    view.rows.changed();
    view.scope = 'beta';
    view.rows.changed();
    assert.equal(view.told, 1);
    const shown = view.rows.children(undefined);
    await view.answer();
    await shown;
    assert.equal(view.told, 1, 'the late answer for the project before tells nothing');
    assert.deepEqual(view.asked, [undefined, undefined, undefined]);
  });

  it('that nobody sees are loaded when they are seen', async () => {
    const view = new View();
    await view.show();
    view.isSeen = false;
    view.rows.changed();
    assert.equal(view.told, 1);
    assert.deepEqual(view.asked, [undefined]);
  });

  it('that change while they are being loaded are loaded once more', async () => {
    const view = new View();
    await view.show();
    view.rows.changed();
    view.rows.changed();
    view.rows.changed();
    view.words.set('auth', 'unhealthy');
    await view.answer();
    assert.equal(view.told, 1);
    view.words.set('auth', 'healthy');
    await until('the second load has begun', () => view.asked.length === 3);
    await view.answer();
    assert.equal(view.told, 2);
    await view.answer();
    assert.deepEqual(view.asked, [undefined, undefined, undefined]);
  });
});
