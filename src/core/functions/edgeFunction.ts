/** An edge function as the platform lists it: `GET /v1/projects/{ref}/functions`. */
export interface EdgeFunction {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  /** `ACTIVE`, `THROTTLED`, `REMOVED`; unknown members are kept as they come. */
  readonly status: string;
  readonly version: number;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Absent when the service does not say. */
  readonly verifyJwt?: boolean;
  /** A path of the {@link FunctionBody}, as `importMapPath` is. */
  readonly entrypointPath?: string;
  readonly importMapPath?: string;
  /** Hash of the bundle, in hex: tells whether the deployed body is one we know. */
  readonly bundleSha256?: string;
}

/**
 * The deployed body: paths relative to the deployed tree, with `/`. What the tree's root was is the deployer's choice: the CLI
 * sends `supabase/functions/health/index.ts`, the dashboard `index.ts`.
 */
export interface FunctionBody {
  readonly entrypoint?: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Which version of which function the service says that it is, where it says so. */
  readonly from?: { readonly id: string; readonly version: number };
}

/** What the CLI accepts as a name: starts with a letter. The API's own path accepts a little more. */
export const functionSlugPattern = /^[A-Za-z][A-Za-z0-9_-]*$/;
