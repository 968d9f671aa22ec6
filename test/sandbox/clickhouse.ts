/** The sandbox's logs: ClickHouse in a process of its own, behind the rules of the hosted logs endpoint. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { packageFolder, provision } from '../world/provision.ts';
import { table, type WorkerReply, type WorkerRequest } from './engines/clickhouseWorker.ts';
import { admitLogQuery } from './engines/logDialect.ts';
import type { LogEngine, LogRow } from './types.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** Rows per message to the engine's process: large enough to be quick, small enough not to hold up this one. */
const batchSize = 20_000;

export async function startLogEngine(options: { folder?: string } = {}): Promise<LogEngine> {
  await provision('chdb');
  const folder = await mkdtemp(path.join(options.folder ?? tmpdir(), 'opsbook-logs-'));
  const worker = startWorker(folder);
  const stop = async () => {
    await worker.end();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await worker.ready;
    const forbidden = await forbiddenFunctions(worker);
    return { insert: (rows) => insert(worker, rows), query: (sql, window) => query(worker, sql, window, forbidden), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function insert(worker: Worker, rows: LogRow[]): Promise<void> {
  for (let start = 0; start < rows.length; start += batchSize) {
    const lines = rows.slice(start, start + batchSize).map(insertLine).join('\n');
    await worker.ask({ kind: 'insert', lines });
  }
}

/** ClickHouse reads a whole number for DateTime64(6) as microseconds. */
function insertLine(row: LogRow): string {
  return JSON.stringify({ ...row, timestamp: Math.round(row.timestamp * 1000) });
}

type LogAnswer = Awaited<ReturnType<LogEngine['query']>>;

async function query(
  worker: Worker,
  sql: string,
  window: { from: number; to: number },
  forbidden: ReadonlySet<string>,
): Promise<LogAnswer> {
  if (!(window.to - window.from <= DAY)) {
    return { error: 'The timestamp range must be no more than 24 hours' };
  }
  const admitted = admitLogQuery(sql, rowsWithin(window), forbidden);
  if ('error' in admitted) {
    return admitted;
  }
  try {
    return { result: readRows(await worker.ask({ kind: 'query', sql: admitted.sql })) };
  } catch (error) {
    if (error instanceof EngineError) {
      return { error: inCallersTerms(error.message, admitted.shift) };
    }
    throw error;
  }
}

/** "Rounded to the nearest minute" (the API contract): what is newer than the rounded end is not seen yet. */
function rowsWithin({ from, to }: { from: number; to: number }): string {
  const moment = (time: number) => `fromUnixTimestamp64Milli(${Math.round(time / MINUTE) * MINUTE}, 'UTC')`;
  const columns = 'id, timestamp, event_message, severity_text, source, log_attributes';
  return `SELECT ${columns} FROM ${table} WHERE timestamp >= ${moment(from)} AND timestamp < ${moment(to)}`;
}

interface JsonFormat {
  meta: { name: string; type: string }[];
  data: Record<string, unknown>[];
}

/** Timestamps as documented: ISO 8601 without a zone, `2026-06-22T09:34:06.215000`, in UTC. */
function readRows(text: string): Record<string, unknown>[] {
  const { meta, data } = JSON.parse(text) as JsonFormat;
  const times = meta.filter((column) => /^(Nullable\()?DateTime/.test(column.type)).map((column) => column.name);
  for (const row of data) {
    for (const name of times) {
      const value = row[name];
      row[name] = typeof value === 'string' ? value.replace(' ', 'T') : value;
    }
  }
  return data;
}

/** The engine speaks of the whole statement it ran; the caller knows only its own part. */
function inCallersTerms(message: string, shift: number): string {
  return message
    .replace(/\.? in scope [\s\S]*(?= \([A-Z_]+\)$)/i, '.')
    .replace(/failed at position (\d+)/, (_, position: string) => `failed at position ${Number(position) - shift}`)
    .replace(/ \(line \d+, col \d+\)/, '');
}

/** Functions that reach outside the row, by the engine's own account: files, dictionaries, network, the server itself. */
async function forbiddenFunctions(worker: Worker): Promise<ReadonlySet<string>> {
  const harmless = [
    'bar', 'byteSize', 'formatReadableDecimalSize', 'formatReadableQuantity', 'formatReadableSize', 'formatReadableTimeDelta',
    'identity', 'ignore', 'materialize', 'neighbor', 'parseReadableSize', 'parseTimeDelta', 'rowNumberInAllBlocks',
    'runningDifference', 'toTypeName', 'transform', 'visibleWidth',
  ];
  const text = await worker.ask({
    kind: 'query',
    sql: `with names as (
        select name from system.functions
        where categories in ('AI', 'Dictionary', 'Embedded Dictionary', 'Internal', 'Introspection', 'Machine Learning', 'Other')
          and name not in (${harmless.map((name) => `'${name}'`).join(', ')})
      )
      select distinct lower(name) as name from (
        select name from names
        union all select name from system.functions where alias_to in (select name from names)
        union all select name from system.table_functions where name not in ('format', 'null', 'values')
      )`,
  });
  return new Set((JSON.parse(text) as JsonFormat).data.map((row) => String(row['name'])));
}

class EngineError extends Error {}

type Question = WorkerRequest extends infer Request ? (Request extends WorkerRequest ? Omit<Request, 'id'> : never) : never;

interface Worker {
  readonly ready: Promise<void>;
  /** Rejects with `EngineError` for what ClickHouse refuses. */
  ask(question: Question): Promise<string>;
  end(): Promise<void>;
}

interface Waiting {
  resolve(text: string): void;
  reject(error: Error): void;
}

function startWorker(folder: string): Worker {
  const child = fork(path.join(import.meta.dirname, 'engines', 'clickhouseWorker.ts'), [packageFolder('chdb'), folder], {
    env: { ...process.env, TZ: 'UTC' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, Waiting>();
  const expect = (id: number) => new Promise<string>((resolve, reject) => waiting.set(id, { resolve, reject }));
  const ready = expect(0).then(() => {});
  child.on('message', (reply: WorkerReply) => {
    const asker = waiting.get(reply.id);
    waiting.delete(reply.id);
    if ('error' in reply) {
      asker?.reject(new EngineError(reply.error));
    } else {
      asker?.resolve(reply.text);
    }
  });
  const exited = once(child, 'exit').then(() => failAll(waiting));
  let last = 0;
  const ask = (question: Question) => {
    if (!child.connected) {
      return Promise.reject(new Error('the log engine has stopped'));
    }
    last += 1;
    const answer = expect(last);
    child.send({ ...question, id: last });
    return answer;
  };
  return { ready, ask, end: () => endWorker(child, exited) };
}

function failAll(waiting: Map<number, Waiting>): void {
  for (const asker of waiting.values()) {
    asker.reject(new Error('the log engine has stopped'));
  }
  waiting.clear();
}

async function endWorker(child: ChildProcess, exited: Promise<void>): Promise<void> {
  if (child.connected) {
    child.disconnect();
  }
  // A query that still runs holds the engine; its data is thrown away anyway.
  const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
  await exited.finally(() => clearTimeout(timer));
}
