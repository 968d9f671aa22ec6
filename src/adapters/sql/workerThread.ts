/** A thread that answers questions: started at the first one, ended when nobody needed it for a while. */
import { Worker } from 'node:worker_threads';
import { OpsError } from '../../core/errors.ts';

export interface Asked<Q> {
  readonly id: number;
  readonly question: Q;
}

/** Nobody waits for the answer any more. */
export interface GivenUp {
  readonly givenUp: number;
}

/** `cancelled`: it was given up, and nobody hears of it. */
export type Answered<A> = { readonly id: number; readonly answer: A } | { readonly id: number; readonly failure: string };

interface Waiting<A> {
  resolve(answer: A): void;
  reject(error: Error): void;
}

export class WorkerThread<Q, A> {
  private readonly path: string | URL;
  private readonly idleMs: number;
  private readonly introduce: (tell: (question: Q) => void) => void;
  private worker: Worker | undefined;
  private readonly waiting = new Map<number, Waiting<A>>();
  private lastId = 0;
  private idleTimer: NodeJS.Timeout | undefined;
  private kept = false;

  /** `introduce` tells a thread that has just been started what it must know before the first question. */
  constructor(path: string | URL, idleMs: number, introduce: (tell: (question: Q) => void) => void = () => {}) {
    this.path = path;
    this.idleMs = idleMs;
    this.introduce = introduce;
  }

  /** Whether it lives on without questions: what it knows is worth more than its memory. */
  keep(kept: boolean): void {
    this.kept = kept;
    this.rest();
  }

  async ask(question: Q, signal: AbortSignal): Promise<A> {
    const id = ++this.lastId;
    clearTimeout(this.idleTimer);
    let cancel = (): void => {};
    try {
      return await new Promise<A>((resolve, reject) => {
        cancel = () => {
          this.worker?.postMessage({ givenUp: id } satisfies GivenUp);
          reject(new OpsError('cancelled', {}));
        };
        signal.addEventListener('abort', cancel, { once: true });
        this.waiting.set(id, { resolve, reject });
        this.started().postMessage({ id, question } satisfies Asked<Q>);
      });
    } finally {
      signal.removeEventListener('abort', cancel);
      this.waiting.delete(id);
      this.rest();
    }
  }

  /** Something to know, with no answer. Nothing happens while no thread runs: see `introduce`. */
  tell(question: Q): void {
    this.worker?.postMessage({ id: 0, question } satisfies Asked<Q>);
  }

  async close(): Promise<void> {
    clearTimeout(this.idleTimer);
    const { worker } = this;
    this.worker = undefined;
    await worker?.terminate();
  }

  private started(): Worker {
    if (this.worker === undefined) {
      const worker = new Worker(this.path);
      worker.on('message', (answer: Answered<A>) => this.settle(answer));
      worker.on('error', (error: Error) => this.fail(worker, error));
      worker.on('exit', () => this.fail(worker, new Error('the SQL parser thread ended')));
      this.worker = worker;
      this.introduce((question) => this.tell(question));
    }
    this.worker.ref();
    return this.worker;
  }

  private settle(answered: Answered<A>): void {
    const waiting = this.waiting.get(answered.id);
    if ('failure' in answered) {
      waiting?.reject(new Error(answered.failure));
    } else {
      waiting?.resolve(answered.answer);
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
    clearTimeout(this.idleTimer);
    if (this.waiting.size === 0) {
      this.worker?.unref();
      this.idleTimer = this.kept ? undefined : setTimeout(() => void this.close(), this.idleMs).unref();
    }
  }
}
