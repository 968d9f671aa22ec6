/** Runs statements, one after the other, in the results tab of their document. */
import { OpsError, isOpsError } from '../../core/errors.ts';
import type { Database, StatementRequest } from '../../core/ports.ts';
import { need, type Connection } from '../../core/project/connection.ts';
import { bindValues } from '../../core/sql/placeholders.ts';
import type { SqlRunStart } from '../../core/sql/history.ts';
import { OpenTransaction } from '../../core/sql/openTransaction.ts';
import { gather, type Cell, type ResultEvent } from '../../core/sql/result.ts';
import type { InspectedStatement } from '../../core/sql/run.ts';
import { describeIdentity, type Identity } from '../../core/sql/roles/identity.ts';
import { errorMessage } from '../../host/errorMessage.ts';
import type { RunEnd, ShownPart, ShownTab } from '../../host/results.ts';
import type { Ui } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';
import { visible, visibleLine } from '../../util/visible.ts';
import type { ChosenIdentity } from './chooseIdentity.ts';
import type { ErrorMarks } from '../../host/errorMarks.ts';
import { markFault } from './markFault.ts';
import type { Mode, PlacedStatement, SqlNeeds, Wanted } from './needs.ts';
import { askValues, type GivenValues } from './parameters.ts';
import { chooseMode, isTriedOnly, prepareStatements, refuseWhatNoRoleCanRun, type PreparedStatements } from './prepare.ts';
import { runScript } from './script.ts';

/** Nobody counts so far. */
const noLimit = 2_000_000_000;

/** Fetching all rows may take its time, in milliseconds. */
const longest = 600_000;

/** Reads go to a connection that the server keeps read-only; whatever else is asked about first, with what it would do. */
export async function runStatements(needs: SqlNeeds, marks: ErrorMarks, wanted: Wanted, as?: ChosenIdentity): Promise<RunEnd> {
  const connection = needs.session.connection();
  const database = need(connection.database, l10n.t('Running SQL'));
  if (wanted.statements.length === 0) {
    throw new OpsError('notFound', { what: l10n.t('A statement to run') });
  }
  const prepared = await prepareStatements(needs, database, wanted, marks);
  const { inspected } = prepared;
  if (as) {
    refuseWhatNoRoleCanRun(database, inspected);
  }
  const given = await askValues(needs, database, inspected);
  if (inspected.some(({ classification }) => classification.control !== undefined)) {
    return runScript(needs, inspected, async (body) => runInspected(needs, marks, only(prepared, body), given, as));
  }
  return runInspected(needs, marks, prepared, given, as);
}

function only({ wanted, inspected }: PreparedStatements, body: readonly InspectedStatement[]): PreparedStatements {
  return { wanted: { ...wanted, statements: wanted.statements.filter((_, index) => body.some((each) => each === inspected[index])) }, inspected: body };
}

/** Asks whether they may do what they do, runs them, and marks the one that fails. */
async function runInspected(needs: SqlNeeds, marks: ErrorMarks, { wanted, inspected }: PreparedStatements, given: GivenValues, as: ChosenIdentity | undefined): Promise<RunEnd> {
  const connection = needs.session.connection();
  const database = need(connection.database, l10n.t('Running SQL'));
  // Should it end while somebody is asked, what was meant for it fails and runs nowhere else.
  const transaction = needs.transactions.on(connection);
  const mode = await chooseMode(needs, connection, database, inspected, { as: as?.identity, chosen: wanted.mode });
  const inTransaction = mode === 'held' && transaction !== undefined;
  const way = inTransaction ? transaction : database;
  const parts = inspected.map((statement, index) => {
    const own = modeOf(statement, mode);
    const keep = recorder(needs, connection, { inspected: statement, placed: wanted.statements[index], given, mode: inTransaction && own !== 'tried' ? mode : own, as: as?.identity });
    const part = partOf(needs, way, statement, own, given.values, as?.identity, keep);
    return inspected.length === 1 ? part : { ...part, whenStopped: aroundWords(inspected, index, mode) };
  });
  const tab = as ? tabAs(tabOf(wanted, inspected, 'sql.runAs', inTransaction), as) : tabOf(wanted, inspected, 'sql.runStatement', inTransaction);
  const end = await needs.results.show({ ...tab, target: targetOf(connection, database, mode), parts });
  if (end.kind === 'failed') {
    markFailure(marks, wanted.statements[end.part], end, inspected[end.part]?.explain?.toWritten);
  }
  sayWhatIsUnknown(needs, database, end, { reads: mode === 'read' });
  return end;
}

