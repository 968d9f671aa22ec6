/**
 * The process that holds ClickHouse for `../clickhouse.ts`: chdb allows one data directory per process, and its engine must
 * not share an event loop with a server. Ends when the parent does.
 */
import { createRequire } from 'node:module';

export type WorkerRequest =
  | { id: number; kind: 'insert'; lines: string }
  | { id: number; kind: 'query'; sql: string };

/** `text` is ClickHouse's JSON format for a query, '' for an insert. */
export type WorkerReply = { id: number; text: string } | { id: number; error: string };

interface Session {
  queryAsync(sql: string, options: { format: string }): Promise<{ text(): string }>;
  insert(rows: { table: string; values: Buffer; format: 'JSONEachRow' }): Promise<unknown>;
  close(): void;
}

export const table = 'store.log_rows';

/** Columns of the hosted table (SUPABASE.md §3). In a database of its own: user SQL starts in an empty one. */
const schema = [
  'create database store',
  `create table ${table} (
    id String,
    timestamp DateTime64(6, 'UTC'),
    event_message String,
    severity_text String,
    source LowCardinality(String),
    log_attributes Map(String, String)
  ) engine = MergeTree order by (source, timestamp)`,
];

async function open(packageFolder: string, folder: string): Promise<Session> {
  const chdb = createRequire(import.meta.url)(packageFolder) as { Session: new (folder: string) => Session };
  const session = new chdb.Session(folder);
  for (const statement of schema) {
    await session.queryAsync(statement, { format: 'JSON' });
  }
  return session;
}

async function answer(session: Session, request: WorkerRequest): Promise<WorkerReply> {
  try {
    if (request.kind === 'insert') {
      await session.insert({ table, values: Buffer.from(request.lines), format: 'JSONEachRow' });
      return { id: request.id, text: '' };
    }
    const result = await session.queryAsync(request.sql, { format: 'JSON' });
    return { id: request.id, text: result.text() };
  } catch (error) {
    return { id: request.id, error: error instanceof Error ? error.message : String(error) };
  }
}

if (import.meta.main) {
  const [packageFolder = '', folder = ''] = process.argv.slice(2);
  const session = await open(packageFolder, folder);
  process.on('disconnect', () => {
    session.close();
    process.exit(0);
  });
  let turn = Promise.resolve();
  process.on('message', (request: WorkerRequest) => {
    turn = turn.then(async () => {
      process.send?.(await answer(session, request));
    });
  });
  process.send?.({ id: 0, text: 'ready' } satisfies WorkerReply);
}
