/** The browser of the test world: Chromium from the npm registry, or one that `OPSBOOK_TEST_BROWSER` names. */
import { execa } from 'execa';
import { chromium, type Browser } from 'playwright-core';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { cacheRoot, packageFolder, partFolder, provision, versions } from './provision.ts';

/** For a closed network, and for a root user, who gets no sandbox from Chromium. */
const flags = [
  '--no-sandbox',
  '--no-zygote',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--font-render-hinting=none',
  // A window that asks the world outside behaves the same on every machine: it gets no answer.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

/** Starts a headless browser; playwright ends it with this process. `scrollbars`: they are there, and can be dragged. */
export async function startBrowser({ scrollbars = false } = {}): Promise<Browser> {
  const own = process.env['OPSBOOK_TEST_BROWSER'];
  const folder = own === undefined ? await provisionBrowser() : undefined;
  return chromium.launch({
    executablePath: own ?? path.join(folder ?? '', 'chromium'),
    args: ['--headless=shell', ...flags],
    ...(scrollbars ? { ignoreDefaultArgs: ['--hide-scrollbars'] } : {}),
    env: folder === undefined ? plainEnvironment() : { ...plainEnvironment(), ...librariesOf(folder) },
  });
}

/** The package brings the system libraries and fonts that a bare machine lacks. */
function librariesOf(folder: string): Record<string, string> {
  return { LD_LIBRARY_PATH: path.join(folder, 'al2023', 'lib'), FONTCONFIG_PATH: path.join(folder, 'fonts') };
}

function plainEnvironment(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
}

/** Unpacks the browser of the provisioned package once per user and version; returns its folder. */
export async function provisionBrowser(say: (line: string) => void = () => {}): Promise<string> {
  await provision('chromium', say);
  const folder = path.join(cacheRoot, `browser-${versions.chromium}`);
  if (existsSync(folder)) {
    return folder;
  }
  const making = await mkdtemp(path.join(cacheRoot, '.making-browser-'));
  try {
    await unpackBrowser(path.join(packageFolder('chromium'), 'bin'), making);
    await writeFile(path.join(making, 'fonts', 'fonts.conf'), fontsOf(folder));
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

async function unpackBrowser(bin: string, folder: string): Promise<void> {
  await inflate(path.join(bin, 'chromium.br'), path.join(folder, 'chromium'));
  await chmod(path.join(folder, 'chromium'), 0o755);
  await unpackTar(path.join(bin, 'al2023.tar.br'), path.join(folder, 'al2023'));
  await unpackTar(path.join(bin, 'fonts.tar.br'), path.join(folder, 'fonts'));
  await unpackTar(path.join(bin, 'swiftshader.tar.br'), folder);
}

/** By way of a file: tar may close its input before the padding at the end has been written to it. */
async function unpackTar(archive: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const tar = path.join(folder, 'archive.tar');
  await inflate(archive, tar);
  await execa('tar', ['-xf', tar, '-C', folder]);
  await rm(tar);
}

/** The package's own list names folders of another machine. The workbench brings the one font with columns. */
function fontsOf(folder: string): string {
  const folders = [
    path.join(folder, 'fonts'),
    '/usr/share/fonts',
    path.join(partFolder('codeServer'), 'lib', 'vscode', 'node_modules', 'katex', 'dist', 'fonts'),
  ];
  const prefer = (family: string, fonts: string[]): string =>
    `<alias><family>${family}</family><prefer>${fonts.map((font) => `<family>${font}</family>`).join('')}</prefer></alias>`;
  return [
    '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>',
    ...folders.map((each) => `<dir>${each}</dir>`),
    `<cachedir>${path.join(folder, 'fonts-cache')}</cachedir>`,
    prefer('monospace', ['DejaVu Sans Mono', 'KaTeX_Typewriter']),
    prefer('sans-serif', ['Open Sans']),
    '</fontconfig>',
  ].join('\n');
}

async function inflate(from: string, to: string): Promise<void> {
  await pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to));
}
