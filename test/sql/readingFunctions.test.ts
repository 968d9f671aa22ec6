import assert from 'node:assert/strict';
import { harmlessVolatileFunctions, stableFunctions, supabaseFunctions } from '../../src/core/sql/readingFunctions.ts';
import { startServer, type Server } from './server.ts';

/** The lists decide what runs in read mode without the catalog being asked; so they are held against the servers' own catalogs. */
for (const major of [15, 17] as const) {
  describe(`functions that only read, on Postgres ${major}`, () => {
    let server: Server;
    before(async function () {
      this.timeout(60_000);
      server = await startServer({ major });
    });
    after(() => server.stop());

    const volatility = async (where: string): Promise<Map<string, string>> => {
      const rows = await server.look(
        `select p.proname as name, n.nspname as schema, string_agg(distinct p.provolatile::text, '') as v
         from pg_proc p join pg_namespace n on n.oid = p.pronamespace where ${where} group by 1, 2`,
      );
      return new Map(rows.map(({ name, v }) => [String(name), String(v)]));
    };

    it('are immutable or stable with every signature', async () => {
      const found = await volatility("n.nspname = 'pg_catalog' and p.prokind <> 'p'");
      assert.deepEqual([...stableFunctions].filter((name) => found.get(name)?.includes('v')), []);
      const known = [...stableFunctions].filter((name) => found.has(name));
      assert.ok(known.length > 0.9 * stableFunctions.size, `${known.length} of ${stableFunctions.size}`);
    });

    it('do not begin with pg_stat_get_ and do something else', async () => {
      const found = await volatility("n.nspname = 'pg_catalog' and p.proname like 'pg\\_stat\\_get\\_%'");
      assert.ok(found.size > 100);
    });

    it('are named as harmless one by one when they are volatile', async () => {
      const found = await volatility("n.nspname = 'pg_catalog'");
      const here = [...harmlessVolatileFunctions].filter((name) => found.has(name));
      assert.ok(here.length > 0.9 * harmlessVolatileFunctions.size);
      assert.deepEqual(here.filter((name) => !found.get(name)?.includes('v')), []);
    });

    it('are what Supabase has under these names', async () => {
      for (const [schema, names] of Object.entries(supabaseFunctions)) {
        const found = await volatility(`n.nspname = '${schema}'`);
        const missing = [...names].filter((name) => !found.has(name));
        assert.deepEqual(missing, [], schema);
      }
    });

    it('run in a read-only transaction', async () => {
      for (const call of ['random()', 'clock_timestamp()', 'gen_random_uuid()', 'pg_database_size(current_database())', 'pg_current_wal_lsn()', 'pg_is_in_recovery()']) {
        const answer = await server.engine.query(`begin read only; select ${call}; rollback`, { readOnly: false });
        assert.ok('rows' in answer, `${call}: ${JSON.stringify(answer)}`);
      }
    });
  });
}
