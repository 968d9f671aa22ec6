/**
 * The deployed body of a function: `multipart/form-data` with a part `metadata` (`{"deno2_entrypoint_path"}`) and one part per file,
 * whose file name (or header `Supabase-Path`) is a path below `/tmp/user_fn_<ref>_<id>_<version>/source/`.
 * Sources: the CLI's `functions download` and Supabase's MCP server.
 */
import { OpsError } from '../../core/errors.ts';
import type { FunctionBody } from '../../core/functions/edgeFunction.ts';
import { defined } from '../../util/defined.ts';
import { isSafeRelativePath, resolveRelative } from '../../util/relativePath.ts';
import type { ApiAnswer } from './http.ts';

/** A bundle may have 20 MB: https://supabase.com/docs/guides/functions/limits */
const limits = { maxFileSize: 21 * 1024 * 1024, maxTotalSize: 32 * 1024 * 1024, maxParts: 10_000 };

/** Throws `badAnswer` for a body that is torn or of another kind (an eszip), `badPath` for a file that would leave its directory. */
export async function readFunctionBody(answer: ApiAnswer, operation: string): Promise<FunctionBody> {
  const type = answer.headers.get('content-type') ?? '';
  const { parseMultipart, getMultipartBoundary } = await import('@remix-run/multipart-parser');
  const boundary = /^multipart\//i.test(type) ? getMultipartBoundary(type) : null;
  if (boundary === null) {
    throw new OpsError('badAnswer', { operation, problem: `it is not multipart/form-data (${type.slice(0, 80) || 'no type'})` });
  }
  const files = new Map<string, Uint8Array>();
  let entrypoint: string | undefined;
  let from: FunctionBody['from'];
  try {
    for (const part of parseMultipart(answer.body, { boundary, ...limits })) {
      const name = part.headers['supabase-path'] ?? part.filename;
      if (name !== undefined && part.name !== 'metadata') {
        files.set(deployedPath(name), part.bytes);
        from ??= unpackedFrom(name);
      } else if (part.name === 'metadata') {
        const path = metadataEntrypoint(part.text);
        entrypoint = pathInBody(path);
        from ??= unpackedFrom(path ?? '');
      }
    }
  } catch (error) {
    throw error instanceof OpsError ? error : new OpsError('badAnswer', { operation, problem: 'its parts cannot be told apart' }, error);
  }
  return { files, ...defined({ entrypoint, from }) };
}

/**
 * A path as the API tells it of a function, plain or as a `file:` URL, as a path of the body; `undefined` when it says nothing or
 * names a place outside.
 */
export function pathInBody(text: string | undefined): string | undefined {
  try {
    return text === undefined || text === '' ? undefined : deployedPath(text);
  } catch {
    return undefined;
  }
}

/** The directory in which the service unpacked a function has its id and version. */
function unpackedFrom(name: string): FunctionBody['from'] {
  const [, id, version] = /\/user_fn_[^/_]+_([^/_]+)_(\d{1,9})\//.exec(name) ?? [];
  return id === undefined ? undefined : { id, version: Number(version) };
}

function metadataEntrypoint(text: string): string | undefined {
  try {
    const metadata = JSON.parse(text) as unknown;
    const path = typeof metadata === 'object' && metadata !== null && 'deno2_entrypoint_path' in metadata ? metadata.deno2_entrypoint_path : undefined;
    return typeof path === 'string' ? path : undefined;
  } catch {
    return undefined;
  }
}

/** Without the directory in which the service unpacked it; throws `badPath` for what would be written elsewhere (SAFETY 19). */
export function deployedPath(name: string): string {
  const inside = withoutScheme(name).replace(/^\/?tmp\/user_fn_[^/]+\//, '').replace(/^source\//, '');
  const path = resolveRelative('', inside);
  if (path === undefined || !isSafeRelativePath(path)) {
    throw new OpsError('badPath', { path: name });
  }
  return path;
}

function withoutScheme(name: string): string {
  if (!name.startsWith('file://')) {
    return name;
  }
  try {
    return decodeURIComponent(new URL(name).pathname);
  } catch {
    throw new OpsError('badPath', { path: name });
  }
}
