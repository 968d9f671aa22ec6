import assert from 'node:assert/strict';
import { createFormat, formatRows } from '../../src/core/results/formats/createFormat.ts';
import { parquetValue, planParquet } from '../../src/core/results/parquetColumns.ts';
import { ask, startServer, type Server } from './server.ts';

/** One value of each kind that is easily lost on the way. */
const odd = `select * from (values (
  'NaN'::numeric, '-Infinity'::numeric, 'NaN'::float8, 1e300::float8, 1e-130::numeric, 9223372036854775807::bigint, 1.10::numeric,
  'infinity'::timestamptz, '294276-12-31 23:59:59.999999'::timestamp, '4713-01-01 BC'::timestamp, '0044-03-15 BC'::date, '5874897-12-31'::date, '10:00:00+02'::timetz, '1 year -2 days 03:04:05.678'::interval,
  '{"a": [1.10, null]}'::jsonb, array['{"b": "\\"x\\""}'::jsonb, null], '{{1,2},{3,4}}'::int[], '[0:1]={7,8}'::int[], '{}'::text[], '{"",NULL,"null","a,b\\\\c"}'::text[],
  '\\xdeadbeef00'::bytea, ''::bytea, ''::text, null::text, E'a''b\\\\c\\r\\n\\t"x', '🙂 日本', true, '-$1.50'::money, '(1,2)'::point, '[1,5)'::int4range, B'101'::bit(3), '<a>1</a>'::xml, row(1, 'a''b')::text
)) v`;

describe('rows that leave the editor', () => {
  let server: Server;
  before(async function () {
    this.timeout(60_000);
    server = await startServer();
  });
  after(() => server.stop());

  it('come back into a table as they were, by the INSERT that is copied or exported', async () => {
    const { columns, rows } = await ask(server.direct, odd);
    const insert = formatRows(createFormat('insert', columns, { header: true, safeForSpreadsheets: false, table: 'public.odd' }), rows);
    await server.look(`create table public.odd as ${odd} with no data; grant all on public.odd to postgres`);
    await server.look(insert.replace(/;\n$/, ''));
    assert.deepEqual((await ask(server.direct, 'select * from public.odd')).rows, rows);
  });

  it('are JSON and fit into Parquet, whatever they are', async () => {
    for (const database of [server.direct, server.api]) {
      const { columns, rows } = await ask(database, odd);
      const [object] = JSON.parse(formatRows(createFormat('json', columns, { header: true, safeForSpreadsheets: false, table: 't' }), rows)) as Record<string, unknown>[];
      assert.equal(Object.keys(object ?? {}).length, columns.length);
      const store = {
        async *column(column: number) {
          yield { cells: rows.map((row) => row[column] ?? null) };
        },
      };
      const planned = await planParquet(columns, store, new AbortController().signal);
      for (const [index, { type }] of planned.entries()) {
        const cell = rows[0]?.[index] ?? null;
        assert.equal(parquetValue(cell, type) === null, cell === null, columns[index]?.name);
      }
    }
  });
});
