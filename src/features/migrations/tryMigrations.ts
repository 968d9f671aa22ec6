/** Runs what is pending on a database that the person names, in one transaction that is rolled back, and says what came of it. */
import { OpsError, isOpsError } from '../../core/errors.ts';
import type { Clock, Database, SecretStore, SqlGrammar } from '../../core/ports.ts';
import { need, type Connection } from '../../core/project/connection.ts';
import { isForTrying, type Place } from '../../core/project/project.ts';
import type { PlaceReader } from '../../core/functions/placeReader.ts';
import { readAppliedMigrations } from '../../core/sql/catalog.ts';
import { allPending, unfiled } from '../../core/sql/lint/roles.ts';
import { planTrial, type PlannedMigration } from '../../core/sql/trial/plan.ts';
import type { TrialResults } from '../../core/sql/trial/results.ts';
import { statementMs, totalMs, tryMigrations, type TriedMigration } from '../../core/sql/trial/run.ts';
import { askConnectionString } from '../../host/connectionString.ts';
import type { Consent } from '../../host/consent.ts';
import type { Documents } from '../../host/documents.ts';
import { errorMessage } from '../../host/errorMessage.ts';
import { plainLabel } from '../../host/plainText.ts';
import type { Ui } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';
import type { MigrationDocuments } from './documents.ts';
import { trialDatabases, type Opener, type TrialDatabaseNeeds } from './trialDatabases.ts';
import { summaryOf, trialReport } from './trialReport.ts';

export interface TryNeeds extends TrialDatabaseNeeds {
  readonly places: Pick<PlaceReader, 'sqlFiles'>;
  readonly grammar: SqlGrammar;
  readonly trials: TrialResults;
  readonly consent: Consent;
  readonly secrets: SecretStore;
  readonly documents: Pick<Documents, 'showReport'>;
  readonly ui: Ui;
  readonly clock: Clock;
  readonly isTrusted: () => boolean;
}

const folder = 'supabase/migrations';

/** Migrations that the plan names; the others are counted. */
const mostNamed = 15;

export async function tryPendingMigrations(needs: TryNeeds, editors: MigrationDocuments): Promise<void> {
  const { session, ui } = needs;
  const { place } = session;
  if (!needs.isTrusted()) {
    throw new OpsError('untrusted', { what: l10n.t('Trying migrations') });
  }
  if (place === undefined) {
    throw new OpsError('notFound', { what: l10n.t('A folder with supabase/migrations') });
  }
  const choices = await ui.progress(l10n.t('Looking for databases'), async (signal) => trialDatabases(needs, place, signal));
  if (choices.length === 0) {
    throw new OpsError('notFound', { what: l10n.t('A local stack or a preview branch to try migrations on') });
  }
  const open = await ui.pick(l10n.t('Try Migrations On'), choices, l10n.t('A local stack or a preview branch; never a database that is production'));
  const { connection, done } = await connected(needs, open);
  try {
    await tryOn(needs, editors, place, connection);
  } catch (error) {
    if (connection.project.kind !== 'hosted' || session.isCurrent(connection) || !isOpsError(error, 'databaseRefused', 'unreachable', 'tlsRefused')) {
      throw error;
    }
    // What would be offered otherwise is for the project that the window has open.
    ui.error(errorMessage(error).message, { label: l10n.t('Set Connection String of {0}', plainLabel(visibleLine(connection.project.name))), run: async () => askConnectionString(needs, connection) });
  } finally {
    await done();
  }
}

/** With a way that can hold a transaction, which the API alone is not. */
async function connected({ session, ui, secrets }: TryNeeds, open: Opener): ReturnType<Opener> {
  const opened = await open();
  const { connection, done } = opened;
  if (connection.database.kind === 'available' && connection.database.use.capabilities.transactions) {
    return opened;
  }
  try {
    await askConnectionString({ ui, secrets }, connection);
  } finally {
    await done();
  }
  if (!session.isCurrent(connection)) {
    return open();
  }
  await session.start(session.allPlaces);
  return { connection: session.connection(), done: async () => {} };
}

