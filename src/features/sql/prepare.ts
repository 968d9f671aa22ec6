/** What is known of statements before they run: what they do, what they ask for, and what was agreed to. */
import { OpsError, isOpsError } from '../../core/errors.ts';
import type { CallOptions, Database, StatementRequest } from '../../core/ports.ts';
import type { Connection } from '../../core/project/connection.ts';
import type { Risk } from '../../core/runbook/operation.ts';
import { covers } from '../../core/sql/classify.ts';
import { spliceIdentifiers, type SqlPlaceholder } from '../../core/sql/placeholders.ts';
import type { Cell } from '../../core/sql/result.ts';
import { describeIdentity, type Identity } from '../../core/sql/roles/identity.ts';
import { inspectStatement, type InspectedStatement } from '../../core/sql/run.ts';
import type { Choice } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';
import { visible, visibleLine } from '../../util/visible.ts';
import type { ErrorMarks } from '../../host/errorMarks.ts';
import { markFault } from './markFault.ts';
import type { Mode, PlacedStatement, SqlNeeds, Wanted } from './needs.ts';
import { askNames } from './parameters.ts';

/** Statements of which everything is known but the values. */
export interface PreparedStatements {
  /** With the names that were asked for in their places. */
  readonly wanted: Wanted;
  readonly inspected: readonly InspectedStatement[];
}

/** A fault that the grammar finds is marked where it stands, and nothing is sent. Names that are open are asked for: only with them it is known what a statement does. */
export async function prepareStatements(needs: SqlNeeds, database: Database, wanted: Wanted, marks: ErrorMarks): Promise<PreparedStatements> {
  marks.clear(wanted.statements[0]?.place?.document);
  const atFirst = await inspectAll(needs, database, wanted.statements, marks);
  const names = await askNames(needs, atFirst);
  if (names.size === 0) {
    return { wanted, inspected: atFirst };
  }
  const statements = wanted.statements.map((statement, index) => withNames(statement, atFirst[index]?.placeholders ?? [], names));
  return { wanted: { ...wanted, statements }, inspected: await inspectAll(needs, database, statements, marks) };
}

async function inspectAll({ grammar, session, transactions }: SqlNeeds, database: Database, statements: readonly PlacedStatement[], marks: ErrorMarks): Promise<InspectedStatement[]> {
  const inspected: InspectedStatement[] = [];
  const transaction = transactions.on(session.connection());
  // Functions that were made in the transaction are known there alone.
  const catalog = transaction ? { run: (request: StatementRequest, options: CallOptions) => transaction.run(request, { statement: request.text, risk: 'reads', why: '' }, options) } : database;
  for (const statement of statements) {
    try {
      inspected.push(await inspectStatement({ grammar, database: catalog }, statement.text, { signal: AbortSignal.timeout(20_000), priority: 'user' }, statement.openings));
    } catch (error) {
      if (isOpsError(error, 'sqlSyntax')) {
        markFault(marks, statement, error.facts);
      }
      throw error;
    }
  }
  return inspected;
}

function withNames({ text, openings, place }: PlacedStatement, placeholders: readonly SqlPlaceholder[], names: ReadonlyMap<string, Cell>): PlacedStatement {
  const spliced = spliceIdentifiers(text, placeholders, names, openings);
  return {
    text: spliced.text,
    openings: spliced.openings,
    ...(place === undefined ? {} : { place: { ...place, toDocument: (offset: number) => place.toDocument(spliced.toWritten(offset)) } }),
  };
}

/** What acts in spite of a transaction that only reads, or is rolled back, cannot be held by one. */
export async function chooseMode(needs: SqlNeeds, connection: Connection, database: Database, statements: readonly InspectedStatement[], { as, chosen }: { readonly as?: Identity | undefined; readonly chosen?: Mode | undefined } = {}): Promise<Mode> {
  const { project } = connection;
  const writing = statements.filter(({ classification }) => classification.kind !== 'read');
  if (needs.transactions.on(connection)) {
    await askInTransaction(needs, project, writing);
    return 'held';
  }
  refuseControl(writing);
  refuseOutsideTransaction(database, writing);
  if (writing.length === 0) {
    return 'read';
  }
  const modes = modesFor(database, writing);
  const [why = ''] = sentences(writing);
  const title = writing.length === 1 ? l10n.t('This statement {0}.', why) : l10n.t('{0} of {1} statements do more than read.', writing.length, statements.length);
  // What was chosen before the statements were whole may not be right for what they are now.
  const mode = modes.some(({ value }) => value === chosen) && chosen !== undefined ? chosen : await needs.ui.pick(title, modes);
  if (mode === 'write') {
    refuseAnalyze(database, writing);
    await needs.consent.ask(
      project,
      {
        question: l10n.t('Run this on {0}?', visible(project.name)),
        detail: [...asWords(as), ...shownPlan(writing), '', ...aloneWords(writing), l10n.t('What it changes is not undone by Opsbook.')],
        action: l10n.t('Run'),
      },
      gravest(writing),
    );
  } else if (mode === 'tried') {
    await askToTry(needs, project, writing, as);
  }
  return mode;
}

/** The ways to run what does more than read. */
export function modesFor(database: Database, writing: readonly InspectedStatement[]): readonly Choice<Mode>[] {
  const isHeld = writing.every(({ classification }) => classification.heldByReadOnly);
  const canTry = isHeld && database.capabilities.rollsBack && writing.every(({ classification }) => !classification.outsideTransaction);
  return [
    ...(writing.every(isTriedOnly) ? [] : [{ label: l10n.t('Run…'), icon: 'edit', description: l10n.t('shows what it will do, and asks'), value: 'write' as const }]),
    ...(canTry ? [{ label: l10n.t('Try and roll back'), icon: 'discard', description: l10n.t('within 2 seconds; shows how many rows it changes'), value: 'tried' as const }] : []),
    ...(isHeld ? [{ label: l10n.t('Run read-only anyway'), icon: 'eye', description: l10n.t('the server refuses whatever writes'), value: 'read' as const }] : []),
  ];
}

