/** The real Postgres grammar behind its port: small texts in this thread, large ones in a worker (DESIGN §5.8). */
import { throwIfCancelled } from '../../core/errors.ts';
import type { ParsedStatement, SqlGrammar } from '../../core/ports.ts';
import { parseProcedural, parseStatement } from './parse.ts';
import { Questions, startThread } from './farSide.ts';

/** UTF-16 units above which a text is parsed in the worker; the grammar takes about 20 ms for so much. */
export const workerThreshold = 100 * 1024;

/** The worker holds some 30 MB: it goes when nobody needed it for so long. */
const idleMs = 30_000;

export interface ClosableSqlGrammar extends SqlGrammar {
  /** Ends the worker, if there is one; the next large text starts a new one. */
  close(): Promise<void>;
}

/** `workerPath` is the worker's file: `parse.worker.cjs` beside the bundle, `parse.worker.ts` in the source tree. */
export function createSqlGrammar({ workerPath }: { readonly workerPath: string | URL }): ClosableSqlGrammar {
  const thread = new Questions<string, ParsedStatement>(() => startThread(workerPath), idleMs);
  return {
    async parse(statement, signal) {
      throwIfCancelled(signal);
      return statement.length > workerThreshold ? thread.ask(statement, signal) : parseStatement(statement);
    },
    async parseProcedural(statement, signal) {
      throwIfCancelled(signal);
      return parseProcedural(statement);
    },
    close: () => thread.close(),
  };
}
