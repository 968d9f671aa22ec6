import path from 'node:path';
import { OpsError, isOpsError } from '../core/errors.ts';
import { Ledger } from '../core/functions/ledger.ts';
import type { Clock, CommitNotes, GitHistory, StagingArea, SupabaseCli, TagWriter, TypeChecker } from '../core/ports.ts';
import type { Account, Accounts } from '../core/project/accounts.ts';
import { configPath } from '../core/project/config.ts';
import type { Connection } from '../core/project/connection.ts';
import type { Place } from '../core/project/project.ts';
import { findCli } from './cli/findCli.ts';
import { createSupabaseCli, type CliVersions } from './cli/supabaseCli.ts';
import { createTypeChecker } from './deno/typeChecker.ts';
import { createBodyArchive } from './files/bodyArchive.ts';
import { digest } from './files/digest.ts';
import { createJournal } from './files/journal.ts';
import { createLocks } from './files/locks.ts';
import { createPlaceFiles } from './files/placeFiles.ts';
import { createPlaceWriter } from './files/placeWriter.ts';
import { createRollingJournal } from './files/rollingJournal.ts';
import { createStagingArea } from './files/stagingArea.ts';
import { tomlReader } from './files/toml.ts';
import { findGit } from './git/findGit.ts';
import { createCommitNotes } from './git/commitNotes.ts';
import { createGitHistory, type GitHistoryNeeds } from './git/gitHistory.ts';

export interface DeployToolsNeeds {
  readonly accounts: Accounts;
  readonly clock: Clock;
  /** The editor's own environment; only what programs need to run at all is passed on. */
  readonly environment: NodeJS.ProcessEnv;
  /** Opsbook's own folder for ledgers, bodies, locks and staged trees. */
  readonly storageFolder: string;
  readonly isTrusted: () => boolean;
  readonly workspaceFolders: () => readonly string[];
  readonly settings: () => { readonly gitPath: string; readonly cliPath: string; readonly dashboardUrl: string; readonly projectHost: string; readonly proxy: string };
}

/** What deploying from a place to a hosted project takes: history, files, CLI, staging, ledger. Found anew for each project. */
export function createDeployTools(needs: DeployToolsNeeds) {
  const folder = (...parts: string[]) => path.join(needs.storageFolder, ...parts);
  const staging = createStagingArea(folder('staging'));
  const versions: CliVersions = new Map();
  const cliFor = (account: Account | undefined) => supabaseCli(needs, { staging, versions, account });
  /** What this machine keeps of deploys to a project; no program is run for it. */
  const recordsOf = (ref: string) => ({
    bodies: createBodyArchive(folder('bodies')),
    staging,
    locks: createLocks(folder('locks')),
    ledger: new Ledger(createJournal(folder('ledger', `${ref}.jsonl`)), needs.clock),
    digest,
    settings: createRollingJournal({ folder: folder('settings', ref), fileBytes: 500_000, files: 3 }),
  });
  const toolsFor = async (connection: Connection, signal: AbortSignal) => {
    const { place, account, project } = connection;
    if (!place) {
      throw new OpsError('notFound', { what: 'A folder with supabase/functions' });
    }
    const git = await historyOf(needs, place, signal);
    return {
      files: createPlaceFiles(place.folder),
      writer: createPlaceWriter(place.folder),
      types: typeChecker(needs, folder('deno')),
      ...(git ? { git } : {}),
      toml: tomlReader,
      cli: cliFor(account),
      ...recordsOf(project.ref),
    };
  };
  /** One for each place: it keeps what it read until somebody adds to it. */
  const notes = new Map<string, CommitNotes>();
  /** `undefined` where there is no repository. Throws `untrusted`, `gitFailed`. */
  const notesOf = async (place: Place, signal: AbortSignal): Promise<CommitNotes | undefined> => {
    const known = notes.get(place.folder) ?? (await inRepository(needs, place, async (repository) => createCommitNotes(repository, signal)));
    if (known) {
      notes.set(place.folder, known);
    }
    return known;
  };
  /** What the local stack of a place says of itself; `undefined` without one, a CLI or trust. Only `config.toml` is shown to the CLI. */
  const localStatus = async (place: Place): Promise<Readonly<Record<string, string>> | undefined> => {
    const signal = AbortSignal.timeout(30_000);
    try {
      const config = await createPlaceFiles(place.folder).read(configPath, signal);
      return config && (await staging.withTree(new Map([[configPath, config]]), async (tree) => cliFor(undefined).localStatus(tree, signal)));
    } catch (error) {
      if (isOpsError(error)) {
        return undefined;
      }
      throw error;
    }
  };
  return { toolsFor, localStatus, recordsOf, notesOf };
}

function typeChecker(needs: DeployToolsNeeds, cacheFolder: string): TypeChecker {
  const { environment, isTrusted } = needs;
  return createTypeChecker({ environment, isTrusted, searchPath: environment['PATH'] ?? '', forbiddenFolders: needs.workspaceFolders(), cacheFolder, proxy: needs.settings().proxy });
}

function supabaseCli(needs: DeployToolsNeeds, { staging, versions, account }: { readonly staging: StagingArea; readonly versions: CliVersions; readonly account: Account | undefined }): SupabaseCli {
  const forbiddenFolders = needs.workspaceFolders();
  const { cliPath, dashboardUrl, projectHost, proxy } = needs.settings();
  return createSupabaseCli({
    find: async () => findCli({ setting: cliPath, searchPath: needs.environment['PATH'] ?? '', forbiddenFolders }),
    staging,
    versions,
    account: async () => {
      if (!account) {
        throw new OpsError('notSignedIn', {});
      }
      return { token: await needs.accounts.token(account), apiUrl: account.origin, dashboardUrl, projectHost };
    },
    forbiddenFolders,
    environment: needs.environment,
    ...(proxy === '' ? {} : { proxy }),
    isTrusted: needs.isTrusted,
  });
}

/** `undefined` where there is no history to read: deploying the working tree still works. Throws `untrusted`, `gitFailed`. */
async function historyOf(needs: DeployToolsNeeds, place: Place, signal: AbortSignal): Promise<(GitHistory & TagWriter) | undefined> {
  return inRepository(needs, place, async (repository) => createGitHistory(repository, signal));
}

async function inRepository<T>(needs: DeployToolsNeeds, place: Place, open: (repository: GitHistoryNeeds) => Promise<T>): Promise<T | undefined> {
  try {
    const forbiddenFolders = needs.workspaceFolders();
    const program = await findGit({ setting: needs.settings().gitPath, searchPath: needs.environment['PATH'] ?? '', forbiddenFolders });
    return await open({ program, folder: place.folder, forbiddenFolders, environment: needs.environment, isTrusted: needs.isTrusted });
  } catch (error) {
    if (isOpsError(error, 'gitMissing', 'notARepository')) {
      return undefined;
    }
    throw error;
  }
}
