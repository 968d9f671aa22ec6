/** Shows a statement's plan, with what really happened where that harms nobody. */
import { OpsError } from '../../core/errors.ts';
import type { Database, StatementRequest } from '../../core/ports.ts';
import { need } from '../../core/project/connection.ts';
import { explain, hasPlan } from '../../core/sql/explain.ts';
import { bindValues } from '../../core/sql/placeholders.ts';
import type { InspectedStatement } from '../../core/sql/run.ts';
import type { RunEnd } from '../../host/results.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import type { ErrorMarks } from './editors.ts';
import type { SqlNeeds, Wanted } from './needs.ts';
import { askValues } from './parameters.ts';
import { askToTry, prepareStatements } from './prepare.ts';
import { recorder, runOn, sayWhatIsUnknown, tabOf, targetOf } from './run.ts';

/** `planned`: not run at all. `tried`: run and rolled back. */
type Depth = 'planned' | 'read' | 'tried';

export async function explainStatement(needs: SqlNeeds, marks: ErrorMarks, asked: Wanted): Promise<RunEnd> {
  const connection = needs.session.connection();
  const database = need(connection.database, l10n.t('Running SQL'));
  if (asked.statements.length !== 1) {
    throw new OpsError('notFound', { what: l10n.t('One statement to explain') });
  }
  const { wanted, inspected: [inspected] } = await prepareStatements(needs, database, asked, marks);
  const [statement] = wanted.statements;
  if (!inspected || !statement) {
    throw new OpsError('notFound', { what: l10n.t('One statement to explain') });
  }
  await refuseWithoutPlan(needs, inspected);
  const given = await askValues(needs, database, [inspected]);
  const depth = await chooseDepth(needs, database, inspected);
  if (depth === 'tried') {
    await askToTry(needs, connection.project, [inspected]);
  }
  const transaction = needs.transactions.on(connection);
  const { text, prefix } = explain(inspected.text, { analyze: depth !== 'planned' });
  const request: StatementRequest = {
    text,
    values: bindValues(inspected.placeholders, given.values),
    mode: depth === 'tried' ? 'write' : 'read',
    ...(depth === 'tried' ? { rolledBack: true } : {}),
    rowLimit: 10,
    timeoutMs: needs.settings.current['opsbook.sql.timeoutSeconds'] * 1000,
    background: false,
  };
  const keep = recorder(needs, connection, { inspected, placed: statement, given, mode: depth === 'tried' ? 'tried' : transaction ? 'held' : 'read', prefix: text.slice(0, prefix) });
  const end = await needs.results.show({
    ...tabOf(wanted, [inspected], 'sql.explain', transaction !== undefined),
    target: targetOf(connection, database, depth === 'tried' ? 'tried' : transaction ? 'held' : 'read'),
    statement: `${text.slice(0, prefix)}${inspected.statement}`,
    shows: 'plan',
    run: (signal) => keep(runOn(transaction ?? database, inspected, request, signal)),
  });
  sayWhatIsUnknown(needs, database, end, { reads: depth !== 'tried' });
  if (end.kind === 'failed' && end.error.code === 'queryFailed') {
    const facts = end.error.facts as OpsError<'queryFailed'>['facts'];
    marks.show(statement, facts.position === undefined ? facts : { ...facts, position: Math.max(1, facts.position - prefix) });
  }
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