async function tryOn(needs: TryNeeds, editors: MigrationDocuments, place: Place, connection: Connection): Promise<void> {
  const { ui, consent, grammar, trials, clock } = needs;
  const { project } = connection;
  const database = databaseOf(connection);
  const { planned, without } = await ui.progress(l10n.t('Reading migrations'), async (signal) => {
    const { pending, ...facts } = await pendingTexts(needs, editors, place, database, signal);
    return { planned: await planTrial(pending, grammar, signal), ...facts };
  });
  if (planned.length === 0) {
    ui.tell(l10n.t('Nothing is pending: every migration of {0} is applied to {1}.', visibleLine(place.name), visibleLine(project.name)));
    return;
  }
  await consent.ask(project, planFor(connection, database, planned), 'writes');
  const tried = await ui.progress(l10n.t('Trying migrations on {0}', visibleLine(project.name)), async (signal, report) =>
    tryMigrations(planned, { database, clock }, signal, ({ path }) => report(nameOf(path))),
  );
  trials.take(tried, visibleLine(project.name), (path) => editors.uriOf(place, path));
  await tell(needs, editors, place, connection, tried, without);
}

function databaseOf({ project, database: way }: Connection): Database {
  const database = need(way, l10n.t('Trying migrations'));
  // Whoever offers it has looked; nothing runs here on anybody's word.
  if (!isForTrying(project)) {
    throw new OpsError('notSent', { because: l10n.t('{0} counts as production. Migrations are tried on a local stack or a preview branch alone.', visibleLine(project.name)) });
  }
  if (!database.capabilities.transactions) {
    throw new OpsError('absent', { what: l10n.t('Trying migrations'), reason: 'noDatabaseConnection' });
  }
  return database;
}

async function pendingTexts({ places }: TryNeeds, editors: MigrationDocuments, place: Place, database: Database, signal: AbortSignal) {
  const [files, applied] = await Promise.all([places.sqlFiles(place, folder, signal), readAppliedMigrations(database, { signal, priority: 'user' })]);
  if (applied === undefined) {
    throw new OpsError('notSent', { because: l10n.t('which migrations were applied cannot be read from this database, so that it is not known what is pending.') });
  }
  const texts = new Map(files.map(({ path, text }) => [path, editors.openText(place, path) ?? text]));
  const paths = [...texts.keys()];
  return { pending: allPending(paths, applied).map(({ path, outOfOrder }) => ({ path, outOfOrder, text: texts.get(path) ?? '' })), without: unfiled(paths, applied) };
}

function planFor({ project }: Connection, database: Database, planned: readonly PlannedMigration[]) {
  const named = planned.slice(0, mostNamed).map(({ path, statements }) => l10n.t('{0}: {1} statements', nameOf(path), statements.length));
  return {
    question: l10n.t('Run {0} pending migrations on {1} and roll them back?', planned.length, visibleLine(project.name)),
    detail: [
      l10n.t('On {0}, in order and in one transaction, which is rolled back whatever happens:', visibleLine(database.address)),
      ...named,
      ...(planned.length > mostNamed ? [l10n.t('… and {0} more', planned.length - mostNamed)] : []),
      '',
      l10n.t('Until then the tables that they change are locked, most of them for reading too: whoever uses this database meanwhile, an app of yours included, waits, for {0} seconds at most and as long as rolling back takes.', totalMs / 1000),
      l10n.t('A statement has {0} seconds, and waits a tenth of one for a lock that somebody else has.', statementMs / 1000),
      l10n.t('Not undone by rolling back: sequences keep their new values, and what code does elsewhere (dblink, http, ending sessions) is done.'),
    ],
    action: l10n.t('Run and Roll Back'),
  };
}

async function tell({ ui, documents, clock }: TryNeeds, editors: MigrationDocuments, place: Place, { project, database: way }: Connection, tried: readonly TriedMigration[], without: readonly string[]): Promise<void> {
  const name = visibleLine(project.name);
  const address = way.kind === 'available' ? way.use.address : '';
  const text = trialReport({ tried, project: name, address, at: clock.now(), unfiled: without });
  const report = { label: l10n.t('Show Report'), run: async () => documents.showReport(`Migrations tried on ${name}.md`, text) };
  const summary = summaryOf(tried, name);
  const stopped = tried.find(({ outcome }) => outcome.kind === 'failed' || outcome.kind === 'unknown');
  if (stopped?.outcome.kind === 'failed' || stopped?.outcome.kind === 'unknown') {
    await editors.show(place, stopped.migration.path, stopped.outcome.at);
    ui.warn(summary, report);
  } else {
    ui.tell(summary, report);
  }
}

function nameOf(path: string): string {
  return visibleLine(path.split('/').at(-1) ?? path);
}
