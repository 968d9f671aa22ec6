import assert from 'node:assert/strict';
import { systemClock } from '../../../src/adapters/systemClock.ts';
import { isOpsError } from '../../../src/core/errors.ts';

describe('the machine’s clock', () => {
  it('sleeps for as long as it is told', async () => {
    const began = performance.now();
    await systemClock.sleep(30, new AbortController().signal);
    assert.ok(performance.now() - began >= 28);
  });

  it('wakes at once when it is cancelled, before or during the sleep', async () => {
    const cancelled = (error: unknown) => isOpsError(error, 'cancelled');
    await assert.rejects(systemClock.sleep(60_000, AbortSignal.abort()), cancelled);
    const stop = new AbortController();
    const sleep = systemClock.sleep(60_000, stop.signal);
    stop.abort();
    await assert.rejects(sleep, cancelled);
  });
});
