import { isReservedSecretName } from '../secrets/secret.ts';

const reads = /\bDeno\s*\.\s*env\s*\.\s*(?:get|has)\s*\(\s*(?:"([^"\\\n]+)"|'([^'\\\n]+)'|`([^`\\$]+)`)|\bprocess\s*\.\s*env\s*(?:\.\s*([A-Za-z_]\w*)|\[\s*["']([^"'\\\n]+)["']\s*\])/g;

/** Names of the environment variables that a source reads by name and the platform does not provide; in order, each once. */
export function environmentReads(source: string): readonly string[] {
  const withoutComments = source.replace(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\[^])*`|\/\/[^\n]*|\/\*[^]*?\*\//g, (piece) => (piece.startsWith('/') ? ' ' : piece));
  const names = [...withoutComments.matchAll(reads)].map((match) => match.slice(1).find((name) => name !== undefined) ?? '');
  return [...new Set(names)].filter((name) => !isReservedSecretName(name));
}
