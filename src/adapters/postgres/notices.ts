import type { Client } from 'pg';
import type { Notice } from '../../core/sql/result.ts';

/** Notices of one statement, in the order they came. */
export class NoticeQueue {
  private readonly client: Client;
  private queued: Notice[] = [];
  private wake: (() => void) | undefined;

  constructor(client: Client) {
    this.client = client;
    client.on('notice', this.add);
  }

  /** Resolves when there is one to {@link take}. */
  arrived(): Promise<void> {
    return this.queued.length > 0 ? Promise.resolve() : new Promise((resolve) => (this.wake = resolve));
  }

  take(): Notice[] {
    return this.queued.splice(0);
  }

  dispose(): void {
    this.client.removeListener('notice', this.add);
  }

  private readonly add = (message: NoticeMessage): void => {
    this.queued.push({
      severity: message.severity ?? 'NOTICE',
      message: message.message ?? '',
      ...(message.detail === undefined ? {} : { detail: message.detail }),
      ...(message.hint === undefined ? {} : { hint: message.hint }),
    });
    this.wake?.();
  };
}

/** As `pg` hands it over. */
interface NoticeMessage {
  readonly severity: string | undefined;
  readonly message: string | undefined;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
}
