/** The real Postgres grammar behind its port: small texts in this thread, large ones in a worker (DESIGN §5.8). */
import { Worker } from 'node:worker_threads';
import { OpsError, throwIfCancelled } from '../../core/errors.ts';
import type { ParsedStatement, SqlGrammar } from '../../core/ports.ts';
import type { ParseAnswer, ParseQuestion } from './parse.worker.ts';
import { parseStatement } from './parse.ts';

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
  const thread = new ParserThread(workerPath);
  return {
    async parse(statement, signal) {
      throwIfCancelled(signal);
      return statement.length > workerThreshold ? thread.parse(statement, signal) : parseStatement(statement);
    },
    close: () => thread.close(),
  };
}

interface Waiting {
  resolve(parsed: ParsedStatement): void;
  reject(error: Error): void;
}

/** One worker, started at the first question and ended when idle. */
class ParserThread {
  private readonly workerPath: string | URL;
  private worker: Worker | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;
  private idleTimer: NodeJS.Timeout | undefined;

  constructor(workerPath: string | URL) {
    this.workerPath = workerPath;
  }

  async parse(statement: string, signal: AbortSignal): Promise<ParsedStatement> {
    const id = ++this.lastId;
    clearTimeout(this.idleTimer);
    let cancel = (): void => {};
    try {
      return await new Promise<ParsedStatement>((resolve, reject) => {
        cancel = () => reject(new OpsError('cancelled', {}));
        signal.addEventListener('abort', cancel, { once: true });
        this.waiting.set(id, { resolve, reject });
        this.started().postMessage({ id, statement } satisfies ParseQuestion);
      });
    } finally {
      signal.removeEventListener('abort', cancel);
      this.waiting.delete(id);
      this.rest();
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.idleTimer);
    const { worker } = this;
    this.worker = undefined;
    await worker?.terminate();
  }

  private started(): Worker {
    if (this.worker === undefined) {
      const worker = new Worker(this.workerPath);
      worker.on('message', (answer: ParseAnswer) => this.settle(answer));
      worker.on('error', (error: Error) => this.fail(worker, error));
      worker.on('exit', () => this.fail(worker, new Error('the SQL parser thread ended')));
      this.worker = worker;
    }
    this.worker.ref();
    return this.worker;
  }

  private settle(answer: ParseAnswer): void {
    const waiting = this.waiting.get(answer.id);
    if ('failure' in answer) {
      waiting?.reject(new Error(answer.failure));
    } else {
      waiting?.resolve(answer.parsed);
    }
  }

  /** Whoever waits hears of a thread that died; the next question starts another. */
  private fail(worker: Worker, error: Error): void {
    if (this.worker !== worker) {
      return;
    }
    this.worker = undefined;
    for (const waiting of this.waiting.values()) {
      waiting.reject(error);
    }
  }

  /** An idle thread keeps no process alive. */
  private rest(): void {
    if (this.waiting.size === 0) {
      this.worker?.unref();
      clearTimeout(this.idleTimer);
      this.idleTimer = setTimeout(() => void this.close(), idleMs).unref();
    }
  }
}
