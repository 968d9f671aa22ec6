import type { Digest } from '../ports.ts';

/** The id git gives a file's content: `blob <length>\0` and the content, hashed (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects). */
export function blobId(content: Uint8Array, digest: Digest, algorithm: 'sha1' | 'sha256' = 'sha1'): string {
  return digest(algorithm, new TextEncoder().encode(`blob ${content.length}\0`), content);
}

/** Which hash a repository uses, from any id of it. */
export function algorithmOf(id: string): 'sha1' | 'sha256' {
  return id.length === 64 ? 'sha256' : 'sha1';
}

/**
 * Ids under which a repository may hold a content: its own, and that of the same lines with the other line endings, since git may
 * convert them on checkout.
 */
export function likelyBlobIds(content: Uint8Array, digest: Digest, algorithm: 'sha1' | 'sha256'): { readonly exact: string; readonly otherLineEndings?: string } {
  const exact = blobId(content, digest, algorithm);
  const converted = convertLineEndings(content);
  return converted ? { exact, otherLineEndings: blobId(converted, digest, algorithm) } : { exact };
}

/** CRLF becomes LF, and where there is none LF becomes CRLF; `undefined` for what has no lines or is no text. */
function convertLineEndings(content: Uint8Array): Uint8Array | undefined {
  if (content.includes(0) || !content.includes(0x0a)) {
    return undefined;
  }
  const hasReturns = holdsReturn(content);
  const result = new Uint8Array(hasReturns ? content.length : content.length * 2);
  let length = 0;
  for (let at = 0; at < content.length; at++) {
    const byte = content[at] ?? 0;
    if (hasReturns && byte === 0x0d && content[at + 1] === 0x0a) {
      continue;
    }
    if (!hasReturns && byte === 0x0a) {
      result[length++] = 0x0d;
    }
    result[length++] = byte;
  }
  return result.subarray(0, length);
}

function holdsReturn(content: Uint8Array): boolean {
  for (let at = content.indexOf(0x0d); at >= 0; at = content.indexOf(0x0d, at + 1)) {
    if (content[at + 1] === 0x0a) {
      return true;
    }
  }
  return false;
}
