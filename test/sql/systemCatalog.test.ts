import assert from 'node:assert/strict';
import { systemRelations } from '../../src/core/sql/systemCatalog.ts';
import { startPostgres } from '../sandbox/postgres.ts';

describe('what is known of system views without a server', function () {
  this.timeout(60_000);

  for (const major of [15, 17] as const) {
    it(`leaves out no column of Postgres ${major}, and renames none that is there`, async () => {
      const engine = await startPostgres({ major });
      try {
        const answer = await engine.query(
          `select case when n.nspname = 'cron' then 'cron.' else '' end || c.relname as name, array_to_string(array_agg(a.attname), ' ') as columns
           from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
           where n.nspname in ('pg_catalog', 'extensions', 'cron') group by 1`,
          { readOnly: true },
        );
        assert.ok('rows' in answer);
        const servers = new Map(answer.rows.map(({ name, columns }) => [String(name), String(columns).split(' ')]));
        const missing: string[] = [];
        for (const [name, { columns, renamed }] of systemRelations) {
          const there = servers.get(name);
          assert.ok(there, `the server has no ${name}`);
          missing.push(...there.filter((column) => !columns.has(column)).map((column) => `${name}.${column}`));
          missing.push(...Object.entries(renamed).filter(([wrong, right]) => columns.has(wrong) || !columns.has(right)).map(([wrong, right]) => `${name}: ${wrong} → ${right}`));
        }
        assert.deepEqual(missing, []);
      } finally {
        await engine.stop();
      }
    });
  }
});
