/** Names that somebody types for the place of a name. */

/**
 * `public.orders` → `"public"."orders"`: the parts between the dots, each as it was typed and quoted, so that nothing else than a name
 * can come of it. A part in quotes may have dots of its own. `undefined` when a part is empty, a quote is open, or no server takes it.
 */
export function quoteIdentifierPath(typed: string): string | undefined {
  const parts: string[] = [];
  const part = /\s*(?:"((?:[^"]|"")+)"|([^".]+?))\s*(\.|$)/y;
  do {
    const match = part.exec(typed);
    if (match === null || typed.includes('\0')) {
      return undefined;
    }
    const name = match[1] === undefined ? (match[2] ?? '').trim() : match[1].replaceAll('""', '"');
    if (name === '') {
      return undefined;
    }
    parts.push(`"${name.replaceAll('"', '""')}"`);
    if (match[3] === '') {
      return parts.join('.');
    }
  } while (part.lastIndex <= typed.length);
  return undefined;
}
