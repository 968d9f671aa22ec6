/** Shows a statement's plan, with what really happened where that harms nobody. */
import { OpsError } from '../../core/errors.ts';
import type { Database, StatementRequest } from '../../core/ports.ts';
import { need, type Connection } from '../../core/project/connection.ts';
import { explain, hasPlan } from '../../core/sql/explain.ts';
import { bindValues } from '../../core/sql/placeholders.ts';
import type { InspectedStatement } from '../../core/sql/run.ts';
import type { RunEnd } from '../../host/results.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import { chooseIdentity, findIdentity, keyIn, type ChosenIdentity } from './chooseIdentity.ts';
import type { ErrorMarks } from '../../host/errorMarks.ts';
import type { SqlNeeds, Wanted } from './needs.ts';
import { askValues, type GivenValues } from './parameters.ts';
import { askToTry, prepareStatements, refuseWhatNoRoleCanRun } from './prepare.ts';
import { markFailure, recorder, runOn, runStatements, sayWhatIsUnknown, tabAs, tabOf, targetOf } from './run.ts';

/** `planned`: not run at all. `tried`: run and rolled back. */
type Depth = 'planned' | 'read' | 'tried';

/** As a role: its plan has the policies in it that hold for that role. Asks for the role unless the argument names it. */
export async function explainAs(needs: SqlNeeds, marks: ErrorMarks, asked: Wanted, argument: unknown): Promise<RunEnd> {
  const database = need(needs.session.connection().database, l10n.t('Running SQL as a role'));
  if (database.capabilities.asRoles === 'queries') {
    throw new OpsError('absent', { what: l10n.t('The plan of a statement as a role'), reason: 'noDatabaseConnection' });
  }
  const key = keyIn(argument);
  return explainStatement(needs, marks, asked, key ? await findIdentity(database, key) : await chooseIdentity(needs, database, l10n.t('Explain as whom?')));
}

export async function explainStatement(needs: SqlNeeds, marks: ErrorMarks, asked: Wanted, as?: ChosenIdentity): Promise<RunEnd> {
  const connection = needs.session.connection();
  const database = need(connection.database, l10n.t('Running SQL'));
  if (asked.statements.length !== 1) {
    throw new OpsError('notFound', { what: l10n.t('One statement to explain') });
  }
  const { wanted, inspected: [inspected] } = await prepareStatements(needs, database, asked, marks);
  if (!inspected) {
    throw new OpsError('notFound', { what: l10n.t('One statement to explain') });
  }
  if (inspected.explain) {
    return runStatements(needs, marks, wanted, as);
  }
  await refuseWithoutPlan(needs, inspected);
  if (as) {
    refuseWhatNoRoleCanRun(database, [inspected]);
  }
  const given = await askValues(needs, database, [inspected]);
  const depth = await chooseDepth(needs, database, inspected);
  if (depth === 'tried') {
    await askToTry(needs, connection.project, [inspected], as?.identity);
  }
  const end = await showPlan(needs, marks, { connection, database, wanted, inspected, given, depth, as });
  sayWhatIsUnknown(needs, database, end, { reads: depth !== 'tried' });
  return end;
}

interface Explained {
  readonly connection: Connection;
  readonly database: Database;
  readonly wanted: Wanted;
  readonly inspected: InspectedStatement;
  readonly given: GivenValues;
  readonly depth: Depth;
  readonly as: ChosenIdentity | undefined;
}

async function showPlan(needs: SqlNeeds, marks: ErrorMarks, { connection, database, wanted, inspected, given, depth, as }: Explained): Promise<RunEnd> {
  const [placed] = wanted.statements;
  const transaction = needs.transactions.on(connection);
  const mode = depth === 'tried' ? 'tried' : transaction ? 'held' : 'read';
  const { text, prefix, toWritten } = explain(inspected.text, { analyze: depth !== 'planned' });
  const request: StatementRequest = {
    text,
    values: bindValues(inspected.placeholders, given.values),
    mode: depth === 'tried' ? 'write' : 'read',
    ...(depth === 'tried' ? { rolledBack: true } : {}),
    ...(as ? { as: as.identity } : {}),
    rowLimit: 10,
    timeoutMs: needs.settings.current['opsbook.sql.timeoutSeconds'] * 1000,
    background: false,
  };
  const keep = recorder(needs, connection, { inspected, placed, given, mode, prefix, as: as?.identity });
  const tab = tabOf(wanted, [inspected], 'sql.explain', transaction !== undefined);
  const end = await needs.results.show({
    ...(as ? tabAs(tab, as) : tab),
    target: targetOf(connection, database, mode),
    statement: `${prefix}${inspected.statement}`,
    shows: 'plan',
    run: (signal) => keep(runOn(transaction ?? database, inspected, request, signal)),
  });
  markFailure(marks, placed, end, toWritten);
  return end;
}

async function refuseWithoutPlan({ grammar }: SqlNeeds, { statement, text }: InspectedStatement): Promise<void> {
  const parsed = await grammar.parse(text, AbortSignal.timeout(20_000));
  if (parsed.kind === 'parsed' && !hasPlan(parsed.tree)) {
    throw new OpsError('notFound', { what: l10n.t('A plan of “{0}”', visible(statement).slice(0, 60)) });
  }
}

/** What reads is run for its times. What writes is planned only, unless the person wants it run and rolled back. */
async function chooseDepth({ ui }: SqlNeeds, database: Database, { classification }: InspectedStatement): Promise<Depth> {
  if (classification.kind === 'read') {
    return 'read';
  }
  if (!database.capabilities.rollsBack || !classification.heldByReadOnly) {
    return 'planned';
  }
  return ui.pick(l10n.t('This statement {0}.', visible(classification.why)), [
    { label: l10n.t('Explain without running it'), icon: 'type-hierarchy', description: l10n.t('what Postgres expects'), value: 'planned' },
    { label: l10n.t('Run, roll back and explain…'), icon: 'discard', description: l10n.t('what really happens, within 2 seconds'), value: 'tried' },
  ] as const);
}
