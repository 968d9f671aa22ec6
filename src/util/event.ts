import type { Disposable } from './dispose.ts';

/** Subscribe; the answer ends the subscription. */
export type Event<T> = (listener: (value: T) => void) => Disposable;

/** The sending end of an {@link Event}. A listener that throws does not keep the others from hearing. */
export class Emitter<T> implements Disposable {
  private readonly subscriptions = new Set<{ readonly listener: (value: T) => void }>();

  readonly event: Event<T> = (listener) => {
    const subscription = { listener };
    this.subscriptions.add(subscription);
    return { dispose: () => this.subscriptions.delete(subscription) };
  };

  fire(value: T): void {
    for (const subscription of [...this.subscriptions]) {
      // One that heard it before may have ended this one.
      if (this.subscriptions.has(subscription)) {
        this.call(subscription.listener, value);
      }
    }
  }

  dispose(): void {
    this.subscriptions.clear();
  }

  private call(listener: (value: T) => void, value: T): void {
    try {
      listener(value);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
