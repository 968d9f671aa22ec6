/** A window without VS Code in which functions are rolled back, and the bare CLI beside it. */
import { execFile, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { cliEnvironment, profileFile, profileText } from '../../src/adapters/cli/cliEnvironment.ts';
import { deployArguments } from '../../src/adapters/cli/deployArguments.ts';
import { createConnector } from '../../src/adapters/connect.ts';
import { createDeployTools } from '../../src/adapters/deployTools.ts';
import { readText } from '../../src/adapters/files/userFiles.ts';
import { createSqlGrammar } from '../../src/adapters/sql/grammar.ts';
import { systemClock } from '../../src/adapters/systemClock.ts';
import { stagedFiles } from '../../src/core/functions/stage.ts';
import { collectFunction } from '../../src/core/functions/source.ts';
import { CommitTree } from '../../src/core/functions/sourceTree.ts';
import type { FunctionBody } from '../../src/core/functions/edgeFunction.ts';
import { Accounts } from '../../src/core/project/accounts.ts';
import type { Connection } from '../../src/core/project/connection.ts';
import type { Place } from '../../src/core/project/project.ts';
import { deployWanted } from '../../src/features/deploy/deploy.ts';
import type { DeployFeatureNeeds } from '../../src/features/deploy/needs.ts';
import { rollBack, rollBackToBefore } from '../../src/features/deploy/rollback.ts';
import { createConsent } from '../../src/host/consent.ts';
import type { Choice, Ui } from '../../src/host/ui.ts';
import { FakeHttpClient } from '../fakes/gateway.ts';
import { FakeLogger } from '../fakes/logger.ts';
import { FakeSecretStore } from '../fakes/secretStore.ts';
import { FakeStorage } from '../fakes/storage.ts';
import { FakeUi } from '../fakes/ui.ts';
import { cliBinary, versions } from '../world/provision.ts';
import { RivalAbsent, timed, type Run } from './benchmark.ts';
import type { LongHistory } from './liveHistory.ts';
import type { Service } from './service.ts';

const run = promisify(execFile);

/** Rolled back again and again; shared code, an import map and a config are among what is sent. */
const slug = 'fn-24';

export type Major = 'cli3' | 'cli2';

/** What was done, and how long the process of the CLI took of it; `wait`: until the commits were offered. */
export interface Rollback extends Run {
  readonly child: number;
  readonly wait?: number;
}

export interface RollbackWindow {
  readonly major: Major;
  readonly history: LongHistory;
  picked(): Promise<Rollback>;
  toBefore(): Promise<Rollback>;
  bareCli(): Promise<Run>;
  close(): Promise<void>;
}

/** Everything behind the commands is what `extension.ts` builds; the person answers at once. */
export async function openRollbackWindow(service: Service, history: LongHistory, major: Major, storageFolder: string): Promise<RollbackWindow> {
  const [log, clock, secrets] = [new FakeLogger(), systemClock, new FakeSecretStore()];
  const accounts = new Accounts({ secrets, storage: new FakeStorage() });
  const account = await accounts.add('owner', service.apiUrl, service.token);
  const grammar = createSqlGrammar({ workerPath: new URL('../../src/adapters/sql/parse.worker.ts', import.meta.url) });
  const connector = createConnector({
    accounts, secrets, clock, log, grammar,
    version: '0.0.0-bench',
    settings: () => ({ gatewayUrl: service.gatewayUrl, caFile: '' }),
    readFile: readText,
    localStack: () => Promise.reject(new Error('there is no local stack')),
  });
  const place: Place = { id: pathToFileURL(history.folder).href, name: 'work', folder: history.folder };
  const project = await (await connector.management(account)).project(service.ref, { signal: AbortSignal.timeout(10_000), priority: 'user' });
  const connection = await connector.connect({ kind: 'hosted', accountId: account.id, project }, place);
  const program = cliBinary(major);
  const { toolsFor, recordsOf } = createDeployTools({
    accounts, clock, storageFolder,
    environment: process.env,
    isTrusted: () => true,
    workspaceFolders: () => [history.folder],
    settings: () => ({ gitPath: '', cliPath: program, dashboardUrl: service.apiUrl, projectHost: 'supabase.test', proxy: '' }),
  });
  const person = new Person();
  const needs: DeployFeatureNeeds = {
    session: { connection: () => connection, forget: () => connection.data.forget() },
    commands: { run: async () => {} },
    consent: createConsent({ ui: person, clock }),
    ui: person,
    clock,
    log,
    places: { functions: async () => [slug] },
    http: new FakeHttpClient(),
    editors: { compare: async () => true, open: async () => {} },
    problems: { replace: () => {} },
    settings: () => ({ typeCheck: false, probes: [], askReason: false, shareLedger: false }),
    isTrusted: () => true,
    tools: toolsFor,
    records: async (ref) => recordsOf(ref),
    runbookProbes: async () => [],
    notes: async () => undefined,
    runInTerminal: async () => 0,
  };
  const signal = AbortSignal.timeout(600_000);
  const { git, toml } = await toolsFor(connection, signal);
  if (!git) {
    throw new RivalAbsent('git');
  }
  // The last commit that changed the function before the last one: what is good.
  const [, good] = await git.commitsTouching([`supabase/functions/${slug}/handler.ts`], 2, signal);
  const source = await collectFunction(slug, new CommitTree(git, good?.hash ?? ''), { toml }, signal);
  const files = stagedFiles(source, service.ref, source.verifyJwt);
  const bad = history.deployed.find((fn) => fn.slug === slug)?.files ?? new Map<string, string>();
  const bare = await bareCommand(program, major, { service, token: service.token, files, verifyJwt: source.verifyJwt, folder: `${storageFolder}-bare` });
  const children = watchChildren(program);
  const rolledBack = async (command: () => Promise<void>): Promise<Rollback> => {
    person.begin();
    children.begin();
    const begun = performance.now();
    await command();
    const ended = performance.now();
    const { picked } = person.end();
    return { value: ended - (picked?.at ?? begun), child: children.taken(), work: await liveFiles(connection), ...(picked ? { wait: picked.at - begun } : {}) };
  };
  person.commit = good?.hash ?? '';
  return {
    major,
    history,
    picked: async () => {
      await uploadElsewhere(service, bad);
      return rolledBack(async () => rollBack(needs, slug));
    },
    toBefore: async () => {
      await rollBack(needs, slug);
      await deployWanted(needs, slug, false);
      return rolledBack(async () => rollBackToBefore(needs, slug));
    },
    bareCli: async () => {
      await uploadElsewhere(service, bad);
      const { value } = await timed(bare);
      return { value, work: await liveFiles(connection) };
    },
    close: async () => {
      children.stop();
      await connection.close();
      await grammar.close();
    },
  };
}

/** Picks a commit and agrees to every plan; anything but a rollback that went through is an error. */
class Person extends FakeUi implements Ui {
  commit = '';
  private at: number | undefined;

  begin(): void {
    this.at = undefined;
    this.told.length = 0;
  }

  end(): { readonly picked: { readonly at: number } | undefined } {
    const messages = this.told.map(({ message }) => message);
    if (!/^fn-24 is rolled back: version \d+ is live and verified\.$/.test(messages.join(' | '))) {
      throw new Error(`It was told: ${messages.join(' | ')}`);
    }
    return { picked: this.at === undefined ? undefined : { at: this.at } };
  }

  override async pick<T>(title: string, choices: readonly Choice<T>[] | Promise<readonly Choice<T>[]>): Promise<T> {
    const offered = await choices;
    const chosen = offered.find(({ value }) => (value as { commit?: { hash: string } }).commit?.hash === this.commit);
    if (!chosen) {
      throw new Error(`${title} does not offer ${this.commit}`);
    }
    this.at = performance.now();
    return chosen.value;
  }

  override async consent(): Promise<void> {}
}

/** How long deploys by the CLI's own process take, from its start to its exit. */
function watchChildren(program: string): { begin(): void; taken(): number; stop(): void } {
  let [taken, begun] = [0, 0];
  const watch = (message: unknown): void => {
    const { process: child } = message as { process: ChildProcess };
    const start = performance.now();
    child.once('exit', () => {
      if (child.spawnfile === program && child.spawnargs.includes('deploy')) {
        taken += performance.now() - start;
        begun++;
      }
    });
  };
  subscribe('child_process', watch);
  return {
    begin: () => ([taken, begun] = [0, 0]),
    taken: () => {
      if (begun !== 1) {
        throw new Error(`The CLI deployed ${begun} times.`);
      }
      return taken;
    },
    stop: () => unsubscribe('child_process', watch),
  };
}

interface BareDeploy {
  readonly service: Service;
  readonly token: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly verifyJwt: boolean | undefined;
  readonly folder: string;
}

/** The program in a folder that is laid out once, with the arguments and the environment that Opsbook gives it. */
async function bareCommand(program: string, major: Major, { service, token, files, verifyJwt, folder }: BareDeploy): Promise<() => Promise<void>> {
  const [tree, current, home, profile] = ['tree', 'current', 'home', profileFile].map((name) => path.join(folder, name)) as [string, string, string, string];
  await Promise.all([current, home].map(async (name) => mkdir(name, { recursive: true })));
  await writeFile(profile, profileText({ apiUrl: service.apiUrl, dashboardUrl: service.apiUrl, projectHost: 'supabase.test' }));
  for (const [name, content] of files) {
    await mkdir(path.dirname(path.join(tree, name)), { recursive: true });
    await writeFile(path.join(tree, name), content);
  }
  const args = deployArguments({ text: versions[major], major: Number(versions[major].split('.')[0]) }, { tree, ref: service.ref, slug, verifyJwt });
  const env = { ...cliEnvironment(process.env, process.env['PATH'] ?? '', { current, home, profile }), SUPABASE_ACCESS_TOKEN: token };
  return async () => void (await run(program, [...args], { cwd: current, env }));
}

/** As CI would: nothing of it is in the ledger, and its body is not kept here. */
async function uploadElsewhere({ apiUrl, ref, token }: Service, files: ReadonlyMap<string, string>): Promise<void> {
  const form = new FormData();
  const importMap = `supabase/functions/${slug}/deno.json`;
  form.append('metadata', JSON.stringify({ entrypoint_path: `supabase/functions/${slug}/index.ts`, import_map_path: importMap, name: slug }));
  files.forEach((text, file) => form.append('file', new Blob([text]), file));
  const answer = await fetch(`${apiUrl}/v1/projects/${ref}/functions/deploy?slug=${slug}`, { method: 'POST', body: form, headers: { authorization: `Bearer ${token}` } });
  if (!answer.ok) {
    throw new Error(`The upload was answered with ${answer.status}: ${await answer.text()}`);
  }
}

/** What is live, file by file. */
async function liveFiles({ management, project }: Connection): Promise<readonly string[]> {
  if (management.kind === 'absent') {
    throw new Error('there is no Management API');
  }
  const { files }: FunctionBody = await management.use.functionBody(project.ref, slug, { signal: AbortSignal.timeout(10_000), priority: 'user' });
  return [...files].map(([file, content]) => `${file} ${createHash('sha256').update(content).digest('hex')}`);
}
