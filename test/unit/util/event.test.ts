import assert from 'node:assert/strict';
import { DisposableStore, disposable, type Disposable } from '../../../src/util/dispose.ts';
import { Emitter } from '../../../src/util/event.ts';

describe('an event', () => {
  it('reaches every listener until it ends its subscription', () => {
    const emitter = new Emitter<number>();
    const heard: string[] = [];
    const first = emitter.event((value) => heard.push(`first ${value}`));
    emitter.event((value) => heard.push(`second ${value}`));
    emitter.fire(1);
    first.dispose();
    emitter.fire(2);
    assert.deepEqual(heard, ['first 1', 'second 1', 'second 2']);
  });

  it('reaches a listener as often as it subscribed, and each subscription ends by itself', () => {
    const emitter = new Emitter<void>();
    let heard = 0;
    const listener = () => void heard++;
    const first = emitter.event(listener);
    emitter.event(listener);
    emitter.fire();
    first.dispose();
    first.dispose();
    emitter.fire();
    assert.equal(heard, 3);
  });

  it('does not reach a listener that an earlier one has just ended', () => {
    const emitter = new Emitter<void>();
    let heard = 0;
    const later: { subscription?: Disposable } = {};
    emitter.event(() => later.subscription?.dispose());
    later.subscription = emitter.event(() => void heard++);
    emitter.fire();
    assert.equal(heard, 0);
  });

  it('does not reach a listener that subscribes because of it', () => {
    const emitter = new Emitter<void>();
    let heard = 0;
    emitter.event(() => emitter.event(() => void heard++));
    emitter.fire();
    assert.equal(heard, 0);
    emitter.fire();
    assert.equal(heard, 1);
  });

  it('reaches nobody any more after disposal', () => {
    const emitter = new Emitter<void>();
    let heard = 0;
    emitter.event(() => void heard++);
    emitter.dispose();
    emitter.fire();
    assert.equal(heard, 0);
  });

  it('reaches the others when one throws, whose error is not lost', async () => {
    const emitter = new Emitter<void>();
    let heard = 0;
    const uncaught = new Promise<unknown>((resolve) => {
      const others = process.listeners('uncaughtException');
      process.removeAllListeners('uncaughtException');
      process.once('uncaughtException', (error) => {
        others.forEach((listener) => process.on('uncaughtException', listener));
        resolve(error);
      });
    });
    emitter.event(() => {
      throw new Error('a fault of the first');
    });
    emitter.event(() => void heard++);
    emitter.fire();
    assert.equal(heard, 1);
    assert.match(String(await uncaught), /a fault of the first/);
  });
});

describe('a store of what must be let go of', () => {
  it('lets go in reverse order', () => {
    const store = new DisposableStore();
    const gone: string[] = [];
    store.add(disposable(() => gone.push('first')));
    store.add(disposable(() => gone.push('second')));
    store.dispose();
    store.dispose();
    assert.deepEqual(gone, ['second', 'first']);
  });

  it('lets go at once of what comes after it was disposed', () => {
    const store = new DisposableStore();
    store.dispose();
    let gone = 0;
    store.add(disposable(() => void gone++));
    assert.equal(gone, 1);
  });

  it('can be used on after it was cleared', () => {
    const store = new DisposableStore();
    let gone = 0;
    store.add(disposable(() => void gone++));
    store.clear();
    store.add(disposable(() => void gone++));
    assert.equal(gone, 1);
    store.clear();
    assert.equal(gone, 2);
  });

  it('lets go of the rest when one throws, and tells it', () => {
    const store = new DisposableStore();
    let gone = 0;
    store.add(disposable(() => void gone++));
    store.add(
      disposable(() => {
        throw new Error('stuck');
      }),
    );
    assert.throws(() => store.clear(), (error) => error instanceof AggregateError && String(error.errors[0]).includes('stuck'));
    assert.equal(gone, 1);
  });
});
