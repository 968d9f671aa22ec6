import assert from 'node:assert/strict';
import { isOpsError } from '../../src/core/errors.ts';
import { ask, byUser, startServer, type Server } from './server.ts';

describe('the types of parameters', () => {
  let server: Server;
  before(async function () {
    this.timeout(60_000);
    server = await startServer({
      sql: [
        `create type public.mood as enum ('fine', 'bad');
         create table public.people (id bigint, born date, mood public.mood, tags text[], data jsonb);
         create sequence public.counted;
         alter table public.people owner to postgres; alter sequence public.counted owner to postgres;`,
      ],
    });
  });
  after(() => server.stop());

  const types = (text: string): Promise<readonly string[]> => server.direct.parameterTypes(text, byUser());

  it('are what the server infers, its own types and those of the database', async () => {
    assert.deepEqual(await types('select * from public.people where id = $1 and born > $2 and mood = $3 and tags @> $4 and data @> $5'), ['int8', 'date', 'mood', 'text[]', 'jsonb']);
    assert.deepEqual(await types('insert into public.people (id, mood) values ($2, $1)'), ['mood', 'int8']);
    assert.deepEqual(await types('update public.people set born = $1 where id = any($2)'), ['date', 'int8[]']);
    assert.deepEqual(await types('select 1'), []);
  });

  it('are asked for without running anything, and leave the connection as it was', async () => {
    await types("delete from public.people where id = $1 and nextval('public.counted') > 0");
    assert.deepEqual(await server.look('select is_called from public.counted'), [{ is_called: false }]);
    await assert.rejects(types('select * from public.nobody where id = $1'), (error) => isOpsError(error, 'queryFailed') && error.facts.sqlState === '42P01');
    await assert.rejects(types('select $1 +'), (error) => isOpsError(error, 'queryFailed'));
    for (const session of await server.look("select state, xact_start from pg_stat_activity where application_name = 'opsbook'")) {
      assert.deepEqual(session, { state: 'idle', xact_start: null });
    }
    assert.deepEqual((await ask(server.direct, 'select $1::int as n', { values: ['7'] })).rows, [['7']]);
  });

  it('wait for no lock', async () => {
    const holder = await server.direct.begin(60_000, byUser());
    for await (const event of holder.run({ text: 'lock table public.people in access exclusive mode', values: [], mode: 'write', rowLimit: 1, timeoutMs: 5000, background: false }, byUser())) {
      assert.notEqual(event.kind, 'notice');
    }
    const began = performance.now();
    await assert.rejects(types('select * from public.people where id = $1'), (error) => isOpsError(error, 'queryFailed') && error.facts.sqlState === '55P03');
    assert.ok(performance.now() - began < 2000);
    await holder.rollBack();
  });

  it('are not known over the Management API', async () => {
    assert.equal(server.api.capabilities.prepares, false);
    await assert.rejects(server.api.parameterTypes('select $1::int', byUser()), (error) => isOpsError(error, 'absent'));
  });
});
