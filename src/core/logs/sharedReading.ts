import { OpsError, isOpsError } from '../errors.ts';
import type { LogReadOptions } from '../ports.ts';
import type { LogQuestion } from './clickhouse.ts';
import type { LogLine } from './log.ts';

export interface ReadingNeeds {
  /** Answers one question by itself. */
  readonly one: (question: LogQuestion, options: LogReadOptions) => Promise<readonly LogLine[]>;
  /** Whether one query can ask for all of these. */
  readonly fit: (questions: readonly LogQuestion[]) => boolean;
  /** Answers several with one query, in their order. `undefined` when a page was not enough: then nothing is known of any of them. */
  readonly together: (questions: readonly LogQuestion[], signal: AbortSignal) => Promise<readonly (readonly LogLine[])[] | undefined>;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

interface Waiter {
  readonly question: LogQuestion;
  readonly options: LogReadOptions;
  readonly answer: (lines: readonly LogLine[]) => void;
  readonly refuse: (error: unknown) => void;
}

/** After a page was not enough for all, each asks for itself for so long. */
const apartMs = 60_000;

/**
 * What the tails of a project ask becomes one query wherever they would wait for each other anyway: the allowance of log queries is small,
 * and each query scans the same lines. One is under way at a time; who comes meanwhile is answered together.
 */
export class SharedReading {
  private readonly needs: ReadingNeeds;
  private waiting: Waiter[] = [];
  private busy = false;
  private apartUntil = -Infinity;

  constructor(needs: ReadingNeeds) {
    this.needs = needs;
  }

  ask(question: LogQuestion, options: LogReadOptions): Promise<readonly LogLine[]> {
    return new Promise((resolve, reject) => {
      const { signal } = options;
      const leave = () => {
        this.waiting = this.waiting.filter((other) => other !== waiter);
        reject(new OpsError('cancelled', {}));
      };
      const end = (settle: () => void) => {
        signal.removeEventListener('abort', leave);
        settle();
      };
      const waiter: Waiter = { question, options, answer: (lines) => end(() => resolve(lines)), refuse: (error) => end(() => reject(error instanceof Error ? error : new Error(String(error)))) };
      if (signal.aborted) {
        leave();
        return;
      }
      signal.addEventListener('abort', leave, { once: true });
      this.waiting.push(waiter);
      void this.work();
    });
  }

  private async work(): Promise<void> {
    if (this.busy) {
      return;
    }
    this.busy = true;
    try {
      while (this.waiting.length > 0) {
        // Those who rested equally long come in the same moment.
        await new Promise((resolve) => setTimeout(resolve));
        await this.answer(this.takeBatch());
      }
    } finally {
      this.busy = false;
    }
  }

  /** As many as fit, in the order in which they came. */
  private takeBatch(): readonly Waiter[] {
    const batch: Waiter[] = [];
    for (const waiter of this.waiting) {
      if (batch.length === 0 || this.needs.fit([...batch, waiter].map(({ question }) => question))) {
        batch.push(waiter);
      }
    }
    this.waiting = this.waiting.filter((waiter) => !batch.includes(waiter));
    return batch;
  }

  private async answer(batch: readonly Waiter[]): Promise<void> {
    const answers = batch.length > 1 && this.needs.now() >= this.apartUntil ? await this.together(batch) : undefined;
    if (answers === 'refused') {
      return;
    }
    await Promise.all(batch.map(async (waiter, index) => (answers?.[index] ? waiter.answer(answers[index]) : this.alone(waiter))));
  }

  private async together(batch: readonly Waiter[]): Promise<readonly (readonly LogLine[])[] | 'refused' | undefined> {
    try {
      const answers = await this.needs.together(batch.map(({ question }) => question), allOf(batch.map(({ options }) => options.signal)));
      this.apartUntil = answers ? this.apartUntil : this.needs.now() + apartMs;
      return answers;
    } catch (error) {
      // A service that does not take such a query takes each by itself.
      if (isOpsError(error, 'serviceFailed') && error.facts.status < 500) {
        this.apartUntil = Infinity;
        return undefined;
      }
      batch.forEach(({ refuse }) => refuse(error));
      return 'refused';
    }
  }

  private async alone({ question, options, answer, refuse }: Waiter): Promise<void> {
    try {
      answer(await this.needs.one(question, options));
    } catch (error) {
      refuse(error);
    }
  }
}

/** Aborts when nobody waits any more. */
function allOf(signals: readonly AbortSignal[]): AbortSignal {
  const controller = new AbortController();
  const look = () => {
    if (signals.every((signal) => signal.aborted)) {
      controller.abort();
    }
  };
  signals.forEach((signal) => signal.addEventListener('abort', look, { once: true }));
  look();
  return controller.signal;
}
