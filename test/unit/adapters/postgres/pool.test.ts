import assert from 'node:assert/strict';
import { ConnectionPool, idleMs, largestPool } from '../../../../src/adapters/postgres/pool.ts';
import type { OpenConnection } from '../../../../src/adapters/postgres/connection.ts';
import { isOpsError } from '../../../../src/core/errors.ts';
import { FakeClock } from '../../../fakes/clock.ts';

/** A connection without a server behind it. */
class Connection {
  lost = false;
  ended = false;
  async end(): Promise<void> {
    this.lost = true;
    this.ended = true;
  }
  destroy(): void {
    this.lost = true;
  }
}

describe('the connections to one database', () => {
  const { signal } = new AbortController();
  const settled = Promise.resolve();
  let clock: FakeClock;
  let opened: Connection[];
  let refuse: Error | undefined;
  let pool: ConnectionPool;

  beforeEach(() => {
    clock = new FakeClock();
    opened = [];
    refuse = undefined;
    pool = new ConnectionPool({
      clock,
      open: async () => {
        if (refuse !== undefined) {
          throw refuse;
        }
        const connection = new Connection();
        opened.push(connection);
        return connection as unknown as OpenConnection;
      },
    });
  });

  it('are at most three, and handed on by urgency', async () => {
    const busy = await Promise.all(Array.from({ length: largestPool }, () => pool.acquire('check', signal)));
    const order: string[] = [];
    const waiting = (['tail', 'check', 'user', 'view'] as const).map((priority) =>
      pool.acquire(priority, signal).then((connection) => {
        order.push(priority);
        pool.release(connection, settled);
      }),
    );
    await clock.advance(0);
    assert.deepEqual([opened.length, order], [largestPool, []]);
    pool.release(busy[0] as OpenConnection, settled);
    await Promise.all(waiting);
    assert.deepEqual(order, ['user', 'view', 'check', 'tail']);
    assert.equal(opened.length, largestPool);
  });

  it('are used again, and closed when idle for a minute', async () => {
    pool.release(await pool.acquire('user', signal), settled);
    await clock.advance(idleMs - 1);
    pool.release(await pool.acquire('user', signal), settled);
    assert.equal(opened.length, 1);
    await clock.advance(idleMs - 1);
    assert.equal(opened[0]?.ended, false);
    await clock.advance(1);
    assert.equal(opened[0]?.ended, true);
    await pool.acquire('user', signal);
    assert.equal(opened.length, 2);
  });

  it('are forgotten when lost, busy or idle', async () => {
    const connection = await pool.acquire('user', signal);
    opened[0]?.destroy();
    pool.release(connection, settled);
    pool.release(await pool.acquire('user', signal), settled);
    assert.equal(opened.length, 2);
    opened[1]?.destroy();
    await pool.acquire('user', signal);
    assert.equal(opened.length, 3);
  });

  it('are handed out again when the last statement is cleared away, without opening another meanwhile', async () => {
    const connection = await pool.acquire('user', signal);
    let settle = (): void => {};
    pool.release(connection, new Promise((resolve) => (settle = resolve)));
    const next = pool.acquire('user', signal);
    await clock.advance(0);
    assert.equal(opened.length, 1);
    settle();
    assert.equal(await next, connection);
  });

  it('leave a place free when one cannot be opened', async () => {
    refuse = new Error('refused');
    await assert.rejects(pool.acquire('user', signal), /refused/);
    refuse = undefined;
    await Promise.all(Array.from({ length: largestPool }, () => pool.acquire('user', signal)));
    assert.equal(opened.length, largestPool);
  });

  it('are not waited for by whoever gave up', async () => {
    const busy = await Promise.all(Array.from({ length: largestPool }, () => pool.acquire('user', signal)));
    const controller = new AbortController();
    const waiting = pool.acquire('user', controller.signal);
    controller.abort();
    await assert.rejects(waiting, (error) => isOpsError(error, 'cancelled'));
    pool.release(busy[0] as OpenConnection, settled);
    assert.equal(await pool.acquire('user', signal), busy[0]);
  });

  it('are all closed by close, busy ones when they come back; then new ones open', async () => {
    const busy = await pool.acquire('user', signal);
    pool.release(await pool.acquire('user', signal), settled);
    let closed = false;
    const closing = pool.close().then(() => (closed = true));
    await clock.advance(0);
    assert.deepEqual([opened[0]?.ended, opened[1]?.ended, closed], [false, true, false]);
    pool.release(busy, settled);
    await closing;
    assert.equal(opened[0]?.ended, true);
    await pool.acquire('user', signal);
    assert.equal(opened.length, 3);
  });
});
