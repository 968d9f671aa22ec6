/** The folder above the first wildcard, or the whole pattern without one: nothing outside it can match. */
export function globFolder(pattern: string): string {
  const segments = pattern.split('/');
  const wild = segments.findIndex((segment) => /[*?[]/.test(segment));
  return segments.slice(0, wild < 0 ? undefined : wild).join('/');
}

/** The CLI's own globs: `*` and `?` within a name, `**` over folders, `[abc]`, `[!abc]`. */
export function globPattern(pattern: string): RegExp {
  const source = pattern.replace(/\*\*|\*|\?|\[!?[^\]]+\]|[|\\{}()[\]^$+.]/g, (piece) => {
    if (piece === '**') {
      return '.*';
    }
    if (piece === '*' || piece === '?') {
      return piece === '*' ? '[^/]*' : '[^/]';
    }
    return piece.length > 2 && piece.startsWith('[') ? `[${piece.slice(1, -1).replace(/^!/, '^').replaceAll('\\', '\\\\')}]` : `\\${piece}`;
  });
  return new RegExp(`^${source}$`);
}

/** A pattern that matches exactly this path. */
export function escapeGlob(path: string): string {
  return path.replace(/[*?[]/g, '[$&]');
}
