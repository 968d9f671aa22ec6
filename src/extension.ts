import * as vscode from 'vscode';
import path from 'node:path';
import { createPlaceFiles } from './adapters/files/placeFiles.ts';
import { tomlReader } from './adapters/files/toml.ts';
import { findTokens, readText } from './adapters/files/userFiles.ts';
import { createSqlAnalyst } from './adapters/sql/analyst.ts';
import { createSqlGrammar } from './adapters/sql/grammar.ts';
import { systemClock } from './adapters/systemClock.ts';
import { isOpsError } from './core/errors.ts';
import { LiveCommits } from './core/functions/liveCommits.ts';
import type { EdgeFunction } from './core/functions/edgeFunction.ts';
import type { CallOptions } from './core/ports.ts';
import { ActiveTails } from './core/logs/activeTails.ts';
import { Accounts } from './core/project/accounts.ts';
import { need, probeProject, type Connection } from './core/project/connection.ts';
import type { Place } from './core/project/project.ts';
import { Session } from './core/project/session.ts';
import { Library } from './core/runbook/library.ts';
import { SqlHistory } from './core/sql/history.ts';
import { TrialResults } from './core/sql/trial/results.ts';
import { StepReader } from './core/runbook/stepReader.ts';
import { registerAccount } from './features/account/index.ts';
import { signInFromEnvironment } from './features/account/environment.ts';
import { apiOrigin } from './features/account/takeToken.ts';
import { registerDeploy } from './features/deploy/index.ts';
import { registerDiagnostics } from './features/diagnostics/index.ts';
import { registerFunctions } from './features/functions/index.ts';
import { registerHealth } from './features/health/index.ts';
import { registerInvoke } from './features/invoke/index.ts';
import { registerLogs } from './features/logs/index.ts';
import { registerMigrations } from './features/migrations/index.ts';
import { registerProject } from './features/project/index.ts';
import { declineOffer } from './features/project/offer.ts';
import { chooseProject, selectByRef } from './features/project/select.ts';
import { registerResults } from './features/results/index.ts';
import { registerRunbooks } from './features/runbooks/index.ts';
import { registerSecrets } from './features/secrets/index.ts';
import { registerSql } from './features/sql/index.ts';
import { registerSqlLanguage } from './features/sqlLanguage/index.ts';
import { registerStorage } from './features/storage/index.ts';
import { createCommandRegistry } from './host/commands.ts';
import { createConsent } from './host/consent.ts';
import { createDocuments } from './host/documents.ts';
import { createErrorMarks } from './host/errorMarks.ts';
import { createLogger, describeForLog } from './host/log.ts';
import { allRepositoryFiles, bundledFiles, repositoryFiles } from './host/markdownFiles.ts';
import { createPlaceEditors } from './host/placeEditors.ts';
import { findPlaces, watchPlaces } from './host/places.ts';
import { createProblems } from './host/problems.ts';
import { createSettings } from './host/settings.ts';
import { createSecretStore, createStorage } from './host/storage.ts';
import { createUi } from './host/vscodeUi.ts';
import { Emitter } from './util/event.ts';
import { l10n, translateWith } from './util/l10n.ts';
import { lazily } from './util/lazily.ts';
import { once } from './util/once.ts';

/**
 * Everything that Opsbook is, in the order in which it stands on each other. Nothing is awaited, and nothing heavy is loaded: packages
 * and own code behind `await import(…)` come with their first use.
 */
