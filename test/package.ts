/** `npm run package`: builds, and puts what ships into `dist/opsbook-<version>.vsix`. */
import { createVSIX } from '@vscode/vsce';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import manifest from '../package.json' with { type: 'json' };
import { buildAll, root } from './build.ts';

/** Bytes; an extension that people install over a hotel's network. */
const limit = 2 * 1024 * 1024;

/** Returns the path of the package. Throws when it is too large or holds anything that does not ship. */
export async function packageExtension(): Promise<string> {
  await buildAll();
  const packagePath = path.join(root, 'dist', `opsbook-${manifest.version}.vsix`);
  await createVSIX({ cwd: root, packagePath, dependencies: false, allowMissingRepository: true, rewriteRelativeLinks: false });
  const content = await readFile(packagePath);
  if (content.length > limit) {
    throw new Error(`${packagePath} has ${content.length} bytes; at most ${limit} ship.`);
  }
  const stray = zipNames(content).filter((name) => /(^|\/)(test|node_modules|src)\/|\.ts$/.test(name));
  if (stray.length > 0) {
    throw new Error(`${packagePath} holds what does not ship: ${stray.join(', ')}`);
  }
  return packagePath;
}

/** The names in a zip's central directory (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.12 and 4.3.16). */
function zipNames(zip: Buffer): string[] {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const names: string[] = [];
  let entry = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [name, extra, comment] = [zip.readUInt16LE(entry + 28), zip.readUInt16LE(entry + 30), zip.readUInt16LE(entry + 32)];
    names.push(zip.toString('utf8', entry + 46, entry + 46 + name));
    entry += 46 + name + extra + comment;
  }
  return names;
}

if (import.meta.main) {
  console.log(path.relative(root, await packageExtension()));
}
