import type { Storage } from '../ports.ts';
import { shortHash } from '../../util/hash.ts';
import type { Role } from './directives.ts';
import { writtenCredentials } from './credentials.ts';
import { isCredential, withoutCredentialMembers } from './variables.ts';

/** A request that was sent, as it can be sent again; credentials are not in it. */
export interface SentRequest {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly time: number;
  readonly ref: string;
  readonly project: string;
  readonly method: string;
  /** With values filled in. */
  readonly url: string;
  readonly role: Role;
  /** The request's part of a document, with its comments. */
  readonly text: string;
  /** Of its variables; those of credentials are asked for again. */
  readonly values: Readonly<Record<string, string>>;
  /** Absent when no answer came. */
  readonly status?: number;
  readonly durationMs?: number;
}

const historyKey = 'request.history';
const valuesKey = 'request.values';
const most = 50;
/** Longer ones are not kept: this is the editor's small storage. */
const longestText = 50_000;

/** Requests sent from this workspace, newest first, and the values that variables had last. */
export class RequestHistory {
  private readonly storage: Storage;

  constructor(storage: Storage) {
    this.storage = storage;
  }

  get entries(): readonly SentRequest[] {
    return this.storage.get<readonly SentRequest[]>(historyKey) ?? [];
  }

  /** Sent again, the same request moves to the front with its new outcome. */
  async add(sent: Omit<SentRequest, 'id'>): Promise<void> {
    const entry = withoutCredentials(sent);
    if (entry.text.length <= longestText) {
      const id = shortHash([entry.ref, entry.role, entry.text, JSON.stringify(entry.values)].join('\n'));
      await this.storage.set(historyKey, [{ ...entry, id }, ...this.entries.filter((known) => known.id !== id)].slice(0, most));
    }
  }

  async clear(): Promise<void> {
    await this.storage.set(historyKey, undefined);
  }

  /** What a variable was last, for its question. */
  lastValue(name: string): string | undefined {
    return this.storage.get<Readonly<Record<string, string>>>(valuesKey)?.[name];
  }

  async remember(name: string, value: string): Promise<void> {
    if (!isCredential(name, value)) {
      await this.storage.set(valuesKey, { ...this.storage.get<Readonly<Record<string, string>>>(valuesKey), [name]: value });
    }
  }
}

function withoutCredentials(sent: Omit<SentRequest, 'id'>): Omit<SentRequest, 'id'> {
  const values = Object.fromEntries(Object.entries(sent.values).filter(([name, value]) => !isCredential(name, value)));
  const text = withoutCredentialMembers(sent.text);
  // A document with a credential in it is not sent at all; whatever slipped through is cut out here.
  const clean = writtenCredentials(text).reduceRight((rest, { range }) => `${rest.slice(0, range.start)}{{secret value}}${rest.slice(range.end)}`, text);
  return { ...sent, text: clean, values, url: Object.keys(values).length === Object.keys(sent.values).length ? sent.url : sent.url.replace(/\?.*$/s, '') };
}
