/** The real Supabase CLI, run as a person's shell would not: from an empty directory and with a bare environment (SAFETY.md 1). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { Sandbox } from '../sandbox/controlPlane.ts';
import { packageFolder, provision, versions } from '../world/provision.ts';

export type CliMajor = 'cli2' | 'cli3';

export interface CliRun {
  code: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  /** Folder that contains `supabase/`. Default: an empty one. */
  workdir?: string;
  /** Written to the standard input. */
  input?: string;
  token?: string;
  /** Added to the bare environment, e.g. `PGPASSWORD`: a URL in an argument would show its password. */
  environment?: Record<string, string>;
}

export interface SupabaseCli {
  version: string;
  /** Runs to the end, whatever the exit code. */
  run(args: string[], options?: RunOptions): Promise<CliRun>;
  remove(): Promise<void>;
}

/** What the CLI has to know of a sandbox. */
export type CliTarget = Pick<Sandbox, 'profilePath' | 'token'>;

/** The binary of a major against a sandbox; provisions it if it is missing. */
export async function openCli(major: CliMajor, sandbox: CliTarget): Promise<SupabaseCli> {
  await provision(major);
  const binary = nativeBinary(major);
  const folder = await mkdtemp(path.join(tmpdir(), 'opsbook-cli-'));
  const [cwd, home, workdir] = await Promise.all(['cwd-', 'home-', 'workdir-'].map((name) => mkdtemp(path.join(folder, name))));
  return {
    version: versions[major],
    run: (args, options = {}) =>
      run({
        command: [binary, ...args, '--workdir', options.workdir ?? workdir ?? folder],
        cwd: cwd ?? folder,
        environment: { ...environment(sandbox, home ?? folder, options.token ?? sandbox.token), ...options.environment },
        input: options.input ?? '',
      }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Called by its absolute path: the npm shim costs 80 ms and looks at the environment (SUPABASE.md §1.6). */
function nativeBinary(major: CliMajor): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = process.platform === 'win32' ? 'supabase.exe' : 'supabase';
  return path.join(packageFolder(major), '..', '@supabase', `cli-${system}-${process.arch}`, 'bin', name);
}

function environment(sandbox: CliTarget, home: string, token: string): Record<string, string> {
  return {
    HOME: home,
    PATH: '/usr/bin:/bin',
    SUPABASE_PROFILE: sandbox.profilePath,
    SUPABASE_ACCESS_TOKEN: token,
    SUPABASE_NO_KEYRING: '1',
    SUPABASE_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
    SUPABASE_NO_UPDATE_NOTIFIER: '1',
    NO_COLOR: '1',
    HTTP_PROXY: '',
    HTTPS_PROXY: '',
    NODE_TLS_REJECT_UNAUTHORIZED: '1',
  };
}

interface Command {
  command: string[];
  cwd: string;
  environment: Record<string, string>;
  input: string;
}

/**
 * `cat |` makes the standard input a pipe: Node gives children a socket, and Linux refuses to open a socket as `/dev/stdin`,
 * which is how the CLI reads secrets that shall not stand in a file.
 */
async function run({ command, cwd, environment: env, input }: Command): Promise<CliRun> {
  const child = spawn('/bin/sh', ['-c', 'cat | "$@"', 'sh', ...command], { cwd, env });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  // A program that does not read its input may be gone before it is written.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code: code ?? -1, ...output };
}
