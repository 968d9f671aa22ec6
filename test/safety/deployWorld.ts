/** Everything real that a deploy takes: git, the CLI's binary, Opsbook's own adapters, and a control plane on loopback. */
import path from 'node:path';
import { findGit } from '../../src/adapters/git/findGit.ts';
import { createGitHistory } from '../../src/adapters/git/gitHistory.ts';
import { createBodyArchive } from '../../src/adapters/files/bodyArchive.ts';
import { digest } from '../../src/adapters/files/digest.ts';
import { createJournal } from '../../src/adapters/files/journal.ts';
import { createLocks } from '../../src/adapters/files/locks.ts';
import { createPlaceFiles } from '../../src/adapters/files/placeFiles.ts';
import { createStagingArea } from '../../src/adapters/files/stagingArea.ts';
import { tomlReader } from '../../src/adapters/files/toml.ts';
import { createSupabaseCli } from '../../src/adapters/cli/supabaseCli.ts';
import { Governor } from '../../src/adapters/supabase/governor.ts';
import { createAccountTransport, createManagementApi } from '../../src/adapters/supabase/managementApi.ts';
import { systemClock } from '../../src/adapters/systemClock.ts';
import type { DeployNeeds } from '../../src/core/functions/deploy.ts';
import { Ledger } from '../../src/core/functions/ledger.ts';
import type { PrepareNeeds } from '../../src/core/functions/prepare.ts';
import type { GitHistory, Logger } from '../../src/core/ports.ts';
import type { Sandbox } from '../sandbox/controlPlane.ts';
import { packageFolder } from '../world/provision.ts';

export type CliMajor = 'cli2' | 'cli3';

export const signal = new AbortController().signal;

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** Where a deploy goes; plain data, so that it can be handed to another process. */
export interface Target {
  readonly apiUrl: string;
  readonly ref: string;
  readonly token: string;
  /** The CLI's program. */
  readonly program: string;
  /** Opsbook's own folder. */
  readonly storage: string;
  /** The place. */
  readonly folder: string;
  /** The workspace's folders; the place's own when absent. */
  readonly workspace?: string;
}

/** The native program of a major; the npm shim would add its own 80 ms. */
export function nativeCli(major: CliMajor): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  return path.join(packageFolder(major), '..', '@supabase', `cli-${system}-${process.arch}`, 'bin', 'supabase');
}

/** A folder's deploys to a sandbox; what Opsbook keeps lies beside `home`, the folder itself when absent. */
export function targetOf({ apiUrl, ref, token }: Pick<Sandbox, 'apiUrl' | 'ref' | 'token'>, major: CliMajor, folder: string, home = folder): Target {
  return { apiUrl, ref, token, program: nativeCli(major), folder, storage: path.join(path.dirname(home), 'storage') };
}

/** What `prepareDeploy`, `applyDeploy` and `reconcile` need, with nothing faked. */
export async function openDeploy(target: Target, environment: NodeJS.ProcessEnv = process.env): Promise<PrepareNeeds & DeployNeeds & { readonly git: GitHistory }> {
  const account = { id: 'ada', name: 'ada', origin: target.apiUrl };
  const transport = createAccountTransport({ account, token: target.token, version: '0.0.0', clock: systemClock, governor: new Governor(systemClock), log: silent });
  const forbiddenFolders = [target.workspace ?? target.folder];
  const program = await findGit({ searchPath: environment['PATH'] ?? '', forbiddenFolders });
  const staging = createStagingArea(path.join(target.storage, 'staging'));
  return {
    project: { kind: 'hosted', ref: target.ref, name: 'acme', environment: 'production' },
    management: createManagementApi(transport, account),
    files: createPlaceFiles(target.folder),
    git: await createGitHistory({ program, folder: target.folder, forbiddenFolders, environment, isTrusted: () => true }, signal),
    toml: tomlReader,
    cli: createSupabaseCli({
      find: async () => target.program,
      staging,
      account: async () => ({ token: target.token, apiUrl: target.apiUrl, dashboardUrl: target.apiUrl, projectHost: 'supabase.test' }),
      forbiddenFolders,
      environment,
      isTrusted: () => true,
    }),
    staging,
    locks: createLocks(path.join(target.storage, 'locks')),
    ledger: new Ledger(createJournal(path.join(target.storage, 'ledger.jsonl')), systemClock),
    bodies: createBodyArchive(path.join(target.storage, 'bodies')),
    digest,
    clock: systemClock,
    log: silent,
    who: 'ada',
  };
}
