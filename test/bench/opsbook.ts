/** Opsbook's services and the sources of its views as `extension.ts` builds them, on a sandbox and without a window. */
import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createConnector } from '../../src/adapters/connect.ts';
import { createPlaceFiles } from '../../src/adapters/files/placeFiles.ts';
import { tomlReader } from '../../src/adapters/files/toml.ts';
import { readText } from '../../src/adapters/files/userFiles.ts';
import { createSqlGrammar } from '../../src/adapters/sql/grammar.ts';
import { systemClock } from '../../src/adapters/systemClock.ts';
import { loadInterpreter } from '../../src/adapters/text/interpreter.ts';
import { loadMarkdownGrammar } from '../../src/adapters/text/markdown.ts';
import { settings } from '../../src/contributions.ts';
import { OpsError } from '../../src/core/errors.ts';
import { LiveCommits } from '../../src/core/functions/liveCommits.ts';
import { PlaceReader } from '../../src/core/functions/placeReader.ts';
import { ActiveTails } from '../../src/core/logs/activeTails.ts';
import { Accounts } from '../../src/core/project/accounts.ts';
import { probeProject } from '../../src/core/project/connection.ts';
import type { Place } from '../../src/core/project/project.ts';
import { Session, type Selection } from '../../src/core/project/session.ts';
import { Library, type FileSource } from '../../src/core/runbook/library.ts';
import { StepReader } from '../../src/core/runbook/stepReader.ts';
import { Mutes } from '../../src/core/advisors/mutes.ts';
import { Advisors } from '../../src/features/diagnostics/advisors.ts';
import { diagnosticsTree, Verdicts } from '../../src/features/diagnostics/tree.ts';
import { functionsTree } from '../../src/features/functions/tree.ts';
import { healthTree } from '../../src/features/health/tree.ts';
import { runbooksTree } from '../../src/features/runbooks/tree.ts';
import { secretsTree } from '../../src/features/secrets/tree.ts';
import type { Row } from '../../src/host/row.ts';
import type { TreeSource } from '../../src/host/treeRows.ts';
import { root } from '../build.ts';
import { FakeLogger } from '../fakes/logger.ts';
import { FakeSecretStore } from '../fakes/secretStore.ts';
import { FakeStorage } from '../fakes/storage.ts';
import type { ServiceFacts } from './service.ts';

/** A view as a window uses it. */
export interface View {
  /** The rows that are displayed: the first level, and what lies under rows that show as expanded. */
  rows(): Promise<readonly Row[]>;
  onDidChange(listener: () => void): void;
}

export type Views = Record<'health' | 'functions' | 'secrets' | 'diagnostics' | 'runbooks', View>;

export interface Opsbook {
  readonly session: Session;
  readonly views: Views;
  /** The sandbox's project, as picking it from the list gives it. */
  readonly selection: Selection;
  close(): Promise<void>;
}

/** Signed in, with the workspace open and nothing chosen. The live commit of functions is left out. */
export async function openOpsbook(sandbox: ServiceFacts): Promise<Opsbook> {
  const [log, clock, secrets, storage, userStorage] = [new FakeLogger(), systemClock, new FakeSecretStore(), new FakeStorage(), new FakeStorage()];
  const accounts = new Accounts({ secrets, storage: userStorage });
  const account = await accounts.add('owner', sandbox.apiUrl, sandbox.token);
  const grammar = createSqlGrammar({ workerPath: new URL('../../src/adapters/sql/parse.worker.ts', import.meta.url) });
  const connector = createConnector({
    accounts, secrets, clock, log, grammar,
    version: '0.0.0-bench',
    settings: () => ({ gatewayUrl: sandbox.gatewayUrl, caFile: sandbox.caPath ?? '' }),
    readFile: readText,
    localStack: () => Promise.reject(new Error('there is no local stack')),
  });
  const session = new Session({ accounts, storage, userStorage, log, connect: connector.connect, probe: probeProject });
  const place: Place = { id: pathToFileURL(sandbox.workspace).href, name: path.basename(sandbox.workspace), folder: sandbox.workspace };
  await session.start([place]);
  const places = new PlaceReader({ filesOf: ({ folder }) => createPlaceFiles(folder), toml: tomlReader });
  const library = new Library({ grammar: loadMarkdownGrammar, sources: [filesOf(place.folder, settings['opsbook.runbooks.files'].default, 'repository'), filesOf(root, ['runbooks/**/*.md'], 'bundled')] });
  const steps = new StepReader({ interpreter: loadInterpreter, session, places });
  const tails = new ActiveTails();
  const live = new LiveCommits({ tools: () => Promise.reject(new OpsError('absent', { what: 'the live commit', reason: 'noGitHistory' })) });
  const project = await (await connector.management(account)).project(sandbox.ref, { signal: AbortSignal.timeout(10_000), priority: 'user' });
  return {
    session,
    selection: { kind: 'hosted', accountId: account.id, project },
    views: {
      health: view(healthTree({ session, tails })),
      functions: view(functionsTree({ session, tails, clock, places, live, commits: async () => [], team: async () => [], deployments: async () => [] })),
      secrets: view(secretsTree({ session, clock, places })),
      diagnostics: view(diagnosticsTree({ session, library, verdicts: new Verdicts(), advisors: new Advisors({ session, mutes: new Mutes(storage) }) })),
      runbooks: view(runbooksTree({ session, library, interpret: async (step) => steps.interpret(step) })),
    },
    close: async () => {
      session.dispose();
      library.dispose();
      await grammar.close();
    },
  };
}

function view<N>(source: TreeSource<N>): View {
  const rowsUnder = async (node: N | undefined): Promise<readonly Row[]> => {
    const nodes = await source.children(node);
    const rows = await Promise.all(
      nodes.map(async (child) => {
        const row = source.row(child);
        return row.expandable === 'expanded' ? [row, ...(await rowsUnder(child))] : [row];
      }),
    );
    return rows.flat();
  };
  return { rows: async () => rowsUnder(undefined), onDidChange: (listener) => void source.onDidChange(listener) };
}

function filesOf(folder: string, globs: readonly string[], origin: 'bundled' | 'repository'): FileSource {
  const list = async () => {
    const files: string[] = [];
    for await (const file of glob([...globs], { cwd: folder })) {
      files.push(file);
    }
    return files.sort().map((label) => ({ uri: pathToFileURL(path.join(folder, label)).href, label, origin, read: async () => readFile(path.join(folder, label), 'utf8') }));
  };
  return { list, onDidChange: () => ({ dispose: () => {} }) };
}
