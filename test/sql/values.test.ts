import assert from 'node:assert/strict';
import { TypeCatalog } from '../../src/adapters/postgres/types.ts';
import type { Database } from '../../src/core/ports.ts';
import { ask, startServer, type Server } from './server.ts';

describe('values', () => {
  let server: Server;
  before(async function () {
    this.timeout(60_000);
    server = await startServer({
      sql: [
        `create type public.mood as enum ('sad', 'happy'); create domain public.percent as numeric check (value between 0 and 100);`,
      ],
    });
  });
  after(() => server.stop());

  const digits = '12345678901234567890123456789012345678.90';

  describe('over pg', () => {
    const cases: [expression: string, text: string | null, type: string, category: string][] = [
      [`${digits}::numeric(40, 2)`, digits, 'numeric', 'number'],
      ['9223372036854775807::int8', '9223372036854775807', 'int8', 'number'],
      ["'NaN'::numeric", 'NaN', 'numeric', 'number'],
      ["'infinity'::float8", 'Infinity', 'float8', 'number'],
      ["'-infinity'::timestamptz", '-infinity', 'timestamptz', 'time'],
      ['0.1::float8 + 0.2', '0.30000000000000004', 'float8', 'number'],
      ['true', 'true', 'bool', 'boolean'],
      ['false', 'false', 'bool', 'boolean'],
      ['null::bool', null, 'bool', 'boolean'],
      ["''", '', 'text', 'text'],
      ['null::text', null, 'text', 'text'],
      ["'{\"b\": 1, \"a\": 1.10}'::json", '{"b": 1, "a": 1.10}', 'json', 'json'],
      [`'{"a": ${digits}}'::jsonb`, `{"a": ${digits}}`, 'jsonb', 'json'],
      ["'\\x00ff'::bytea", '\\x00ff', 'bytea', 'bytes'],
      ['array[1, null]', '{1,NULL}', 'int4[]', 'array'],
      ['array[true]', '{t}', 'bool[]', 'array'],
      ["timestamp '2026-11-20 09:08:07.654321'", '2026-11-20 09:08:07.654321', 'timestamp', 'time'],
      ["timestamptz '2026-11-20 09:08:07+02'", '2026-11-20 07:08:07+00', 'timestamptz', 'time'],
      ["date '2026-11-20'", '2026-11-20', 'date', 'time'],
      ["interval '1 day 2 hours'", '1 day 02:00:00', 'interval', 'text'],
      ["uuid '00000000-0000-0000-0000-00000000000a'", '00000000-0000-0000-0000-00000000000a', 'uuid', 'text'],
      ["'🙂 日本'", '🙂 日本', 'text', 'text'],
      ["'happy'::public.mood", 'happy', 'mood', 'text'],
      ["array['happy']::public.mood[]", '{happy}', 'mood[]', 'array'],
      // Postgres tells the base type of a domain.
      ['50::public.percent', '50', 'numeric', 'number'],
      ["'a=>1'", 'a=>1', 'text', 'text'],
      ['row(1, true)', '(1,t)', 'record', 'text'],
      ["'pg_class'::regclass", 'pg_class', 'regclass', 'text'],
    ];
    for (const [expression, text, type, category] of cases) {
      it(expression, async () => {
        const { columns, rows } = await ask(server.direct, `select ${expression} as x`);
        assert.deepEqual(rows, [[text]]);
        assert.deepEqual(columns, [{ name: 'x', type, category }]);
      });
    }

    it('knows a type that was made after the first statement, from the statement after its first use', async () => {
      await ask(server.direct, "create type public.late as enum ('a')", { mode: 'write' });
      assert.equal((await ask(server.direct, "select 'a'::public.late")).columns[0]?.type, 'unknown');
      assert.equal((await ask(server.direct, "select 'a'::public.late")).columns[0]?.type, 'late');
      assert.equal((await ask(server.direct, "select 'a'::public.late", { mode: 'write' })).columns[0]?.type, 'late');
    });

    it('keeps columns of the same name apart', async () => {
      const { columns, rows } = await ask(server.direct, 'select 1 as a, 2 as a');
      assert.deepEqual([columns.length, rows], [2, [['1', '2']]]);
    });

    it('names types as the server does, for all that it has', async () => {
      const catalog = await server.look(
        `select t.oid::int, coalesce(e.typname || '[]', t.typname) as name from pg_type t
         left join pg_type e on e.typarray = t.oid where t.oid < 16384 and t.typrelid = 0 and t.typtype in ('b', 'r', 'm')
         and coalesce(e.typrelid, 0) = 0 and coalesce(e.typtype, 'b') <> 'd' and t.typname not in ('gtsvector', '_gtsvector', 'refcursor', '_refcursor') and t.typname !~ '^_?pg_(node|ndist|depend|mcv|brin|ddl)'`,
      );
      assert.ok(catalog.length > 100);
      const types = new TypeCatalog();
      for (const { oid, name } of catalog) {
        assert.equal(types.facts(Number(oid)).name, name, String(oid));
      }
    });
  });

  it('are the same over the API, but for what JSON cannot hold', async () => {
    const same = [`${digits}::numeric(40, 2)`, '9223372036854775807::int8', "'NaN'::numeric", 'true', 'null::bool', "''", "'\\x00ff'::bytea", "timestamptz '2026-11-20 09:08:07+02'", "'🙂 日本'", "'happy'::public.mood", '1.5::float8'];
    const read = async (database: Database): Promise<unknown> =>
      (await ask(database, `select ${same.map((expression, index) => `${expression} as c${index}`).join(', ')}`)).rows;
    assert.deepEqual(await read(server.api), await read(server.direct));
  });

  it('of columns with one name are the last alone over the API, which says so', async () => {
    const { rows, notices } = await ask(server.api, 'select 1 as a, 2 as a, 3 as b');
    assert.deepEqual([rows, notices.map(({ severity, message }) => `${severity} ${message}`)], [[['2', '3']], ['WARNING Columns are missing: 1. Of columns with the same name the Management API gives only the last one.']]);
    const joined = await ask(server.api, 'select * from (select 1 as id) a join (select 1 as id, 2 as n) b on a.id = b.id');
    assert.deepEqual(joined.notices.map(({ severity }) => severity), ['INFO']);
    assert.deepEqual((await ask(server.api, 'select 1 as a, 2 as b')).notices, []);
  });

  it('are bound as parameters over both ways, with the types the server finds', async () => {
    for (const database of [server.direct, server.api]) {
      const { rows } = await ask(database, 'select $1::int + 1 as a, $2::text as b, $3::bool as c where $4 = any (array[1, 2])', {
        values: ['41', "'; drop table t; --", null, '2'],
      });
      assert.deepEqual(rows, [['42', "'; drop table t; --", null]]);
    }
  });
});
