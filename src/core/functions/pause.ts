import type { FunctionBody } from './edgeFunction.ts';
import { functionsFolder, type FunctionSource } from './source.ts';

/** What a paused function says about itself, in its own code: every Opsbook of the team can read it. */
export interface PauseNote {
  /** Epoch milliseconds. */
  readonly since: number;
  /** The account. */
  readonly by: string;
  /** The version that was live and is to come back. */
  readonly version: number;
}

const mark = '// Paused with Opsbook: ';

/** How long callers are told to wait, in seconds. */
const retryAfter = 300;

/**
 * A function that answers every call with 503 and `Retry-After`, so that callers wait instead of failing for good. Preflights pass:
 * otherwise a browser would show its page a network error in place of the 503. Whether a JWT is asked for stays as it is.
 */
export function pauseSource(slug: string, note: PauseNote): FunctionSource {
  const entrypoint = `${functionsFolder}/${slug}/index.ts`;
  const content = new TextEncoder().encode(pauseCode(note));
  return { slug, entrypoint, staticFiles: [], disabled: false, files: new Map([[entrypoint, { content, role: 'module' }]]), missing: [], pointers: [] };
}

function pauseCode(note: PauseNote): string {
  // U+2028 would end the comment, and JSON lets it stand.
  const ascii = JSON.stringify(note).replace(/[\u007f-\uffff]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `${mark}${ascii}
const headers = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': '*, authorization, x-client-info, apikey, content-type',
  'access-control-allow-methods': '*',
};

Deno.serve((request: Request) =>
  request.method === 'OPTIONS'
    ? new Response(null, { status: 204, headers })
    : Response.json({ error: 'This function is paused.' }, { status: 503, headers: { ...headers, 'retry-after': '${retryAfter}', 'cache-control': 'no-store' } }),
);
`;
}

/** The note of a paused function's body; `undefined` for any other. The words are outside text. */
export function readPause(body: FunctionBody): PauseNote | undefined {
  const [only, ...others] = [...body.files.values()];
  const [first = ''] = only && others.length === 0 ? new TextDecoder().decode(only).split('\n') : [];
  if (!first.startsWith(mark)) {
    return undefined;
  }
  try {
    const note: unknown = JSON.parse(first.slice(mark.length));
    return isNote(note) ? note : undefined;
  } catch {
    return undefined;
  }
}

/** What a `Date` can hold. */
const lastTime = 8.64e15;

function isNote(value: unknown): value is PauseNote {
  return (
    typeof value === 'object' &&
    value !== null &&
    'since' in value &&
    typeof value.since === 'number' &&
    Math.abs(value.since) <= lastTime &&
    'by' in value &&
    typeof value.by === 'string' &&
    'version' in value &&
    typeof value.version === 'number'
  );
}
