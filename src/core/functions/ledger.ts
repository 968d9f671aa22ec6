import type { Clock, Journal } from '../ports.ts';

/**
 * What was done. `pause` puts a function that answers 503 in the place of the live one, `resume` brings back the one before, `restart`
 * sends what is live again. `delete` and `settings` (whether a JWT is asked for) send no files.
 */
export type DeployAction = 'deploy' | 'rollback' | 'pause' | 'resume' | 'restart' | 'delete' | 'settings';

/** Files by git's id of their content, and whether the function needs each to run; the entrypoint first. */
export type SentFiles = readonly (readonly [path: string, blobId: string, needed: boolean])[];

/** What a body was made from, as the ledger keeps it. */
export type LedgerOrigin =
  | { readonly kind: 'commit'; readonly commit: string }
  /** `clean`: nothing of the function differed from the commit. */
  | { readonly kind: 'workingTree'; readonly commit?: string; readonly clean: boolean }
  | { readonly kind: 'recorded'; readonly version: number }
  /** A function of Opsbook's own that says the real one is paused. */
  | { readonly kind: 'pause' }
  /** Nothing was sent. */
  | { readonly kind: 'none' };

/** Written before anything is sent. */
export interface Intent {
  readonly kind: 'intent';
  readonly id: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly ref: string;
  readonly slug: string;
  readonly action: DeployAction;
  readonly origin: LedgerOrigin;
  /** The account, as people know it. */
  readonly who: string;
  /** Why, in the person's own words; it may also be added later. */
  readonly reason?: string;
  /** Id of the place it was deployed from. */
  readonly place?: string;
  /** To be told to the team by a note on its commit. */
  readonly shared?: boolean;
  readonly versionBefore?: number;
  readonly bundleBefore?: string;
  /** What is sent. */
  readonly files: SentFiles;
  /** As it is meant to be; absent: what was live stays. */
  readonly verifyJwt?: boolean;
}

/** `deployed`: what was meant is live, or gone if that was meant. `unchanged`: nothing happened. `unknown`: something else is live, or nobody could look. */
export type DeployResult = 'deployed' | 'unchanged' | 'unknown';

/** Written when it is known what became of an intent. */
export interface Conclusion {
  readonly kind: 'conclusion';
  readonly id: string;
  readonly at: number;
  readonly result: DeployResult;
  readonly versionAfter?: number;
  readonly bundleAfter?: string;
  /** Error code or word: why it is not `deployed`. */
  readonly because?: string;
  /** Found out at a later start, after a crash. */
  readonly reconciled?: boolean;
}

/** A reason that was added after the fact; the last one holds. */
export interface Reason {
  readonly kind: 'reason';
  /** Of the intent. */
  readonly id: string;
  readonly at: number;
  readonly reason: string;
}

/** An intent with what became of it; without a conclusion it is open. */
export interface Deployment {
  readonly intent: Intent;
  readonly conclusion?: Conclusion;
  readonly explained?: Reason;
}

/** Why it was done, as far as anybody said; what was added later holds. */
export function reasonOf({ intent, explained }: Deployment): string | undefined {
  return explained?.reason ?? intent.reason;
}

/** Own deploys of one project: what was intended is written before, what happened after (SAFETY 21). */
export class Ledger {
  private readonly journal: Journal;
  private readonly clock: Pick<Clock, 'now'>;

  constructor(journal: Journal, clock: Pick<Clock, 'now'>) {
    this.journal = journal;
    this.clock = clock;
  }

  /** Resolves, with the intent's id, when it is on the disk. */
  async intend(intent: Omit<Intent, 'kind' | 'id' | 'at'>): Promise<string> {
    const id = globalThis.crypto.randomUUID();
    await this.journal.append({ kind: 'intent', id, at: this.clock.now(), ...intent } satisfies Intent);
    return id;
  }

  async conclude(id: string, conclusion: Omit<Conclusion, 'kind' | 'id' | 'at'>): Promise<void> {
    await this.journal.append({ kind: 'conclusion', id, at: this.clock.now(), ...conclusion } satisfies Conclusion);
  }

  async explain(id: string, reason: string): Promise<void> {
    await this.journal.append({ kind: 'reason', id, at: this.clock.now(), reason } satisfies Reason);
  }

  /** Oldest first. Entries of another shape, from a later Opsbook, are passed over; of two conclusions the first holds. */
  async deployments(): Promise<readonly Deployment[]> {
    const deployments = new Map<string, Deployment>();
    for (const entry of await this.journal.read()) {
      if (isIntent(entry)) {
        deployments.set(entry.id, { intent: entry });
      } else if (isConclusion(entry)) {
        const known = deployments.get(entry.id);
        if (known && !known.conclusion) {
          deployments.set(entry.id, { ...known, conclusion: entry });
        }
      } else if (isReason(entry)) {
        const known = deployments.get(entry.id);
        if (known) {
          deployments.set(entry.id, { ...known, explained: entry });
        }
      }
    }
    return [...deployments.values()];
  }

  async open(): Promise<readonly Intent[]> {
    return (await this.deployments()).filter(({ conclusion }) => !conclusion).map(({ intent }) => intent);
  }
}

function isEntry(value: unknown): value is { readonly kind: unknown; readonly id: string; readonly at: number } & Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string' && 'at' in value && typeof value.at === 'number' && 'kind' in value;
}

function isIntent(value: unknown): value is Intent {
  return isEntry(value) && value.kind === 'intent' && typeof value['ref'] === 'string' && typeof value['slug'] === 'string' && Array.isArray(value['files']);
}

function isConclusion(value: unknown): value is Conclusion {
  return isEntry(value) && value.kind === 'conclusion' && ['deployed', 'unchanged', 'unknown'].includes(String(value['result']));
}

function isReason(value: unknown): value is Reason {
  return isEntry(value) && value.kind === 'reason' && typeof value['reason'] === 'string';
}
