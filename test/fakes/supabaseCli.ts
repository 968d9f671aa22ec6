import { OpsError, throwIfCancelled } from '../../src/core/errors.ts';
import type { CliVersion, SupabaseCli } from '../../src/core/ports.ts';
import type { FunctionBody } from '../../src/core/functions/edgeFunction.ts';
import type { FakeStagingArea } from './stagingArea.ts';

type Request = Parameters<SupabaseCli['deployFunction']>[0];

/** Where deployed bodies go: a fake of the service. */
interface Receiver {
  deploy(ref: string, slug: string, body: FunctionBody, verifyJwt?: boolean): unknown;
}

/** Takes what is staged and makes it live in the fake service, as the CLI would: modules that no path names are sent all the same. */
export class FakeSupabaseCli implements SupabaseCli {
  readonly requests: Request[] = [];
  private readonly service: Receiver;
  private readonly staging: FakeStagingArea;
  versionText = '3.1.0';
  /** Called in place of the upload; call `upload` to let it happen. */
  intercept: ((upload: () => void, signal: AbortSignal) => Promise<void>) | undefined;

  constructor(service: Receiver, staging: FakeStagingArea) {
    this.service = service;
    this.staging = staging;
  }

  async version(): Promise<CliVersion> {
    return { text: this.versionText, major: Number(this.versionText.split('.')[0]) };
  }

  async requireSupported(): Promise<void> {
    if (!/^[23]\./.test(this.versionText)) {
      throw new OpsError('cliUnsupported', { version: this.versionText, supported: '2.x, 3.x' });
    }
  }

  /** What `status -o json` tells; absent: no stack runs. */
  status: Readonly<Record<string, string>> | undefined;

  async localStatus(): Promise<Readonly<Record<string, string>> | undefined> {
    return this.status;
  }

  /** What `functions serve` prints before it ends. */
  serveLines: readonly string[] = [];

  async serveFunctions(_folder: string, onLine: (line: string) => void, signal: AbortSignal): Promise<void> {
    this.serveLines.forEach(onLine);
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    throwIfCancelled(signal);
  }

  async deployFunction(request: Request, onLine: (line: string) => void, signal: AbortSignal): Promise<void> {
    this.requests.push(request);
    throwIfCancelled(signal);
    const staged = this.staging.left.get(request.tree);
    if (!staged) {
      throw new OpsError('cliFailed', { command: 'supabase functions deploy', exitCode: 1, message: `no tree at ${request.tree}` });
    }
    const upload = () => {
      const config = new TextDecoder().decode(staged.get('supabase/config.toml'));
      const [, entrypoint = ''] = /^entrypoint = "\.\/(.*)"$/m.exec(config) ?? [];
      const files = new Map([...staged].filter(([path]) => path !== 'supabase/config.toml'));
      this.service.deploy(request.ref, request.slug, { entrypoint: `supabase/${entrypoint}`, files }, request.verifyJwt);
    };
    onLine(`Uploading asset (${request.slug})`);
    if (this.intercept) {
      await this.intercept(upload, signal);
      throwIfCancelled(signal);
    } else {
      upload();
    }
  }
}