/** `toWritten`: of what was sent, when that is not what stands there. */
export function markFailure(marks: ErrorMarks, placed: PlacedStatement | undefined, end: RunEnd, toWritten = (position: number): number => position): void {
  if (placed && end.kind === 'failed' && isOpsError(end.error, 'queryFailed')) {
    const { facts } = end.error;
    markFault(marks, placed, facts.position === undefined ? facts : { ...facts, position: toWritten(facts.position) });
  }
}

/** What the results cannot say: what became of a statement when the connection broke, or when it was cancelled over a way that cannot. */
export function sayWhatIsUnknown({ ui }: SqlNeeds, database: Database, end: RunEnd, { reads }: { readonly reads: boolean }): void {
  if (end.kind === 'failed' && isOpsError(end.error, 'connectionLost')) {
    const { host } = end.error.facts;
    const message = reads ? l10n.t('The connection to {0} was lost. The statement only read; it is not run again by itself.', host) : errorMessage(end.error).message;
    ui.error(message, { label: l10n.t('Reconnect'), run: async () => reconnect(ui, database) });
  } else if (end.kind === 'cancelled' && !database.capabilities.cancels) {
    ui.warn(l10n.t('{0} cannot be told to stop a statement: nothing more is waited for, and the server may still be running it.', database.address));
  }
}

/** Only connects: what was lost is not run again, for nobody knows whether it took effect. */
async function reconnect(ui: Ui, database: Database): Promise<void> {
  await ui.progress(l10n.t('Connecting to {0}', database.address), async (signal) => {
    await gather(database.run({ text: 'select 1', values: [], mode: 'read', rowLimit: 1, timeoutMs: 10_000, background: false }, { signal, priority: 'user' }));
  });
  ui.tell(l10n.t('Connected to {0} again. Nothing was run again.', database.address));
}

/** What is known of the tab, so that its statements can be run again; of statements with credentials nothing is kept. */
export function tabOf({ title, tab, statements }: Wanted, inspected: readonly InspectedStatement[], command: 'sql.runStatement' | 'sql.runAs' | 'sql.explain', inTransaction: boolean): Omit<ShownTab, 'target'> {
  const isSecret = inspected.some(({ secrets }) => secrets.inText);
  const statement = statements.map(portableText).join(';\n');
  const again = { command, argument: { statement, title, ...(tab === undefined ? {} : { tab }) } };
  // The same tab, whether or not a transaction is open.
  return { title: inTransaction ? l10n.t('{0} (in transaction)', title) : title, tab: tab ?? title, ...(isSecret ? {} : { again }) };
}

/** As it can stand anywhere: what a program would fill in is a placeholder by name. */
export function portableText({ text, openings = [] }: PlacedStatement): string {
  return openings.reduceRight((rest, { name, range }) => `${rest.slice(0, range.start)}{{${name.replace(/[{}\n]/g, ' ')}}}${rest.slice(range.end)}`, text);
}

/** Claims that were changed by hand are not kept, and so cannot be run with again once the tab is gone. */
export function tabAs({ again, title, ...tab }: Omit<ShownTab, 'target'>, { identity, again: key }: ChosenIdentity): Omit<ShownTab, 'target'> {
  const shown = { ...tab, title: l10n.t('{0} (as {1})', title, identity.role), as: l10n.t('AS {0}', visibleLine(describeIdentity(identity))) };
  return again && key ? { ...shown, again: { ...again, argument: { ...(again.argument as object), as: key } } } : shown;
}

export function targetOf({ project }: Connection, database: Database, mode: Mode): string {
  const right = { read: '', write: ` · ${l10n.t('with the right to write')}`, tried: ` · ${l10n.t('rolled back')}`, held: ` · ${l10n.t('in the open transaction, not committed when it ran')}` }[mode];
  return `${visible(project.name)} · ${project.environment}, ${database.address}${right}`;
}

