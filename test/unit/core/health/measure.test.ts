import assert from 'node:assert/strict';
import { OpsError, isCancelled } from '../../../../src/core/errors.ts';
import { measureHealth } from '../../../../src/core/health/measure.ts';
import type { CallOptions } from '../../../../src/core/ports.ts';
import { acme, fakeConnection } from '../../../fakes/connection.ts';
import { FakeDatabase } from '../../../fakes/database.ts';
import { FakeManagementApi } from '../../../fakes/managementApi.ts';

const options = (signal = new AbortController().signal): CallOptions => ({ signal, priority: 'view' });
const numbers = { columns: ['connections', 'max_connections'], rows: [['41', '60']] };

describe('measuring health', () => {
  let management: FakeManagementApi;
  let database: FakeDatabase;
  beforeEach(() => {
    management = new FakeManagementApi();
    management.addProject(acme.ref);
    database = new FakeDatabase().answer('pg_stat_database', numbers);
  });
  const states = async () => Object.fromEntries((await measureHealth(fakeConnection({ management, database }), options())).map(({ id, state }) => [id, state]));

  it('asks the services and the database', async () => {
    const { auth, connections, database: own } = await states();
    assert.deepEqual({ auth, connections, own }, { auth: 'ok', connections: 'ok', own: 'ok' });
  });

  it('asks both at the same time', async () => {
    const release = database.hold();
    const measuring = measureHealth(fakeConnection({ management, database }), options());
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([management.calls.length, database.requests.length], [1, 1]);
    release();
    await measuring;
  });

  it('keeps what is known when the other half fails, and says why', async () => {
    const denied = new OpsError('permissionMissing', { operation: 'read the health of the services', account: 'me' });
    management.fail('health', denied);
    const rows = await measureHealth(fakeConnection({ management, database }), options());
    assert.equal(rows.find(({ id }) => id === 'services')?.error, denied);
    assert.equal(rows.find(({ id }) => id === 'connections')?.state, 'ok');
  });

  it('says what the numbers need where there is no way to the database', async () => {
    const rows = await measureHealth(fakeConnection({ management }), options());
    const own = rows.find(({ id }) => id === 'database');
    assert.equal(own?.error?.code, 'absent');
    assert.equal(own.state, 'ok');
  });

  it('never calls good what nobody could tell', async () => {
    const rows = await measureHealth(fakeConnection(), options());
    assert.deepEqual(rows.map(({ id, state, error }) => [id, state, error?.code]), [['database', 'unknown', 'absent'], ['services', 'unknown', 'absent']]);
  });

  it('ends when it is cancelled', async () => {
    await assert.rejects(measureHealth(fakeConnection({ management, database }), options(AbortSignal.abort())), isCancelled);
  });

  it('does not hide a fault of its own', async () => {
    database.answer('pg_stat_database', () => {
      throw new TypeError('x is not a function');
    });
    await assert.rejects(measureHealth(fakeConnection({ management, database }), options()), TypeError);
  });
});
