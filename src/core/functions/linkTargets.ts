import { folderOf, isSafeRelativePath, isWithin, resolveRelative } from '../../util/relativePath.ts';

/** A link of the place: where it lies, and what it ever said. */
export interface Link {
  readonly path: string;
  readonly says: readonly string[];
}

/** Where a path leads through a link that is it or one of its folders. Targets outside the place are left out: nothing there is read. */
export function linkTargets(path: string, links: readonly Link[]): readonly string[] {
  return links
    .filter((link) => isWithin(link.path, path))
    .flatMap((link) => link.says.map((said) => ({ target: resolveRelative(folderOf(link.path), said), rest: path.slice(link.path.length) })))
    .flatMap(({ target, rest }) => (target ? [target + rest] : []))
    .filter(isSafeRelativePath);
}
