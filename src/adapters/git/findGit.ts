import { OpsError } from '../../core/errors.ts';
import { findExecutable, isExecutable, liesInside } from '../process/executable.ts';
import path from 'node:path';

export interface GitSearch {
  /** The machine-scoped setting; empty when it is not set. */
  readonly setting?: string;
  /** `PATH` as the editor got it. */
  readonly searchPath: string;
  /** The workspace's folders. */
  readonly forbiddenFolders: readonly string[];
}

/** git's absolute path, outside the workspace; throws `gitMissing`. */
export async function findGit(search: GitSearch): Promise<string> {
  const { setting = '', searchPath, forbiddenFolders } = search;
  if (setting !== '') {
    const usable = path.isAbsolute(setting) && (await isExecutable(setting)) && !(await liesInside(setting, forbiddenFolders));
    if (usable) {
      return setting;
    }
    throw new OpsError('gitMissing', {});
  }
  const found = await findExecutable('git', { searchPath, forbiddenFolders });
  if (found === undefined) {
    throw new OpsError('gitMissing', {});
  }
  return found;
}