export function activate(context: vscode.ExtensionContext): void {
  translateWith((message, ...values) => vscode.l10n.t(message, ...values));
  const own = <T extends vscode.Disposable>(item: T): T => {
    context.subscriptions.push(item);
    return item;
  };

  // Host.
  const channel = own(vscode.window.createOutputChannel('Opsbook', { log: true }));
  const log = createLogger(channel);
  const clock = systemClock;
  const ui = createUi();
  const settings = own(createSettings());
  const secrets = createSecretStore(context.secrets);
  const storage = createStorage(context.workspaceState);
  const userStorage = createStorage(context.globalState);
  const commands = createCommandRegistry({ ui, log });
  const consent = createConsent({ ui, clock });
  const documents = own(createDocuments(context.extensionUri));
  const editors = createPlaceEditors(documents);

  // Adapters.
  const { version } = context.extension.packageJSON as { version: string };
  const grammar = createSqlGrammar({ workerPath: path.join(context.extensionPath, 'dist', 'parse.worker.cjs') });
  own({ dispose: () => void grammar.close() });
  const analyst = createSqlAnalyst({ workerPath: path.join(context.extensionPath, 'dist', 'analyst.worker.cjs') });
  own({ dispose: () => void analyst.close() });
  const markdown = once(async () => (await import('./adapters/text/markdown.ts')).loadMarkdownGrammar());
  const http = lazily(async () => (await import('./adapters/supabase/httpClient.ts')).createHttpClient({ version }));
  const accounts = new Accounts({ secrets, storage: userStorage });
  /** Refs of projects whose schema was changed from here. */
  const schemaChanges = own(new Emitter<string>());
  const connector = lazily(async () => (await import('./adapters/connect.ts')).createConnector({
    accounts,
    secrets,
    clock,
    log,
    grammar,
    version,
    turnsFolder: path.join(context.globalStorageUri.fsPath, 'log-queries'),
    settings: () => ({
      gatewayUrl: settings.current['opsbook.gatewayUrl'] || `https://{ref}.${settings.current['opsbook.projectHost']}`,
      caFile: settings.current['opsbook.database.caFile'],
    }),
    readFile: readText,
    schemaChanged: (ref) => schemaChanges.fire(ref),
    localStack: async (place) => local.localStack(place, tomlReader, programs.localStatus),
  }));
  const local = lazily(async () => import('./adapters/localStack.ts'));
  const programs = lazily(async () => (await import('./adapters/deployTools.ts')).createDeployTools({
    accounts,
    clock,
    environment: process.env,
    storageFolder: context.globalStorageUri.fsPath,
    isTrusted: () => vscode.workspace.isTrusted,
    workspaceFolders: () => (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath),
    settings: () => ({
      gitPath: settings.current['opsbook.gitPath'],
      cliPath: settings.current['opsbook.cliPath'],
      dashboardUrl: settings.current['opsbook.dashboardUrl'],
      projectHost: settings.current['opsbook.projectHost'],
      proxy: settings.proxy,
    }),
  }));
  const { toolsFor: deployTools, recordsOf: deployRecords, notesOf } = programs;

  const resultFiles = once(async () => {
    const { createResultFiles } = await import('./adapters/files/resultFiles.ts');
    const files = createResultFiles(path.join(context.globalStorageUri.fsPath, 'results'));
    own({ dispose: () => void files.scratch.dispose() });
    return files;
  });

  const snapshots = once(async () => (await import('./adapters/files/snapshotArchive.ts')).createSnapshotArchive(path.join(context.globalStorageUri.fsPath, 'snapshots')));

  const sqlHistory = new SqlHistory({
    journal: once(async () => (await import('./adapters/files/rollingJournal.ts')).createRollingJournal({ folder: path.join(context.globalStorageUri.fsPath, 'sql-history'), fileBytes: 1_000_000, files: 5 })),
    clock,
    failed: (error) => log.warn('the SQL history could not be written', describeForLog(error)),
  });

  // Services.
  const places = lazily(async () => new (await import('./core/functions/placeReader.ts')).PlaceReader({ filesOf: (place) => createPlaceFiles(place.folder), toml: tomlReader }));
  const session = own(new Session({ accounts, storage, userStorage, log, connect: connector.connect, probe: probeProject }));
  const tails = new ActiveTails();
  const trials = new TrialResults();
  const live = new LiveCommits({ tools: deployTools });
  const deployments = async ({ project: { ref } }: Connection) => (await deployRecords(ref)).ledger.deployments();
  const team = async (connection: Connection, signal: AbortSignal) => {
    const notes = settings.current['opsbook.deploy.shareLedger'] && vscode.workspace.isTrusted && connection.place ? await notesOf(connection.place, signal) : undefined;
    const { teamDeploys } = await import('./core/functions/sharedLedger.ts');
    return notes ? teamDeploys(await notes.read(signal), connection.project.ref, await deployments(connection)) : [];
  };
  const commitsOf = async (connection: Connection, slug: string, deployed: EdgeFunction | undefined, signal: AbortSignal) => {
    const { markedCommits } = await import('./core/functions/past.ts');
    const { git, ...tools } = await deployTools(connection, signal);
    const management = connection.management.kind === 'available' ? { management: connection.management.use } : {};
    return git ? markedCommits(connection.project.ref, slug, deployed, { ...tools, ...management, git, deployments: await tools.ledger.deployments() }, signal) : undefined;
  };
  const lookAtSettings = async ({ project: { ref }, management }: Connection, options: CallOptions) => {
    const { lookAtSettings: look } = await import('./core/project/settingsWatch.ts');
    return look({ ref, management: need(management, l10n.t('Reading the settings')), journal: (await deployRecords(ref)).settings, clock }, options);
  };
  const lastLook = async ({ project: { ref } }: Connection) => (await import('./core/project/settingsWatch.ts')).lastLook((await deployRecords(ref)).settings);
  const sources = [own(repositoryFiles({ settings, session })), bundledFiles(documents, context.extensionUri)];
  const library = own(new Library({ grammar: markdown, sources, unlisted: own(allRepositoryFiles({ session })) }));
  const steps = new StepReader({ interpreter: once(async () => (await import('./adapters/text/interpreter.ts')).loadInterpreter()), session, places });

  // Features.
  const project = { session, accounts, commands, ui, secrets, storage, managementOf: connector.management, localProject: async (place: Place) => local.localProject(place, tomlReader) };
  const { managementFor } = connector;
  own(registerAccount({ accounts, commands, settings, ui, managementFor, findTokens: async () => findTokens(process.env), whenSignedIn: async () => chooseProject(project) }));
  own(registerProject({ ...project, consent, settings, showLog: () => channel.show() }));
  const results = own(registerResults({ extensionUri: context.extensionUri, log, ui, commands, grammar, documents, files: resultFiles }));
  own(registerHealth({ session, tails, clock, commands, documents, ui }));
  own(registerFunctions({ session, editors, tails, clock, commands, ui, places, documents, live, commits: commitsOf, deployments, team, results, history: async (connection, signal) => (await deployTools(connection, signal)).git, tools: deployTools, log, lookAtSettings, lastLook }));
  own(registerLogs({ session, tails, commands, settings, storage, secrets, clock, ui, results, documents, tools: deployTools }));
  own(registerDeploy({ session, http, editors, problems: own(createProblems()), settings: () => ({ typeCheck: settings.current['opsbook.deploy.typeCheck'], probes: settings.current['opsbook.deploy.probes'], askReason: settings.current['opsbook.deploy.askReason'], shareLedger: settings.current['opsbook.deploy.shareLedger'] }), commands, consent, ui, clock, log, places, isTrusted: () => vscode.workspace.isTrusted, tools: deployTools, records: deployRecords, notes: notesOf, runbookProbes: async () => (await import('./core/runbook/probes.ts')).probesOf(await library.documents(), async (step) => steps.interpret(step)), runInTerminal: async (title, call) => (await import('./host/terminal.ts')).runInTerminal(title, call) }));
  own(registerInvoke({ session, commands, ui, consent, clock, documents, settings, storage, secrets, places }));
  own(registerSecrets({ session, clock, commands, consent, ui, places }));
  own(registerDiagnostics({ session, consent, isTrusted: () => vscode.workspace.isTrusted, storage, places, grammar, library, results, documents, commands, clock, ui, snapshots }));
  own(registerStorage({ session, commands, consent, ui, clock, storage, secrets }));
  const errorMarks = own(createErrorMarks());
  own(registerSql({ session, commands, consent, clock, history: sqlHistory, results, documents, settings, grammar, library, storage, ui }, errorMarks));
  own(registerSqlLanguage({ session, settings, library, documents, analyst, log, commands, consent, ui, clock, trials, errorMarks, schemaChanged: schemaChanges.event, exposedSchemas: async (place) => places.exposedSchemas(place, AbortSignal.timeout(5_000)) }));
  own(registerMigrations({ session, commands, consent, ui, secrets, clock, grammar, places, documents, trials, isTrusted: () => vscode.workspace.isTrusted, connect: connector.connect, localProject: project.localProject }));
  own(registerRunbooks({ session, library, results, documents, settings, commands, ui, http, interpret: async (step) => steps.interpret(step) }));

  // Start: what the folder is, then what was chosen for it.
  const begin = async () => session.start(await findPlaces(tomlReader));
  own(watchPlaces(() => void commands.guard('look for projects', async () => session.followPlaces(await findPlaces(tomlReader)))));
  own(vscode.workspace.onDidGrantWorkspaceTrust(() => void commands.guard('look for projects', begin)));
  void commands.guard('start', async () => {
    const problem = await begin().then(() => undefined, (error: unknown) => (error instanceof Error ? error : new Error(String(error))));
    const origin = apiOrigin(settings.current['opsbook.apiUrl']);
    const isTrusted = vscode.workspace.isTrusted;
    const hasSignedIn = await signInFromEnvironment({ environment: process.env, accounts, session, origin, isTrusted, managementFor, log, selectByRef: async (ref, signal) => selectByRef(project, ref, signal), declineOffer: async () => declineOffer(project) });
    // Whoever is signed in since has the project opened by that.
    if (problem !== undefined && !(hasSignedIn && isOpsError(problem, 'notSignedIn'))) {
      throw problem;
    }
  });
}
