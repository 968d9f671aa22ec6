/** Somebody beside this thread who answers questions: started at the first one, ended when nobody needed them for a while. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
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

/** A thread or a process. */
export interface FarSide {
  post(message: object): void;
  onMessage(listener: (message: object) => void): void;
  /** It is gone, or could not be started. */
  onEnd(listener: (error: Error) => void): void;
  /** Whether it keeps this process from ending. */
  ref(): void;
  unref(): void;
  end(): Promise<void>;
}

export function startThread(file: string | URL): FarSide {
  const worker = new Worker(file);
  return {
    post: (message) => worker.postMessage(message),
    onMessage: (listener) => worker.on('message', listener),
    onEnd: (listener) => {
      worker.on('error', listener);
      worker.on('exit', () => listener(new Error('the SQL parser thread ended')));
    },
    ref: () => worker.ref(),
    unref: () => worker.unref(),
    end: async () => {
      await worker.terminate();
    },
  };
}

/** With no variable of this one's environment, and no output; what it is told and tells goes over a channel between the two. */
export function startProcess(file: string | URL): FarSide {
  // In the desktop's VS Code the program is Electron, which is Node with this variable.
  const child = fork(file, [], { serialization: 'advanced', execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'], env: { ELECTRON_RUN_AS_NODE: '1' } });
  return {
    post: (message) => {
      if (child.connected) {
        child.send(message, () => {
          // Whoever waits hears of the end.
        });
      }
    },
    onMessage: (listener) => child.on('message', listener),
    onEnd: (listener) => {
      child.on('error', listener);
      child.on('exit', (code, signal) => listener(new Error(`the process that looks at SQL ended with ${signal ?? code}`)));
    },
    ref: () => {
      child.ref();
      child.channel?.ref();
    },
    unref: () => {
      child.unref();
      child.channel?.unref();
    },
    end: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit');
        child.ref();
        child.kill();
        await ended;
      }
    },
  };
}

export class Questions<Q, A> {
  private readonly begin: () => FarSide;
  private readonly idleMs: number;
  private readonly introduce: (tell: (question: Q) => void) => void;
  private far: FarSide | undefined;
  private readonly waiting = new Map<number, Waiting<A>>();
  private lastId = 0;
  private idleTimer: NodeJS.Timeout | undefined;
  private kept = false;

  /** `introduce` tells who has just been started what they must know before the first question. */
  constructor(begin: () => FarSide, idleMs: number, introduce: (tell: (question: Q) => void) => void = () => {}) {
    this.begin = begin;
    this.idleMs = idleMs;
    this.introduce = introduce;
  }

  /** Whether it lives on without questions: what it knows is worth more than its memory. */
  keep(kept: boolean): void {
    this.kept = kept;
    this.rest();
  }

  /** Whoever answers is there afterwards, and was introduced. */
  start(): void {
    this.started();
  }

  async ask(question: Q, signal: AbortSignal): Promise<A> {
    const id = ++this.lastId;
    clearTimeout(this.idleTimer);
    let cancel = (): void => {};
    try {
      return await new Promise<A>((resolve, reject) => {
        cancel = () => {
          this.far?.post({ givenUp: id } satisfies GivenUp);
          reject(new OpsError('cancelled', {}));
        };
        signal.addEventListener('abort', cancel, { once: true });
        this.waiting.set(id, { resolve, reject });
        this.started().post({ id, question } satisfies Asked<Q>);
      });
    } finally {
      signal.removeEventListener('abort', cancel);
      this.waiting.delete(id);
      this.rest();
    }
  }

  /** Something to know, with no answer. Nothing happens while nobody is there: see `introduce`. */
  tell(question: Q): void {
    this.far?.post({ id: 0, question } satisfies Asked<Q>);
  }

  async close(): Promise<void> {
    clearTimeout(this.idleTimer);
    const { far } = this;
    this.far = undefined;
    await far?.end();
  }

  private started(): FarSide {
    if (this.far === undefined) {
      const far = this.begin();
      far.onMessage((answer) => this.settle(answer as Answered<A>));
      far.onEnd((error) => this.fail(far, error));
      this.far = far;
      this.introduce((question) => this.tell(question));
    }
    this.far.ref();
    return this.far;
  }

  private settle(answered: Answered<A>): void {
    const waiting = this.waiting.get(answered.id);
    if ('failure' in answered) {
      waiting?.reject(new Error(answered.failure));
    } else {
      waiting?.resolve(answered.answer);
    }
  }

  /** Whoever waits hears of an end; the next question starts anew. */
  private fail(far: FarSide, error: Error): void {
    if (this.far !== far) {
      return;
    }
    this.far = undefined;
    for (const waiting of this.waiting.values()) {
      waiting.reject(error);
    }
  }

  /** Idle, it keeps no process alive. */
  private rest(): void {
    clearTimeout(this.idleTimer);
    if (this.waiting.size === 0) {
      this.far?.unref();
      this.idleTimer = this.kept ? undefined : setTimeout(() => void this.close(), this.idleMs).unref();
    }
  }
}
