/**
 * Whose requests a saved file holds, by its name: `mint-token.http` and `mint-token-large.http` are mint-token's, unless there is a
 * function `mint-token-large`. `undefined`: nobody's among these.
 */
export function functionOfFile(name: string, slugs: Iterable<string>): string | undefined {
  const base = name.replace(/\.http$/i, '');
  const fitting = [...slugs].filter((slug) => base === slug || (base.startsWith(slug) && /[-_. ]/.test(base.charAt(slug.length))));
  return fitting.sort((one, other) => other.length - one.length)[0];
}
