import { OpsError, isOpsError } from '../errors.ts';
import type { LogReadOptions } from '../ports.ts';
import type { LogQuestion } from './clickhouse.ts';
import type { LogLine } from './log.ts';

export interface ReadingNeeds {
  /** Answers one question by itself. */
  readonly one: (question: LogQuestion, options: LogReadOptions) => Promise<readonly LogLine[]>;
  /** Whether one query can ask for all of these. */
  readonly fit: (questions: readonly LogQuestion[]) => boolean;
  /**
   * Answers with one query what it takes, in its order; it takes when the query is sent, so that all who come until then are in it, and
   * is given the same each time. `undefined` when a page was not enough for several: then nothing is known of any of them.
   */
  readonly together: (take: () => readonly LogQuestion[], signal: AbortSignal) => Promise<readonly (readonly LogLine[])[] | undefined>;
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
 * and each query scans the same lines. One is under way at a time, and who comes before it is sent is in it; who comes later is in the next.
 */
export class SharedReading {
  private readonly needs: ReadingNeeds;
  private waiting: Waiter[] = [];
  private busy = false;
  private left: () => void = () => undefined;
  private apartUntil = -Infinity;

  constructor(needs: ReadingNeeds) {
    this.needs = needs;
  }

  ask(question: LogQuestion, options: LogReadOptions): Promise<readonly LogLine[]> {
    return new Promise((resolve, reject) => {
      const { signal } = options;
      const leave = () => {
        this.waiting = this.waiting.filter((other) => other !== waiter);
        this.left();
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
        await (this.needs.now() < this.apartUntil ? this.apart(this.takeBatch()) : this.together());
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

  private async apart(batch: readonly Waiter[]): Promise<void> {
    await Promise.all(batch.map(async (waiter) => this.alone(waiter)));
  }

  private async together(): Promise<void> {
    let taken: readonly Waiter[] | undefined;
    const batch = () => (taken ??= this.takeBatch());
    // Ends the query when nobody waits for it any more.
    const end = new AbortController();
    this.left = () => {
      if ((taken ?? this.waiting).every(({ options }) => options.signal.aborted)) {
        end.abort();
      }
    };
    this.left();
    try {
      const answers = await this.needs.together(() => batch().map(({ question }) => question), end.signal);
      if (answers) {
        batch().forEach(({ answer }, index) => answer(answers[index] ?? []));
        return;
      }
      this.apartUntil = this.needs.now() + apartMs;
    } catch (error) {
      if (end.signal.aborted) {
        // Who came since then is asked for next.
        return;
      }
      // A service that does not take such a query takes each by itself.
      if (batch().length < 2 || !isOpsError(error, 'serviceFailed') || error.facts.status >= 500) {
        batch().forEach(({ refuse }) => refuse(error));
        return;
      }
      this.apartUntil = Infinity;
    }
    await this.apart(batch());
  }

  private async alone({ question, options, answer, refuse }: Waiter): Promise<void> {
    try {
      answer(await this.needs.one(question, options));
    } catch (error) {
      refuse(error);
    }
  }
}
