/** Runs one statement under several roles and says in a report whether it is the policy. */
import { OpsError, isOpsError } from '../../core/errors.ts';
import type { Database, StatementRequest } from '../../core/ports.ts';
import { need } from '../../core/project/connection.ts';
import { bindValues } from '../../core/sql/placeholders.ts';
import { gather, type Cell, type ResultEvent } from '../../core/sql/result.ts';
import type { InspectedStatement } from '../../core/sql/run.ts';
import type { RoleOutcome, TouchedFacts } from '../../core/sql/roles/comparison.ts';
import { asUser, withoutUser, type AuthUser, type Identity } from '../../core/sql/roles/identity.ts';
import { tableFactsRequest, toTableFacts, writeTable } from '../../core/sql/roles/tableFacts.ts';
import { asksWho, touchedTables } from '../../core/sql/roles/touched.ts';
import { unwrap, type Fields } from '../../core/sql/tree.ts';
import { errorMessage } from '../../host/errorMessage.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import { chooseUserOrNone } from './chooseIdentity.ts';
import type { ErrorMarks } from '../../host/errorMarks.ts';
import type { SqlNeeds, Wanted } from './needs.ts';
import { askValues } from './parameters.ts';
import { askToTry, prepareStatements, refuseWhatNoRoleCanRun } from './prepare.ts';
import { rolesReport } from './rolesReport.ts';
import { targetOf } from './run.ts';

export async function compareRoles(needs: SqlNeeds, marks: ErrorMarks, wanted: Wanted): Promise<void> {
  const connection = needs.session.connection();
  const database = need(connection.database, l10n.t('Comparing roles'));
  const inspected = await prepareOne(needs, database, wanted, marks);
  const tree = await comparableTree(needs, database, inspected);
  const { values } = await askValues(needs, database, [inspected]);
  const user = await chooseUserOrNone(needs, database);
  const isRead = inspected.classification.kind === 'read';
  if (!isRead) {
    await askToTry(needs, connection.project, [inspected]);
  }
  const asks = asksWho(tree);
  const request = requestFor(needs, inspected, values);
  const { outcomes, touched, problem } = await needs.ui.progress(l10n.t('Comparing roles'), async (signal) => {
    const facts = await readFacts(database, tree, signal);
    const collected: RoleOutcome[] = [];
    for (const identity of identities(user, asks)) {
      collected.push(await outcomeOf(database, { ...request, as: identity }, identity, signal));
    }
    return { ...facts, outcomes: collected };
  });
  const target = targetOf(connection, database, isRead ? 'read' : 'tried');
  const text = rolesReport({ statement: inspected.statement, title: wanted.title, target, at: needs.clock.now(), isRead, asks: asks && user !== undefined, outcomes, besideOpen: needs.transactions.on(connection) !== undefined, touched, ...(problem === undefined ? {} : { problem }) });
  await needs.documents.showReport(`Roles ${wanted.title}.md`, text);
}

async function prepareOne(needs: SqlNeeds, database: Database, wanted: Wanted, marks: ErrorMarks): Promise<InspectedStatement> {
  const [inspected] = wanted.statements.length === 1 ? (await prepareStatements(needs, database, wanted, marks)).inspected : [];
  if (!inspected) {
    throw new OpsError('notFound', { what: l10n.t('One statement to compare roles with') });
  }
  return inspected;
}

/** Throws where it can neither be counted nor be rolled back. */
async function comparableTree({ grammar }: SqlNeeds, database: Database, inspected: InspectedStatement): Promise<Fields> {
  refuseWhatNoRoleCanRun(database, [inspected]);
  const { classification, statement } = inspected;
  const parsed = await grammar.parse(inspected.text, AbortSignal.timeout(20_000));
  const tree = parsed.kind === 'parsed' ? parsed.tree : {};
  const isQuery = unwrap(tree)?.type === 'SelectStmt';
  if (classification.kind === 'read' ? !isQuery : !classification.heldByReadOnly) {
    throw new OpsError('notReadOnly', { statement: visible(statement), because: l10n.t('roles are compared by the rows of a query, or by what a statement writes before it is rolled back') });
  }
  return tree;
}

/**
 * From the least rights to the most: last whoever no policy holds. A statement that asks who is signed in has to get the same answer there,
 * or its own rows would differ.
 */
function identities(user: AuthUser | undefined, asks: boolean): readonly Identity[] {
  const signedIn = user && asUser(user);
  const unheld: Identity = signedIn && asks ? { role: 'service_role', claims: signedIn.claims } : withoutUser('service_role');
  return [withoutUser('anon'), withoutUser('authenticated'), ...(signedIn ? [signedIn] : []), unheld];
}

function requestFor({ settings }: SqlNeeds, { text, placeholders, classification }: InspectedStatement, values: ReadonlyMap<string, Cell>): StatementRequest {
  const isRead = classification.kind === 'read';
  return {
    // A comment may end the statement, so the bracket stands on a line of its own.
    text: isRead ? `select pg_catalog.count(*) as rows from (\n${text}\n) as opsbook_counted` : text,
    values: bindValues(placeholders, values),
    mode: isRead ? 'read' : 'write',
    ...(isRead ? {} : { rolledBack: true }),
    rowLimit: 1,
    timeoutMs: settings.current['opsbook.sql.timeoutSeconds'] * 1000,
    background: false,
  };
}

/** That the role may not be taken at all says nothing of the statement, and is thrown. */
async function outcomeOf(database: Database, request: StatementRequest, identity: Identity, signal: AbortSignal): Promise<RoleOutcome> {
  try {
    const events = database.run(request, { signal, priority: 'user' });
    const count = request.mode === 'read' ? (await gather(events)).rows[0]?.[0] : await changedRows(events);
    if (count === undefined || count === null) {
      throw new OpsError('badAnswer', { operation: 'count the rows', problem: 'it has no number' });
    }
    return { identity, outcome: { kind: 'rows', count: Number(count) } };
  } catch (error) {
    if (isOpsError(error, 'timedOut')) {
      return { identity, outcome: { kind: 'failed', facts: { sqlState: '57014', message: errorMessage(error).message } } };
    }
    if (isOpsError(error, 'queryFailed') && !error.facts.message.includes('to set role')) {
      return { identity, outcome: { kind: 'failed', facts: error.facts } };
    }
    throw error;
  }
}

async function changedRows(events: AsyncIterable<ResultEvent>): Promise<number | undefined> {
  let count: number | undefined;
  for await (const event of events) {
    count = event.kind === 'done' ? event.rowCount : undefined;
  }
  return count;
}

/** Without them the numbers stand by themselves, and the report says so. */
async function readFacts(database: Database, tree: Fields, signal: AbortSignal): Promise<{ readonly touched: readonly TouchedFacts[]; readonly problem?: string }> {
  const tables = touchedTables(tree);
  if (tables.length === 0) {
    return { touched: [] };
  }
  try {
    const facts = toTableFacts((await gather(database.run(tableFactsRequest(tables.map(({ name }) => name)), { signal, priority: 'user' }))).rows);
    return {
      touched: facts.map((table) => {
        // What a view reads is read, whatever is done with the view's own rows besides.
        const commands = tables.find(({ name }) => writeTable(name) === table.written)?.commands ?? [];
        return { table, commands };
      }),
    };
  } catch (error) {
    if (isOpsError(error, 'queryFailed')) {
      return { touched: [], problem: error.facts.message };
    }
    throw error;
  }
}