/** EXPLAIN ANALYZE of what writes: it runs for its plan's sake, and is rolled back wherever that undoes it. */
export function isTriedOnly({ classification, explain }: InspectedStatement): boolean {
  return explain !== undefined && classification.kind !== 'read' && classification.heldByReadOnly;
}

/** A role is taken within a transaction, and over a way without one by a query alone. Throws `notReadOnly`, `absent`. */
export function refuseWhatNoRoleCanRun(database: Database, statements: readonly InspectedStatement[]): void {
  for (const { statement, placeholders, classification } of statements) {
    if (classification.outsideTransaction) {
      throw new OpsError('notReadOnly', { statement: visible(statement), because: l10n.t('it cannot run inside a transaction, and a role is taken within one') });
    }
    if (database.capabilities.asRoles === 'queries' && (classification.kind !== 'read' || placeholders.length > 0)) {
      throw new OpsError('absent', { what: l10n.t('Running anything but a query without parameters as a role'), reason: 'noDatabaseConnection' });
    }
  }
}

/**
 * What a rollback undoes is asked about when it is committed, where the plan says what really happened. What acts elsewhere as well is
 * asked about now.
 */
async function askInTransaction({ consent }: SqlNeeds, project: Connection['project'], writing: readonly InspectedStatement[]): Promise<void> {
  const [outside] = writing.filter(({ classification }) => classification.outsideTransaction);
  if (outside) {
    throw new OpsError('notInTransaction', { statement: visible(outside.statement) });
  }
  refuseControl(writing.filter(({ classification }) => !classification.settingOfTransaction));
  const acting = writing.filter(({ classification }) => !classification.heldByReadOnly && !classification.settingOfTransaction);
  if (acting.length > 0) {
    await consent.ask(
      project,
      {
        question: l10n.t('Run this in the open transaction on {0}?', visible(project.name)),
        detail: [...shownPlan(acting), '', l10n.t('What it does outside of the transaction is not undone by rolling back.')],
        action: l10n.t('Run'),
      },
      gravest(acting),
    );
  }
}

/** What the statements do, and their beginnings. */
function shownPlan(statements: readonly InspectedStatement[]): string[] {
  const shown = statements.map(({ statement }) => visible(statement).slice(0, 1000));
  return [...sentences(statements).map((each) => l10n.t('It {0}.', each)), '', ...shown.slice(0, 5), ...(shown.length > 5 ? ['…'] : [])];
}

/** What is different about a statement that no transaction holds together. */
function aloneWords(statements: readonly InspectedStatement[]): string[] {
  return statements.some(({ classification }) => classification.outsideTransaction)
    ? [l10n.t('It cannot run inside a transaction, so it runs alone: cancelled or failed midway, it may leave part of its work, such as an invalid index.')]
    : [];
}

/** What is rolled back is asked about too: it runs, and not all of it is undone (SAFETY 12). */
export async function askToTry({ consent }: SqlNeeds, project: Connection['project'], statements: readonly InspectedStatement[], as?: Identity): Promise<void> {
  await consent.ask(
    project,
    {
      question: l10n.t('Run this on {0} and roll it back?', visible(project.name)),
      detail: [
        ...asWords(as),
        ...sentences(statements).map((each) => l10n.t('It {0}.', each)),
        '',
        l10n.t('It has 2 seconds, waits a tenth of one for locks, and is rolled back at once. Sequences keep their new values, and what triggers do elsewhere (dblink, http, pg_net) is not undone.'),
      ],
      action: l10n.t('Run and Roll Back'),
    },
    'writes',
  );
}

function asWords(as: Identity | undefined): string[] {
  return as ? [l10n.t('It runs as {0}.', visibleLine(describeIdentity(as)))] : [];
}

function sentences(statements: readonly InspectedStatement[]): string[] {
  return [...new Set(statements.map(({ classification }) => visible(classification.why)))];
}

function gravest(statements: readonly InspectedStatement[]): Risk {
  return statements.map(({ classification }) => classification.risk).reduce((one, other) => (covers(one, other) ? one : other), 'reads');
}

function refuseControl(writing: readonly InspectedStatement[]): void {
  for (const { statement, classification } of writing) {
    if (classification.kind === 'transaction' || classification.kind === 'session') {
      const because = classification.settingOfTransaction ? l10n.t('it is of effect only in an open transaction (Begin SQL Transaction)') : classification.why;
      throw new OpsError('notReadOnly', { statement: visible(statement), because });
    }
  }
}

/** Before anybody is asked. */
function refuseOutsideTransaction(database: Database, writing: readonly InspectedStatement[]): void {
  const [outside] = writing.filter(({ classification }) => classification.outsideTransaction);
  if (outside && !database.capabilities.outsideTransaction) {
    throw new OpsError('absent', { what: l10n.t('“{0}”, which cannot run inside a transaction,', visible(outside.statement).slice(0, 60)), reason: 'noDatabaseConnection' });
  }
}

/** Over a way that cannot roll back it would write for good. */
function refuseAnalyze(database: Database, writing: readonly InspectedStatement[]): void {
  if (!database.capabilities.rollsBack && writing.some(isTriedOnly)) {
    throw new OpsError('absent', { what: l10n.t('EXPLAIN ANALYZE of what writes, which is rolled back,'), reason: 'noDatabaseConnection' });
  }
}
