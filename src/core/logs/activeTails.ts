import { Emitter } from '../../util/event.ts';

/** A tail's name within a project: a function's slug, `*` for all functions, `service postgres` for a service. */
export type TailKey = string;

/** `following`, `waiting` (rate limit, no network) with the reason in words, or nothing: a tail never dies quietly. */
export type TailState = { readonly kind: 'following' } | { readonly kind: 'waiting'; readonly because: string };

/** Which tails run, for rows, menus and the status. One per project and key: starting it again shows the first. */
export class ActiveTails {
  private readonly running = new Map<string, { state: TailState; readonly stop: () => void }>();
  private readonly changed = new Emitter<void>();
  readonly onDidChange = this.changed.event;

  /** `false` when it runs already. */
  start(ref: string, key: TailKey, stop: () => void): boolean {
    const name = `${ref} ${key}`;
    if (this.running.has(name)) {
      return false;
    }
    this.running.set(name, { state: { kind: 'following' }, stop });
    this.changed.fire();
    return true;
  }

  report(ref: string, key: TailKey, state: TailState): void {
    const tail = this.running.get(`${ref} ${key}`);
    if (tail && JSON.stringify(tail.state) !== JSON.stringify(state)) {
      tail.state = state;
      this.changed.fire();
    }
  }

  /** Called by the tail itself when it has ended. */
  ended(ref: string, key: TailKey): void {
    if (this.running.delete(`${ref} ${key}`)) {
      this.changed.fire();
    }
  }

  stop(ref: string, key: TailKey): void {
    this.running.get(`${ref} ${key}`)?.stop();
  }

  state(ref: string, key: TailKey): TailState | undefined {
    return this.running.get(`${ref} ${key}`)?.state;
  }

  keys(ref: string): readonly TailKey[] {
    return [...this.running.keys()].filter((name) => name.startsWith(`${ref} `)).map((name) => name.slice(ref.length + 1));
  }

  get any(): boolean {
    return this.running.size > 0;
  }

  stopAll(): void {
    for (const tail of [...this.running.values()]) {
      tail.stop();
    }
  }
}
