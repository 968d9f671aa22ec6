/** Files of a bucket that could go, by age and size. Read from the tables of the Storage service; deleted through the service alone. */
import type { StatementRequest } from '../ports.ts';
import type { Row } from '../sql/result.ts';

export interface BucketSummary {
  readonly id: string;
  readonly files: number;
  readonly bytes: number;
  readonly isPublic: boolean;
}

/** Names are outside text. */
export interface StoredFile {
  readonly name: string;
  readonly bytes: number;
  /** As the server writes it: made or changed last. */
  readonly changedAt: string;
}

export interface Sought {
  readonly bucket: string;
  /** Neither made nor changed for so many days. */
  readonly days: number;
  readonly minBytes: number;
}

/** As many as one can look through; more are found next time. */
export const mostFiles = 1000;

export function bucketsRequest(): StatementRequest {
  return read(`select buckets.id, count(objects.id)::text as files, coalesce(sum((objects.metadata ->> 'size')::bigint), 0)::text as bytes, buckets.public::text as is_public
from storage.buckets as buckets left join storage.objects as objects on objects.bucket_id = buckets.id
group by buckets.id, buckets.public order by buckets.id`, []);
}

export function toBuckets(rows: readonly Row[]): BucketSummary[] {
  return rows
    .map(([id, files, bytes, isPublic]) => ({ id: id ?? '', files: Number(files), bytes: Number(bytes), isPublic: isPublic === 'true' || isPublic === 't' }))
    .sort((one, other) => other.bytes - one.bytes);
}

/** The largest first. The service does not note when a file was last read. */
export function filesRequest({ bucket, days, minBytes }: Sought): StatementRequest {
  return read(
    `select objects.name, coalesce(objects.metadata ->> 'size', '0') as bytes, greatest(objects.created_at, objects.updated_at)::text as changed_at
from storage.objects as objects
where objects.bucket_id = $1
  and greatest(objects.created_at, objects.updated_at) < pg_catalog.now() - pg_catalog.make_interval(days => $2::int)
  and coalesce((objects.metadata ->> 'size')::bigint, 0) >= $3::bigint
order by coalesce((objects.metadata ->> 'size')::bigint, 0) desc, objects.name
limit ${mostFiles + 1}`,
    [bucket, String(days), String(minBytes)],
  );
}

export function toFiles(rows: readonly Row[]): StoredFile[] {
  return rows.map(([name, bytes, changedAt]) => ({ name: name ?? '', bytes: Number(bytes), changedAt: changedAt ?? '' }));
}

/** Which of these the bucket still has. */
export function remainingRequest(bucket: string, names: readonly string[]): StatementRequest {
  return read('select objects.name from storage.objects as objects where objects.bucket_id = $1 and objects.name in (select pg_catalog.jsonb_array_elements_text($2::pg_catalog.jsonb))', [bucket, JSON.stringify(names)]);
}

/** What policies hide from whoever asks is not gone: such a role is refused. */
function read(text: string, values: readonly string[]): StatementRequest {
  return { text, values, mode: 'read', rowLimit: 10_000, timeoutMs: 30_000, background: false, allRows: true };
}
