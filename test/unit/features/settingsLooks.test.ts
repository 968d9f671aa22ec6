import assert from 'node:assert/strict';
import { OpsError } from '../../../src/core/errors.ts';
import type { Connection } from '../../../src/core/project/connection.ts';
import type { SessionState } from '../../../src/core/project/session.ts';
import { keepLookingAtSettings } from '../../../src/features/functions/settingsLooks.ts';
import { Emitter } from '../../../src/util/event.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { fakeConnection } from '../../fakes/connection.ts';
import { FakeLogger } from '../../fakes/logger.ts';
import { FakeManagementApi } from '../../fakes/managementApi.ts';

describe('looks at the settings that nobody asked for', () => {
  const hour = 3_600_000;
  let clock: FakeClock;
  let state: SessionState;
  let looks: { readonly connection: Connection; readonly at: number; readonly priority: string }[];
  let last: number | undefined;
  let fails: boolean;
  const changed = new Emitter<SessionState>();
  const hosted = () => fakeConnection({ management: new FakeManagementApi() });
  const show = (connection: Connection) => {
    state = { kind: 'connected', connection };
    changed.fire(state);
  };
  const begin = () =>
    keepLookingAtSettings({
      session: { get state() { return state; }, onDidChange: changed.event },
      clock,
      log: new FakeLogger(),
      lastLook: async () => last,
      lookAtSettings: async (connection, { priority }) => {
        looks.push({ connection, at: clock.now(), priority });
        if (fails) {
          throw new OpsError('unreachable', { host: 'api', reason: 'no route' });
        }
        last = clock.now();
        return { changes: [], since: new Map(), unread: [] };
      },
    });
  beforeEach(() => {
    clock = new FakeClock(0);
    state = { kind: 'noProject' };
    looks = [];
    last = undefined;
    fails = false;
  });

  it('come a minute after a project was opened, twice a day, behind all else', async () => {
    const watching = begin();
    const connection = hosted();
    show(connection);
    await clock.advance(59_000);
    assert.equal(looks.length, 0);
    await clock.advance(25 * hour);
    assert.deepEqual(looks.map(({ at }) => at), [60_000, 60_000 + 12 * hour, 60_000 + 24 * hour]);
    assert.ok(looks.every((look) => look.connection === connection && look.priority === 'check'));
    watching.dispose();
    await clock.advance(25 * hour);
    assert.equal(looks.length, 3);
  });

  it('do not come where somebody looked not long ago, and go on after a failure', async () => {
    last = -hour;
    fails = true;
    const watching = begin();
    show(hosted());
    await clock.advance(hour);
    assert.equal(looks.length, 0);
    await clock.advance(24 * hour);
    assert.equal(looks.length, 2);
    watching.dispose();
  });

  it('end with the project, and a local one has none', async () => {
    const watching = begin();
    show(hosted());
    show(fakeConnection({}));
    await clock.advance(25 * hour);
    assert.equal(looks.length, 0);
    watching.dispose();
  });
});
