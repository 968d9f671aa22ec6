import { Emitter } from '../../util/event.ts';
import { l10n } from '../../util/l10n.ts';
import type { LineFilter } from './filterText.ts';
import type { LogStore } from '../ports.ts';
import type { LogFilter } from './log.ts';

/** A tail's name within a project: a function's slug, `*` for all functions, `service postgres` for a service. */
export type TailKey = string;

/** What a tail does just now, with the reason in words: a tail never dies quietly. */
export type TailState =
  | { readonly kind: 'following' }
  | { readonly kind: 'paused' }
  /** Rate limit, no network: it asks again by itself. */
  | { readonly kind: 'waiting'; readonly because: string }
  /** It has ended, and nobody has taken note of it yet. */
  | { readonly kind: 'failed'; readonly because: string };

/** What can be done to a tail while it runs. */
export interface TailReins {
  stop(): void;
  pause(): void;
  resume(): void;
  /** Brings its lines into view. */
  show(): void;
  /** How much of the allowance of log queries is used, in words; empty where nobody counts. */
  budget(): readonly string[];
  /** Shows the past again with another filter, and goes on with it. */
  filter(filter: LineFilter): Promise<void>;
}

export interface Tail {
  readonly ref: string;
  readonly key: TailKey;
  /** For people: `mint-token · acme`. */
  readonly name: string;
  readonly state: TailState;
  readonly filter: LineFilter;
  /** What the filter asks of the log store. */
  readonly query: LogFilter;
  /** Where it reads. */
  readonly store: LogStore;
  /** Since when its lines are shown, epoch milliseconds. */
  readonly since: number;
  readonly reins: TailReins;
}

/** The tails of this window, for rows, menus and the status bar. One per project and key. */
export class ActiveTails {
  private readonly tails = new Map<string, Tail>();
  private readonly changed = new Emitter<void>();
  readonly onDidChange = this.changed.event;

  /** In place of one with the same key that has ended. `false` when one runs. */
  start(tail: Tail): boolean {
    const known = this.find(tail.ref, tail.key);
    if (known && known.state.kind !== 'failed') {
      return false;
    }
    this.tails.set(nameOf(tail), tail);
    this.changed.fire();
    return true;
  }

  /** Called by the tail itself. */
  report(ref: string, key: TailKey, news: Partial<Pick<Tail, 'state' | 'filter' | 'query' | 'since'>>): void {
    const tail = this.find(ref, key);
    const next = tail && { ...tail, ...news };
    if (next && !sameFacts(tail, next)) {
      this.tails.set(nameOf(next), next);
      this.changed.fire();
    }
  }

  /** Called by the tail itself when it has ended: why, if nobody wanted it to. */
  ended(ref: string, key: TailKey, because?: string): void {
    if (because !== undefined) {
      this.report(ref, key, { state: { kind: 'failed', because } });
    } else if (this.tails.delete(nameOf({ ref, key }))) {
      this.changed.fire();
    }
  }

  /** Also takes one off the list that has ended by itself. */
  stop(ref: string, key: TailKey): void {
    const tail = this.find(ref, key);
    tail?.reins.stop();
    if (tail?.state.kind === 'failed') {
      this.ended(ref, key);
    }
  }

  find(ref: string, key: TailKey): Tail | undefined {
    return this.tails.get(nameOf({ ref, key }));
  }

  state(ref: string, key: TailKey): TailState | undefined {
    return this.find(ref, key)?.state;
  }

  get all(): readonly Tail[] {
    return [...this.tails.values()];
  }

  get any(): boolean {
    return this.tails.size > 0;
  }

  stopAll(): void {
    for (const { ref, key } of this.all) {
      this.stop(ref, key);
    }
  }
}

/** `tailing`, `tail paused`, `tail waits: …`, `tail ended: …`. */
export function describeTail(state: TailState): string {
  switch (state.kind) {
    case 'following':
      return l10n.t('tailing');
    case 'paused':
      return l10n.t('tail paused');
    case 'waiting':
      return l10n.t('tail waits: {0}', state.because);
    case 'failed':
      return l10n.t('tail ended: {0}', state.because);
    default:
      return state satisfies never;
  }
}

/** Words of a row's `contextValue` for the commands that fit. */
export function tailRowStates(state: TailState | undefined): readonly string[] {
  switch (state?.kind) {
    case undefined:
      return [];
    case 'failed':
      return ['tailing'];
    case 'paused':
      return ['tailing', 'tailPaused'];
    default:
      return ['tailing', 'tailActive'];
  }
}

function nameOf({ ref, key }: Pick<Tail, 'ref' | 'key'>): string {
  return `${ref} ${key}`;
}

function sameFacts(one: Tail, other: Tail): boolean {
  const facts = ({ state, filter, query, since }: Tail) => JSON.stringify([state, filter, query, since]);
  return facts(one) === facts(other);
}