/** Among statements that write, those that read stay held to it, and what is only explained is taken back. */
function modeOf(statement: InspectedStatement, mode: Mode): Mode {
  return statement.classification.kind === 'read' ? 'read' : mode !== 'read' && isTriedOnly(statement) ? 'tried' : mode;
}

/** Of several statements, what became of the others when one did not come to its end. A transaction that is open says so itself. */
function aroundWords(statements: readonly InspectedStatement[], index: number, mode: Mode): readonly string[] {
  const kept = mode === 'write' ? statements.slice(0, index).filter((statement) => modeOf(statement, mode) === 'write').length : 0;
  const left = statements.length - index - 1;
  return [
    ...(kept === 0 ? [] : [kept === 1 ? l10n.t('The statement before it that writes has taken effect.') : l10n.t('The {0} statements before it that write have taken effect, each by itself.', kept)]),
    ...(left === 0 ? [] : [left === 1 ? l10n.t('The statement behind it was not run.') : l10n.t('The {0} statements behind it were not run.', left)]),
  ];
}

/** Hands events on, and keeps in the history how they ended. */
export type Recorder = (events: AsyncIterable<ResultEvent>) => AsyncIterable<ResultEvent>;

interface Recorded {
  readonly inspected: InspectedStatement;
  readonly placed: PlacedStatement | undefined;
  readonly given: GivenValues;
  readonly mode: Mode;
  readonly as?: Identity | undefined;
  /** What stands before the statement: `explain`. */
  readonly prefix?: string;
}

export function recorder({ history, settings }: SqlNeeds, { project }: Connection, { inspected, placed, given, mode, as, prefix = '' }: Recorded): Recorder {
  if (!settings.current['opsbook.sql.history']) {
    return (events) => events;
  }
  const { classification, placeholders, secrets } = inspected;
  const names = placeholders.map(({ name }) => name).filter((name) => !given.secret.has(name));
  const start: SqlRunStart = {
    project,
    ...(secrets.inText || !placed ? {} : { statement: `${prefix}${portableText(placed)}` }),
    why: classification.why,
    values: Object.fromEntries(names.map((name) => [name, given.values.get(name) ?? null])),
    mode,
    ...(as === undefined ? {} : { as: as.role }),
    hasSecret: secrets.inText || names.length < placeholders.length,
  };
  return (events) => history.record(start, events);
}

/** In a transaction, or by itself. */
export function runOn(way: OpenTransaction | Database, { statement, classification: { risk, why } }: InspectedStatement, request: StatementRequest, signal: AbortSignal): AsyncIterable<ResultEvent> {
  const options = { signal, priority: 'user' } as const;
  return way instanceof OpenTransaction ? way.run(request, { statement, risk, why }, options) : way.run(request, options);
}

function partOf({ settings }: SqlNeeds, way: OpenTransaction | Database, inspected: InspectedStatement, mode: Mode, values: ReadonlyMap<string, Cell>, as: Identity | undefined, keep: Recorder): ShownPart {
  const { statement, text, placeholders, explain } = inspected;
  const request: StatementRequest = {
    text: explain?.text ?? text,
    values: bindValues(placeholders, values),
    mode: mode === 'read' ? 'read' : 'write',
    ...(mode === 'tried' ? { rolledBack: true } : {}),
    ...(as ? { as } : {}),
    ...(mode === 'read' && inspected.gathers ? { gathers: true } : {}),
    rowLimit: settings.current['opsbook.sql.rowLimit'],
    timeoutMs: settings.current['opsbook.sql.timeoutSeconds'] * 1000,
    background: false,
  };
  const run = (whole: StatementRequest) => (signal: AbortSignal): AsyncIterable<ResultEvent> => keep(runOn(way, inspected, whole, signal));
  return { statement, run: run(request), ...(explain?.isJson === true ? { shows: 'plan' } : {}), ...(mode === 'read' ? { runWhole: run({ ...request, rowLimit: noLimit, timeoutMs: Math.max(request.timeoutMs, longest) }) } : {}) };
}
