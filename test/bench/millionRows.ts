/** A million rows of ten columns in a database, with every kind of value that has to stay what it is. */
import { startPostgres } from '../sandbox/postgres.ts';
import type { PostgresEngine } from '../sandbox/types.ts';

export const rowCount = 1_000_000;
export const statement = 'select * from public.million';

/** Long numbers, moments, null beside empty, bytes, JSON, arrays; row `n` says so in its first column. */
const table = `create table public.million as select
  i::int8 as id,
  case when i % 7 = 0 then null when i % 11 = 0 then '' else 'customer ' || i end as name,
  (i * 37 % 1000003) / 100.0::numeric(14, 2) as amount,
  timestamptz '2026-01-01' + i * interval '7 seconds' as at,
  i % 3 = 0 as active,
  md5(i::text)::uuid as ref,
  i * 1.5::float8 as score,
  array[i % 10, i % 100] as tags,
  jsonb_build_object('n', i % 100) as doc,
  decode(lpad(to_hex(i), 8, '0'), 'hex') as raw
from generate_series(1, ${rowCount}) i`;

/** Rows come in the order they were written in, also when an earlier scan was left halfway. */
export async function startMillionRows(): Promise<PostgresEngine> {
  const sql = [table, 'grant select on public.million to postgres', 'vacuum analyze public.million', 'alter role postgres set synchronize_seqscans = off'];
  // TLS is a matter of neither side of a comparison, and costs the server the same for both.
  return startPostgres({ tls: 'accepted', sql });
}
