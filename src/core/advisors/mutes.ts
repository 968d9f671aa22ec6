import { Emitter } from '../../util/event.ts';
import type { Storage } from '../ports.ts';
import type { AdvisorFinding } from './finding.ts';

/** Why a finding is not to be shown among the others. */
export interface Mute {
  readonly reason: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** Findings that somebody looked at and put aside with a reason, kept in the workspace, by place and project. */
export class Mutes {
  private readonly storage: Storage;
  private readonly changed = new Emitter<void>();
  readonly onDidChange = this.changed.event;

  constructor(storage: Storage) {
    this.storage = storage;
  }

  get(scope: string, { key }: Pick<AdvisorFinding, 'key'>): Mute | undefined {
    return this.all(scope)[key];
  }

  async mute(scope: string, { key }: Pick<AdvisorFinding, 'key'>, mute: Mute): Promise<void> {
    await this.set(scope, { ...this.all(scope), [key]: mute });
  }

  async unmute(scope: string, { key }: Pick<AdvisorFinding, 'key'>): Promise<void> {
    const { [key]: _gone, ...others } = this.all(scope);
    await this.set(scope, others);
  }

  private all(scope: string): Readonly<Record<string, Mute>> {
    return this.storage.get<Record<string, Mute>>(storageKey(scope)) ?? {};
  }

  private async set(scope: string, mutes: Readonly<Record<string, Mute>>): Promise<void> {
    await this.storage.set(storageKey(scope), mutes);
    this.changed.fire();
  }
}

function storageKey(scope: string): string {
  return `muted advice ${scope}`;
}
