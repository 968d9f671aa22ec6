import { createHash } from 'node:crypto';
import { OpsError, throwIfCancelled } from '../../src/core/errors.ts';
import type { CallOptions, ManagementApi } from '../../src/core/ports.ts';
import type { EdgeFunction, FunctionBody } from '../../src/core/functions/edgeFunction.ts';
import type { Secret } from '../../src/core/secrets/secret.ts';

/** The part of the hosted service that keeps functions: the current version and its body, as long as nobody replaces it. */
export class FakeFunctionService implements Pick<ManagementApi, 'functions' | 'functionBody' | 'secrets'> {
  private readonly deployed = new Map<string, { fn: EdgeFunction; body: FunctionBody }>();
  secretNames: string[] = [];
  /** Thrown by every member while it is set. */
  failure: Error | undefined;
  calls = 0;

  deploy(ref: string, slug: string, body: FunctionBody, verifyJwt?: boolean): EdgeFunction {
    const before = this.deployed.get(`${ref}/${slug}`)?.fn;
    const hash = createHash('sha256');
    [...body.files].toSorted(([a], [b]) => (a < b ? -1 : 1)).forEach(([path, content]) => hash.update(path).update(content));
    const fn: EdgeFunction = {
      id: before?.id ?? `id-${slug}`,
      slug,
      name: slug,
      status: 'ACTIVE',
      version: (before?.version ?? 0) + 1,
      createdAt: before?.createdAt ?? 1,
      updatedAt: 2,
      verifyJwt: verifyJwt ?? before?.verifyJwt ?? true,
      bundleSha256: hash.digest('hex'),
    };
    this.deployed.set(`${ref}/${slug}`, { fn, body });
    return fn;
  }

  remove(ref: string, slug: string): void {
    this.deployed.delete(`${ref}/${slug}`);
  }

  live(ref: string, slug: string): { fn: EdgeFunction; body: FunctionBody } | undefined {
    return this.deployed.get(`${ref}/${slug}`);
  }

  async functions(ref: string, options: CallOptions): Promise<readonly EdgeFunction[]> {
    this.enter(options);
    return [...this.deployed].filter(([key]) => key.startsWith(`${ref}/`)).map(([, { fn }]) => fn);
  }

  async functionBody(ref: string, slug: string, options: CallOptions): Promise<FunctionBody> {
    this.enter(options);
    const found = this.deployed.get(`${ref}/${slug}`);
    if (!found) {
      throw new OpsError('notFound', { what: slug });
    }
    return found.body;
  }

  async secrets(_ref: string, options: CallOptions): Promise<readonly Secret[]> {
    this.enter(options);
    return this.secretNames.map((name) => ({ name, digest: '0'.repeat(64) }));
  }

  private enter({ signal }: CallOptions): void {
    this.calls++;
    throwIfCancelled(signal);
    if (this.failure !== undefined) {
      throw this.failure;
    }
  }
}
