import type { TreeEntry } from '../../core/ports.ts';
import { folderOf } from '../../util/relativePath.ts';
import { catFile, catFileHeaders } from './catFile.ts';
import { parseTreeObject, type TreeItem } from './parse.ts';
import type { Git } from './runGit.ts';

const folderMode = '040000';

/**
 * Files below the paths at each of many commits. Neighbouring commits share nearly all their folders, so each folder object is read
 * once, level by level: one process for the commits, one for each level, however many commits there are.
 */
export async function readTrees(
  git: Git,
  commits: readonly string[],
  paths: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly TreeEntry[]>> {
  const parents = [...new Set(paths.map(folderOf))];
  const roots = await parentTrees(git, commits, parents, signal);
  const folders = new Map<string, readonly TreeItem[]>();
  const parentIds = new Set([...roots.values()].flat().filter((oid) => oid !== ''));
  await readFolders(git, [...parentIds], folders, signal);
  await readBelow(git, folders, parentIds, paths, signal);
  const lists = new Map<string, readonly TreeEntry[]>();
  return new Map(
    commits.map((commit) => {
      const ids = roots.get(commit) ?? [];
      const key = ids.join(' ');
      const list = lists.get(key) ?? paths.flatMap((path) => entriesAt(folders, ids[parents.indexOf(folderOf(path))] ?? '', path));
      lists.set(key, list);
      return [commit, list];
    }),
  );
}

/** For each commit the ids of the folders that hold the paths, in the order of `parents`; empty for a folder that is not there. */
async function parentTrees(git: Git, commits: readonly string[], parents: readonly string[], signal: AbortSignal): Promise<Map<string, string[]>> {
  const roots = new Map<string, string[]>();
  const names = commits.flatMap((commit) => parents.map((parent) => (parent === '' ? `${commit}^{tree}` : `${commit}:${parent}`)));
  await catFileHeaders(git, names, signal, (name, object) => {
    const commit = name.slice(0, name.search(/[:^]/));
    const ids = roots.get(commit) ?? [];
    ids.push(object?.type === 'tree' ? object.oid : '');
    roots.set(commit, ids);
  });
  return roots;
}

/** Reads what lies below the wanted paths, one level of folders after the other. */
async function readBelow(
  git: Git,
  folders: Map<string, readonly TreeItem[]>,
  parentIds: ReadonlySet<string>,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const names = new Set(paths.map((path) => path.slice(path.lastIndexOf('/') + 1)));
  const wanted = [...parentIds].flatMap((oid) => subfolders(folders.get(oid) ?? []).filter((item) => names.has(item.name)));
  const descended = new Set<string>();
  for (let level = wanted.map((item) => item.oid); level.length > 0; ) {
    const fresh = [...new Set(level)].filter((oid) => !descended.has(oid));
    await readFolders(git, fresh.filter((oid) => !folders.has(oid)), folders, signal);
    fresh.forEach((oid) => descended.add(oid));
    level = fresh.flatMap((oid) => subfolders(folders.get(oid) ?? []).map((item) => item.oid));
  }
}

function subfolders(items: readonly TreeItem[]): TreeItem[] {
  return items.filter((item) => item.mode === folderMode);
}

async function readFolders(git: Git, oids: readonly string[], folders: Map<string, readonly TreeItem[]>, signal: AbortSignal): Promise<void> {
  await catFile(git, oids, signal, (oid, object) => {
    folders.set(oid, object?.type === 'tree' ? parseTreeObject(object.content, oid.length / 2) : []);
  });
}

function entriesAt(folders: ReadonlyMap<string, readonly TreeItem[]>, parent: string, path: string): TreeEntry[] {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const item = folders.get(parent)?.find((candidate) => candidate.name === name);
  return item === undefined ? [] : flatten(folders, item, path);
}

function flatten(folders: ReadonlyMap<string, readonly TreeItem[]>, item: TreeItem, path: string): TreeEntry[] {
  if (item.mode !== folderMode) {
    return [{ path, mode: item.mode, oid: item.oid }];
  }
  return (folders.get(item.oid) ?? []).flatMap((child) => flatten(folders, child, `${path}/${child.name}`));
}
