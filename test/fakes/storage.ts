import type { BodyArchive, BodyIdentity, Locks, Storage } from '../../src/core/ports.ts';
import type { FunctionBody } from '../../src/core/functions/edgeFunction.ts';

/** Values in memory, copied as a store on disk would. */
export class FakeStorage implements Storage {
  readonly values = new Map<string, string>();

  get<T>(key: string): T | undefined {
    const text = this.values.get(key);
    return text === undefined ? undefined : (JSON.parse(text) as T);
  }

  async set(key: string, value: unknown): Promise<void> {
    if (value === undefined) {
      this.values.delete(key);
    } else {
      this.values.set(key, JSON.stringify(value));
    }
  }
}

/** Locks among those who share this object. */
export class FakeLocks implements Locks {
  readonly held = new Set<string>();

  async tryAcquire(name: string): Promise<(() => Promise<void>) | undefined> {
    if (this.held.has(name)) {
      return undefined;
    }
    this.held.add(name);
    return async () => {
      this.held.delete(name);
    };
  }
}

export class FakeBodyArchive implements BodyArchive {
  readonly bodies = new Map<string, FunctionBody>();
  private readonly owners = new Map<string, BodyIdentity>();

  async put(ref: string, slug: string, version: number, body: FunctionBody, of: BodyIdentity): Promise<void> {
    this.bodies.set(`${ref}/${slug}/${version}`, body);
    this.owners.set(`${ref}/${slug}/${version}`, of);
  }

  async get(ref: string, slug: string, version: number, of?: BodyIdentity): Promise<FunctionBody | undefined> {
    const key = `${ref}/${slug}/${version}`;
    const owner = this.owners.get(key);
    const isAnother = of !== undefined && (owner?.id !== of.id || (of.bundleSha256 !== undefined && owner.bundleSha256 !== of.bundleSha256));
    return isAnother ? undefined : this.bodies.get(key);
  }

  async versions(ref: string, slug: string): Promise<readonly number[]> {
    const prefix = `${ref}/${slug}/`;
    return [...this.bodies.keys()]
      .filter((key) => key.startsWith(prefix))
      .map((key) => Number(key.slice(prefix.length)))
      .toSorted((a, b) => b - a);
  }
}
