import { OpsError, throwIfCancelled } from '../../src/core/errors.ts';
import type { ServiceHealth } from '../../src/core/health/health.ts';
import type { CallOptions, Gateway, HttpAnswer, HttpClient, HttpRequest } from '../../src/core/ports.ts';

export type Responder = (request: HttpRequest) => Partial<HttpAnswer> | OpsError;

/** A host whose paths answer what a test told them to; a path that nobody told about answers 404. */
class FakeHost {
  readonly requests: HttpRequest[] = [];
  private readonly responders = new Map<string, Responder>();

  /** `GET /functions/v1/health`; a fixed answer, or one made from the request. */
  on(endpoint: string, answer: Partial<HttpAnswer> | OpsError | Responder): void {
    this.responders.set(endpoint, typeof answer === 'function' ? answer : () => answer);
  }

  async request(request: HttpRequest, { signal }: CallOptions): Promise<HttpAnswer> {
    await Promise.resolve();
    throwIfCancelled(signal);
    this.requests.push(request);
    const answer = this.responders.get(`${request.method} ${request.url}`)?.(request) ?? { status: 404, statusText: 'Not Found' };
    if (answer instanceof OpsError) {
      throw answer;
    }
    return { status: 200, statusText: 'OK', headers: [], body: '', truncated: false, timings: { firstByte: 1, total: 2 }, ...answer };
  }
}

export class FakeGateway extends FakeHost implements Gateway {
  readonly origin = 'https://abcdefghijklmnopqrst.supabase.test';
  services: ServiceHealth[] = ['auth', 'rest', 'storage', 'realtime'].map((service) => ({ service, state: 'ok' }));

  /** Deleted, oldest first; `keepsFiles` are left out as those that the key may not delete. */
  readonly removed: { readonly bucket: string; readonly names: readonly string[]; readonly key: string }[] = [];
  readonly keepsFiles = new Set<string>();
  removalFails: OpsError | undefined;

  async removeFiles(removal: { readonly bucket: string; readonly names: readonly string[]; readonly key: string }, { signal }: CallOptions): Promise<readonly string[]> {
    await Promise.resolve();
    throwIfCancelled(signal);
    if (this.removalFails) {
      throw this.removalFails;
    }
    const names = removal.names.filter((name) => !this.keepsFiles.has(name));
    this.removed.push({ ...removal, names });
    return names;
  }

  async health({ signal }: CallOptions): Promise<ServiceHealth[]> {
    await Promise.resolve();
    throwIfCancelled(signal);
    return this.services;
  }
}

export class FakeHttpClient extends FakeHost implements HttpClient {}
