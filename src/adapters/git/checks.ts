import { OpsError } from '../../core/errors.ts';
import { isTagName } from '../../core/functions/tagName.ts';

/** A whole hash, SHA-1 or SHA-256: what comes from git or from our own ledger. */
export function checkCommitHash(hash: string): string {
  if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(hash)) {
    throw new OpsError('commitNotFound', { commit: hash });
  }
  return hash;
}

/** A hash, branch or tag that a person named, by git's own rules for names: no option, range, path, search or control character. */
export function checkCommitName(name: string): string {
  if (!/^[^\s\u0000-\u001f\u007f~^:?*[\\-][^\s\u0000-\u001f\u007f~^:?*[\\]*$/.test(name) || name.includes('..') || name.includes('@{')) {
    throw new OpsError('commitNotFound', { commit: name });
  }
  return name;
}

/** A name for a new tag, by git's rules for refs (git-check-ref-format) and without what a shell or another system would trip over. */
export function checkTagName(name: string): string {
  if (!isTagName(name)) {
    throw new OpsError('badPath', { path: name });
  }
  return name;
}

/** Paths relative to the repository's root. They follow `--`, so a leading dash is safe; a line feed would end a line of `cat-file`'s input. */
export function checkPaths(paths: readonly string[]): readonly string[] {
  for (const path of paths) {
    if (/[\u0000\n]/.test(path) || path === '' || path.startsWith('/') || path.split('/').includes('..')) {
      throw new OpsError('badPath', { path });
    }
  }
  return paths;
}
