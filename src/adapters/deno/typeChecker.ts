import { mkdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { OpsError, throwIfCancelled } from '../../core/errors.ts';
import { isDenoConfig } from '../../core/functions/importMap.ts';
import type { TypeChecker } from '../../core/ports.ts';
import { allowedEnvironment } from '../process/environment.ts';
import { endGroup } from '../process/endGroup.ts';
import { findExecutable, trustedSearchPath } from '../process/executable.ts';
import { readFindings } from './output.ts';

export interface TypeCheckerNeeds {
  /** `PATH` as the editor got it. */
  readonly searchPath: string;
  /** The workspace's folders: a Deno that comes with a repository is never run (SAFETY 3). */
  readonly forbiddenFolders: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** Opsbook's own folder for what Deno downloads. */
  readonly cacheFolder: string;
  /** The editor's own proxy setting. */
  readonly proxy?: string;
  readonly isTrusted: () => boolean;
}

const limitSeconds = 60;

/**
 * `deno check` over a staged tree. It runs no code of the function; remote modules are downloaded into a cache of Opsbook's own, with a
 * bare environment: no tokens, no proxies but the editor's, no settings of the person's (SAFETY 1–3).
 */
export function createTypeChecker(needs: TypeCheckerNeeds): TypeChecker {
  return {
    async check({ tree, entrypoint, importMap }, signal) {
      if (!needs.isTrusted()) {
        throw new OpsError('untrusted', { what: 'Running Deno' });
      }
      const program = await findExecutable('deno', { searchPath: needs.searchPath, forbiddenFolders: needs.forbiddenFolders });
      if (program === undefined) {
        return undefined;
      }
      const config = importMap === undefined ? ['--no-config'] : isDenoConfig(importMap) ? ['--config', importMap] : ['--no-config', '--import-map', importMap];
      const { exitCode, output } = await run(needs, program, ['check', '--no-lock', '--allow-import', ...config, '--', entrypoint], tree, signal);
      const findings = readFindings(output, await realpath(tree));
      return exitCode === 0 || findings.length > 0 ? findings : [{ path: entrypoint, line: 1, column: 1, message: lastWords(output) }];
    },
  };
}

async function run(needs: TypeCheckerNeeds, program: string, args: readonly string[], tree: string, signal: AbortSignal): Promise<{ exitCode: number; output: string }> {
  throwIfCancelled(signal);
  const { execa } = await import('execa');
  await mkdir(needs.cacheFolder, { recursive: true, mode: 0o700 });
  const child = execa(program, args, {
    cwd: tree,
    env: await environmentOf(needs),
    extendEnv: false,
    preferLocal: false,
    stdin: 'ignore',
    all: true,
    maxBuffer: 4 * 1024 * 1024,
    cancelSignal: signal,
    timeout: limitSeconds * 1000,
    forceKillAfterDelay: 1000,
    killDescendants: true,
    windowsHide: true,
    reject: false,
  });
  const result = await child;
  if (signal.aborted || result.timedOut) {
    endGroup(child.pid);
  }
  throwIfCancelled(signal);
  if (result.timedOut) {
    throw new OpsError('timedOut', { operation: 'deno check', seconds: limitSeconds });
  }
  return { exitCode: result.exitCode ?? -1, output: result.all };
}

async function environmentOf({ environment, searchPath, forbiddenFolders, cacheFolder, proxy = '' }: TypeCheckerNeeds) {
  return {
    ...allowedEnvironment(environment),
    PATH: await trustedSearchPath(searchPath, forbiddenFolders),
    HOME: cacheFolder,
    USERPROFILE: cacheFolder,
    DENO_DIR: path.join(cacheFolder, 'deno'),
    DENO_NO_UPDATE_CHECK: '1',
    DENO_NO_PROMPT: '1',
    NO_COLOR: '1',
    HTTPS_PROXY: proxy,
    HTTP_PROXY: proxy,
  };
}

function lastWords(output: string): string {
  return output.split('\n').filter((line) => line.trim() !== '').slice(-3).join(' ').replace(/^error: /, '');
}
