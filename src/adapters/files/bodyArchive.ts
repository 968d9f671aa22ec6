import { mkdir, readFile, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { OpsError } from '../../core/errors.ts';
import { functionSlugPattern, type FunctionBody } from '../../core/functions/edgeFunction.ts';
import type { BodyArchive } from '../../core/ports.ts';
import { projectRefPattern } from '../../core/project/project.ts';
import { defined } from '../../util/defined.ts';
import { inStorage } from './storageError.ts';
import { ifPresent, writeWhole } from './wholeFile.ts';

/** Of each function; a body may have 20 MB. */
const kept = 20;

/** `<folder>/<ref>/<slug>/<version>.json` (0600): the body's entrypoint, and its files in base 64. Throws `storageFailed`. */
export function createBodyArchive(folder: string): BodyArchive {
  const folderOf = (ref: string, slug: string) => {
    if (!projectRefPattern.test(ref) || !functionSlugPattern.test(slug)) {
      throw new OpsError('badPath', { path: `${ref}/${slug}` });
    }
    return path.join(folder, ref, slug);
  };
  return {
    async put(ref, slug, version, body) {
      const own = folderOf(ref, slug);
      await inStorage(own, async () => {
        await mkdir(own, { recursive: true, mode: 0o700 });
        await writeWhole(path.join(own, `${version}.json`), encode(body));
        const versions = await versionsIn(own);
        await Promise.all(versions.slice(kept).map((old) => rm(path.join(own, `${old}.json`), { force: true })));
      });
    },
    async get(ref, slug, version) {
      const file = path.join(folderOf(ref, slug), `${version}.json`);
      const text = await inStorage(file, () => ifPresent(readFile(file, 'utf8'), undefined));
      return text === undefined ? undefined : decode(text);
    },
    versions: (ref, slug) => inStorage(folder, () => versionsIn(folderOf(ref, slug))),
  };
}

async function versionsIn(folder: string): Promise<number[]> {
  const names = await ifPresent(readdir(folder), []);
  return names
    .flatMap((name) => /^(\d+)\.json$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => b - a);
}

function encode(body: FunctionBody): string {
  const files = [...body.files].map(([name, content]) => [name, Buffer.from(content).toString('base64')] as const);
  return JSON.stringify({ ...defined({ entrypoint: body.entrypoint }), files: Object.fromEntries(files) });
}

/** A file that is none of ours is no body. */
function decode(text: string): FunctionBody | undefined {
  try {
    const value = JSON.parse(text) as { entrypoint?: unknown; files?: Readonly<Record<string, unknown>> };
    const files = new Map(Object.entries(value.files ?? {}).map(([name, content]) => [name, Uint8Array.from(Buffer.from(String(content), 'base64'))]));
    return { ...(typeof value.entrypoint === 'string' ? { entrypoint: value.entrypoint } : {}), files };
  } catch {
    return undefined;
  }
}
