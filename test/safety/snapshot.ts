/** A repository down to its last byte and minute, to be compared with itself later. */
import { createHash } from 'node:crypto';
import { lstat, readFile, readdir, readlink } from 'node:fs/promises';
import path from 'node:path';
import type { TestRepository } from '../fixtures/repository.ts';

export interface Snapshot {
  /** Working tree and `.git` alike: mode, time of change in nanoseconds, content or target. */
  readonly files: ReadonlyMap<string, string>;
}

/** Everything below a folder. Reading is done without git, which would refresh its index. */
export async function snapshot(folder: string): Promise<Snapshot> {
  const files = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    const info = await lstat(file, { bigint: true });
    const content = entry.isSymbolicLink() ? await readlink(file) : entry.isFile() ? createHash('sha256').update(await readFile(file)).digest('hex') : '';
    files.set(path.relative(folder, file), `${info.mode.toString(8)} ${info.mtimeNs} ${content}`);
  }
  return { files };
}

/** The same in git's own words; asked after the files were compared. */
export function gitState(repository: TestRepository, folder = repository.folder): Readonly<Record<string, string>> {
  const ask = (...args: string[]) => {
    try {
      return repository.gitIn(folder, '--no-optional-locks', ...args);
    } catch (error) {
      return `failed: ${(error as { status?: number }).status}`;
    }
  };
  return {
    index: ask('ls-files', '--stage'),
    status: ask('status', '--porcelain=v2', '--branch', '--ignored'),
    head: ask('symbolic-ref', 'HEAD') + ask('rev-parse', 'HEAD'),
    refs: ask('for-each-ref'),
    stash: ask('stash', 'list'),
    worktrees: ask('worktree', 'list', '--porcelain'),
  };
}
