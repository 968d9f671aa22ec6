import assert from 'node:assert/strict';
import { OpsError } from '../../../src/core/errors.ts';
import { createGuard, type Guard } from '../../../src/host/guard.ts';
import { FakeLogger } from '../../fakes/logger.ts';
import { FakeUi } from '../../fakes/ui.ts';

describe('the boundary of commands', () => {
  let ui: FakeUi;
  let log: FakeLogger;
  let executed: unknown[][];
  let guard: Guard;
  beforeEach(() => {
    ui = new FakeUi();
    log = new FakeLogger();
    executed = [];
    guard = createGuard({ ui, log, execute: async (...call) => void executed.push(call) });
  });
  afterEach(() => ui.done());

  it('says nothing of what went well', async () => {
    await guard('refresh', async () => {});
    await guard('showLog', () => {});
    assert.deepEqual([ui.told, log.lines], [[], []]);
  });

  for (const [what, error] of [
    ['our own check', new OpsError('cancelled', {})],
    ['fetch', new DOMException('This operation was aborted', 'AbortError')],
  ] as const) {
    it(`shows nothing of a cancellation that ${what} noticed, and notes it`, async () => {
      await guard('refresh', () => {
        throw error;
      });
      assert.deepEqual(ui.told, []);
      assert.deepEqual(log.lines, ['debug refresh: cancelled']);
    });
  }

  it('makes a sentence with its next steps of an error, and offers another try', async () => {
    await guard('secrets.set', () => Promise.reject(new OpsError('tokenRejected', { account: 'me', origin: 'https://api.supabase.com' })));
    const [told] = ui.told;
    assert.equal(told?.level, 'error');
    assert.match(told.message, /does not accept the access token of me/);
    assert.deepEqual(told.actions.map(({ label }) => label), ['Sign In', 'Retry']);
    await ui.press('Sign In');
    assert.deepEqual(executed, [['opsbook.account.signIn']]);
    assert.match(log.lines.join(), /error secrets\.set failed .*tokenRejected/);
  });

  it('opens a setting with its name', async () => {
    await guard('deploy', () => Promise.reject(new OpsError('cliMissing', {})));
    await ui.press('Open Settings');
    assert.deepEqual(executed, [['workbench.action.openSettings', 'opsbook.cliPath']]);
  });

  it('tries again under the same boundary', async () => {
    let tries = 0;
    await guard('refresh', () => {
      tries++;
      throw new OpsError('unreachable', { host: 'api.supabase.com', reason: 'ENOTFOUND' });
    });
    await ui.press('Retry');
    assert.equal(tries, 2);
    assert.equal(ui.told.length, 2);
  });

  for (const [code, facts] of [
    ['notSignedIn', {}],
    ['noProject', {}],
    ['untrusted', { what: 'Deploying' }],
  ] as const) {
    it(`offers the way out of ${code} in place of another try`, async () => {
      await guard('deploy', () => Promise.reject(new OpsError(code, facts as never)));
      assert.equal(ui.told[0]?.actions.length, 1);
      assert.notEqual(ui.told[0].actions[0]?.label, 'Retry');
    });
  }

  it('keeps the details of what nobody foresaw for the log', async () => {
    await guard('refresh', () => {
      throw new TypeError('x is not a function');
    });
    assert.equal(ui.told[0]?.message, 'Something unexpected happened: x is not a function');
    assert.match(log.lines.join(), /guard\.test/);
    await ui.press('Show Log');
    assert.deepEqual(executed, [['opsbook.showLog']]);
  });
});
