import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { OpsError } from '../../core/errors.ts';
import { functionSlugPattern, type FunctionBody } from '../../core/functions/edgeFunction.ts';
import type { BodyArchive, BodyIdentity } from '../../core/ports.ts';
import { projectRefPattern } from '../../core/project/project.ts';
import { defined } from '../../util/defined.ts';
import { ifPresent, numberedFiles } from './present.ts';
import { inStorage } from './storageError.ts';
import { writeWhole } from './wholeFile.ts';

/** Of each function at the most, and how many of them whatever they weigh: a body may have 20 MB. */
const kept = { bodies: 20, whatever: 3, bytes: 40 * 1024 * 1024 };

/** `<folder>/<ref>/<slug>/<version>.json` (0600): whose body it is, its entrypoint, and its files in base 64. Throws `storageFailed`. */
export function createBodyArchive(folder: string): BodyArchive {
  const folderOf = (ref: string, slug: string) => {
    if (!projectRefPattern.test(ref) || !functionSlugPattern.test(slug)) {
      throw new OpsError('badPath', { path: `${ref}/${slug}` });
    }
    return path.join(folder, ref, slug);
  };
  return {
    async put(ref, slug, version, body, of) {
      const own = folderOf(ref, slug);
      await inStorage(own, async () => {
        await mkdir(own, { recursive: true, mode: 0o700 });
        await writeWhole(path.join(own, `${version}.json`), encode(body, of));
        await forgetOldest(own);
      });
    },
    async get(ref, slug, version, of) {
      const file = path.join(folderOf(ref, slug), `${version}.json`);
      const text = await inStorage(file, () => ifPresent(readFile(file, 'utf8'), undefined));
      return text === undefined ? undefined : decode(text, of);
    },
    versions: (ref, slug) => inStorage(folder, () => numberedFiles(folderOf(ref, slug), '.json')),
  };
}

/** By when they were kept: a function that was deleted and deployed anew begins with version 1 again. */
async function forgetOldest(folder: string): Promise<void> {
  const versions = await numberedFiles(folder, '.json');
  const files = await Promise.all(
    versions.map(async (version) => {
      const file = path.join(folder, `${version}.json`);
      const { size = 0, mtimeMs = 0 } = (await ifPresent(stat(file), undefined)) ?? {};
      return { file, size, mtimeMs };
    }),
  );
  let bytes = 0;
  for (const [index, { file, size }] of files.toSorted((one, other) => other.mtimeMs - one.mtimeMs).entries()) {
    bytes += size;
    if (index >= kept.bodies || (index >= kept.whatever && bytes > kept.bytes)) {
      await rm(file, { force: true });
    }
  }
}

function encode(body: FunctionBody, { id, bundleSha256 }: BodyIdentity): string {
  const files = [...body.files].map(([name, content]) => [name, Buffer.from(content).toString('base64')] as const);
  return JSON.stringify({ id, ...defined({ bundleSha256, entrypoint: body.entrypoint }), files: Object.fromEntries(files) });
}

/** A file that is none of ours is no body. */
function decode(text: string, of: BodyIdentity | undefined): FunctionBody | undefined {
  try {
    const value = JSON.parse(text) as { id?: unknown; bundleSha256?: unknown; entrypoint?: unknown; files?: Readonly<Record<string, unknown>> };
    const isAnother = of !== undefined && (value.id !== of.id || (of.bundleSha256 !== undefined && value.bundleSha256 !== of.bundleSha256));
    if (isAnother) {
      return undefined;
    }
    const files = new Map(Object.entries(value.files ?? {}).map(([name, content]) => [name, Uint8Array.from(Buffer.from(String(content), 'base64'))]));
    return { ...(typeof value.entrypoint === 'string' ? { entrypoint: value.entrypoint } : {}), files };
  } catch {
    return undefined;
  }
}
