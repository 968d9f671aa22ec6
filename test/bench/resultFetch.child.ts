/** The process of `resultFetch.bench.ts`: fetches as the extension host does, into the store of a results tab, and says what it took. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createResultFiles } from '../../src/adapters/files/resultFiles.ts';
import { createPostgresDatabase } from '../../src/adapters/postgres/database.ts';
import { systemClock } from '../../src/adapters/systemClock.ts';
import { RowStore } from '../../src/core/results/rowStore.ts';
import type { Column, Row } from '../../src/core/sql/result.ts';
import { FakeLogger } from '../fakes/logger.ts';

export interface Fetched {
  readonly milliseconds: number;
  /** Bytes by which the process was larger at its largest than before its first fetch; means something for that one, since the sum takes room too. */
  readonly growth: number;
  /** Bytes of rows that went to the disk. */
  readonly spilled: number;
  /** SHA-256 of what the store holds, written as COPY writes it. */
  readonly sum: string;
}

/** Both are asked for before each other; the process ends with its channel. */
const { connection, statement } = JSON.parse(process.argv[2] ?? '') as { connection: string; statement: string };
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
collectGarbage();
const before = process.memoryUsage.rss();

async function fetchOnce(): Promise<Fetched> {
  const folder = await mkdtemp(path.join(tmpdir(), 'opsbook-fetch-'));
  const { scratch } = createResultFiles(folder);
  const store = new RowStore(scratch);
  let largest = 0;
  const watch = setInterval(() => (largest = Math.max(largest, process.memoryUsage.rss())), 20);
  const database = createPostgresDatabase({ connection, ssl: {}, log: new FakeLogger(), clock: systemClock });
  let columns: readonly Column[] = [];
  const begun = performance.now();
  const request = { text: statement, values: [], mode: 'read', rowLimit: 2_000_000_000, timeoutMs: 600_000, background: false } as const;
  for await (const event of database.run(request, { signal: new AbortController().signal, priority: 'user' })) {
    if (event.kind === 'columns') {
      columns = event.columns;
    } else if (event.kind === 'packed') {
      await store.appendPacked(event.packed);
    }
  }
  await store.settle();
  const milliseconds = performance.now() - begun;
  largest = Math.max(largest, process.memoryUsage.rss());
  clearInterval(watch);
  const { spilled } = store;
  const sum = await sumOf(store, columns);
  await database.close();
  await store.dispose();
  await scratch.dispose();
  await rm(folder, { recursive: true, force: true });
  collectGarbage();
  return { milliseconds, growth: largest - before, spilled, sum };
}

async function sumOf(store: RowStore, columns: readonly Column[]): Promise<string> {
  const hash = createHash('sha256');
  const booleans = columns.flatMap(({ type }, index) => (type === 'bool' ? index : []));
  for await (const { rows } of store.all(new AbortController().signal)) {
    hash.update(rows.map((row) => copyLine(row, booleans)).join(''));
  }
  return hash.digest('hex').slice(0, 16);
}

/** https://www.postgresql.org/docs/current/sql-copy.html, text format; booleans are spelled out in the store. */
function copyLine(row: Row, booleans: readonly number[]): string {
  const cells = row.map((cell, index) => (cell === null ? '\\N' : booleans.includes(index) ? cell.slice(0, 1) : cell.replaceAll('\\', '\\\\')));
  return `${cells.join('\t')}\n`;
}

process.on('message', () => void fetchOnce().then((fetched) => process.send?.(fetched)));
process.once('disconnect', () => process.exit(0));
process.send?.('ready');
