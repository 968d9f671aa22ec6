import assert from 'node:assert/strict';
import { isOpsError } from '../../src/core/errors.ts';
import { parsePlan } from '../../src/core/results/plan/plan.ts';
import { ask, startServer, type Server } from './server.ts';

describe('statements that are rolled back', () => {
  let server: Server;
  before(async function () {
    this.timeout(60_000);
    server = await startServer({ sql: ['create table public.kept (id int primary key); insert into public.kept select generate_series(1, 10); alter table public.kept owner to postgres;'] });
  });
  after(() => server.stop());

  const count = async (): Promise<unknown> => (await server.look('select count(*)::int as n from public.kept'))[0]?.['n'];
  const rolledBack = { mode: 'write', rolledBack: true } as const;

  it('say what they would do, and leave everything as it was', async () => {
    const deleted = await ask(server.direct, 'delete from public.kept where id > 3 returning id', rolledBack);
    assert.equal(deleted.rows.length, 7);
    assert.equal(await count(), 10);
    const { rows } = await ask(server.direct, 'explain (analyze, buffers, format json) delete from public.kept', rolledBack);
    const plan = parsePlan(rows[0]?.[0] ?? '');
    assert.deepEqual([plan?.root.kind, plan?.root.children[0]?.actual?.rows], ['Delete', 10]);
    assert.equal(await count(), 10);
    // The same connection writes afterwards as if nothing had been.
    await ask(server.direct, 'insert into public.kept values (11)', { mode: 'write' });
    assert.equal(await count(), 11);
  });

  it('end after two seconds, and wait for a lock a tenth of one', async () => {
    const began = performance.now();
    await assert.rejects(ask(server.direct, 'insert into public.kept select 100 from pg_sleep(30)', rolledBack), (error) => isOpsError(error, 'timedOut'));
    assert.ok(performance.now() - began < 6_000);
    const { rows } = await ask(server.direct, "select current_setting('lock_timeout'), current_setting('statement_timeout')", rolledBack);
    assert.deepEqual(rows, [['100ms', '2s']]);
  });

  it('are refused over the way that cannot roll back', async () => {
    assert.deepEqual([server.direct.capabilities.rollsBack, server.api.capabilities.rollsBack], [true, false]);
    await assert.rejects(ask(server.api, 'delete from public.kept', rolledBack), (error) => isOpsError(error, 'absent'));
    assert.equal(await count(), 11);
  });
});
