/** The sandbox's Postgres and both ways to it, as the suites of this folder need them. */
import { readFile } from 'node:fs/promises';
import { createPostgresDatabase } from '../../src/adapters/postgres/database.ts';
import { createSqlGrammar } from '../../src/adapters/sql/grammar.ts';
import { Governor } from '../../src/adapters/supabase/governor.ts';
import { createAccountTransport } from '../../src/adapters/supabase/managementApi.ts';
import { createQueryEndpoint } from '../../src/adapters/supabase/queryEndpoint.ts';
import { systemClock } from '../../src/adapters/systemClock.ts';
import type { CallOptions, Database, Logger, StatementRequest } from '../../src/core/ports.ts';
import { gather, type ResultSet } from '../../src/core/sql/result.ts';
import { startControlPlane, type Sandbox } from '../sandbox/controlPlane.ts';
import { startPostgres, type PostgresOptions } from '../sandbox/postgres.ts';
import { createSmallScenario } from '../sandbox/smallScenario.ts';
import type { PostgresEngine } from '../sandbox/types.ts';

export const grammar = createSqlGrammar({ workerPath: new URL('../../src/adapters/sql/parse.worker.ts', import.meta.url) });

export interface Server {
  readonly engine: PostgresEngine;
  /** PEM of the authority of the server's certificate. */
  readonly ca: string;
  /** As `postgres`, over `pg`. */
  readonly direct: Database;
  /** With an access token, over the sandbox's Management API. */
  readonly api: Database;
  /** Of the Management API. */
  readonly faults: Sandbox['faults'];
  /** What both ways logged. */
  readonly logged: string[];
  /** Rows as seen from beside, by a connection that is none of the two ways. */
  look(sql: string): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

export async function startServer(options: PostgresOptions = {}): Promise<Server> {
  const engine = await startPostgres(options);
  const ca = await readFile(engine.caPath, 'utf8');
  const plane = await startControlPlane({ scenario: createSmallScenario(), engines: { postgres: engine }, budgets: { standard: 10_000 } });
  const logged: string[] = [];
  const log = recordingLogger(logged);
  const clock = systemClock;
  const account = { id: 'me', name: 'me', origin: plane.apiUrl };
  const transport = createAccountTransport({ account, token: plane.token, version: '0.0.0', clock, log, governor: new Governor(clock) });
  const direct = createPostgresDatabase({ connection: engine.url, ssl: { ca }, log, clock });
  return {
    engine,
    ca,
    direct,
    api: createQueryEndpoint({ ref: plane.ref, transport, grammar, clock }),
    faults: plane.faults,
    logged,
    look: async (sql) => {
      const answer = await engine.query(sql, { readOnly: false });
      if ('failure' in answer) {
        throw new Error(answer.failure.message);
      }
      return answer.rows;
    },
    stop: async () => {
      await direct.close();
      await plane.stop();
      await engine.stop();
      await grammar.close();
    },
  };
}

function recordingLogger(lines: string[]): Logger {
  const add = (message: string, facts: unknown): void => {
    lines.push(`${message} ${JSON.stringify(facts ?? {})}`);
  };
  return { debug: add, info: add, warn: add, error: add };
}

export const silent: Logger = recordingLogger([]);

export function byUser(signal: AbortSignal = new AbortController().signal): CallOptions {
  return { signal, priority: 'user' };
}

export function request(text: string, more: Partial<StatementRequest> = {}): StatementRequest {
  return { text, values: [], mode: 'read', rowLimit: 1000, timeoutMs: 10_000, background: false, ...more };
}

export function ask(database: Database, text: string, more: Partial<StatementRequest> = {}): Promise<ResultSet> {
  return gather(database.run(request(text, more), byUser()));
}

/** Waits until the check holds; rejects with what it was for after the time. */
export async function eventually(what: string, milliseconds: number, check: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!(await check())) {
    if (Date.now() > end) {
      throw new Error(`${what}: not within ${milliseconds} ms`);
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
