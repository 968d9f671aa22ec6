/** What can be done with one statement: the list behind its lens. */
import type { CommandKey } from '../../contributions.ts';
import { OpsError } from '../../core/errors.ts';
import { need, type Connection } from '../../core/project/connection.ts';
import { toSqlCurl } from '../../core/sql/curl.ts';
import { inspectStatement } from '../../core/sql/run.ts';
import type { Choice } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';
import type { Mode, SqlNeeds, Wanted } from './needs.ts';
import { modesFor } from './prepare.ts';

interface Deed {
  readonly key: CommandKey;
  readonly mode?: Mode;
  readonly as?: 'ask';
}

/** The first is what Enter does; what a way cannot do says why. */
export async function chooseDeed(needs: SqlNeeds, wanted: Wanted, argument: unknown): Promise<void> {
  const title = visibleLine(wanted.statements[0]?.text ?? wanted.title).slice(0, 80);
  const { key, ...how } = await needs.ui.pick(title, deedsFor(needs, wanted));
  const at = typeof argument === 'object' && argument !== null ? argument : {};
  await needs.commands.run(key, Object.keys(how).length === 0 ? argument : { ...at, ...how });
}

async function deedsFor(needs: SqlNeeds, wanted: Wanted): Promise<readonly Choice<Deed>[]> {
  const { session, transactions } = needs;
  const connection = session.connection();
  const { account, database } = connection;
  const isOpen = transactions.on(connection) !== undefined;
  const holds = database.kind === 'available' && database.use.capabilities.transactions;
  return [
    ...(isOpen ? [{ label: l10n.t('Run in the Open Transaction'), icon: 'warning', description: l10n.t('not committed'), value: { key: 'sql.runStatement' } } as const] : await runs(needs, connection, wanted)),
    { label: l10n.t('Explain'), icon: 'type-hierarchy', value: { key: 'sql.explain' } },
    { label: l10n.t('Explain as…'), icon: 'type-hierarchy-sub', description: database.kind === 'available' && database.use.capabilities.asRoles === 'everything' ? l10n.t('with the policies of a role') : l10n.t('needs a database connection string'), value: { key: 'sql.explain', as: 'ask' } },
    { label: l10n.t('Run as…'), icon: 'account', value: { key: 'sql.runAs' } },
    { label: l10n.t('Compare roles'), icon: 'list-selection', value: { key: 'sql.compareRoles' } },
    ...(isOpen ? [] : [{ label: l10n.t('Begin a Transaction and Run…'), icon: 'play-circle', ...(holds ? {} : { description: l10n.t('needs a database connection string') }), value: { key: 'sql.runInTransaction' } } as const]),
    { label: l10n.t('Copy as curl'), icon: 'copy', description: account ? l10n.t('without the token') : l10n.t('needs the Management API'), value: { key: 'sql.copyCurl' } },
  ];
}

/** What does more than read has several ways to be run: they stand here, so that nobody is asked twice. */
async function runs({ grammar }: SqlNeeds, { database }: Connection, { statements, inManual }: Wanted): Promise<readonly Choice<Deed>[]> {
  const plain: readonly Choice<Deed>[] = [{ label: l10n.t('Run'), icon: 'play', value: { key: 'sql.runStatement' } }];
  const [statement] = statements;
  if (statement === undefined || statements.length > 1 || inManual === true || database.kind === 'absent') {
    return plain;
  }
  try {
    const inspected = await inspectStatement({ grammar, database: database.use }, statement.text, { signal: AbortSignal.timeout(5_000), priority: 'user' }, statement.openings);
    const { kind, control } = inspected.classification;
    return kind === 'read' || control !== undefined ? plain : modesFor(database.use, [inspected]).map((choice) => ({ ...choice, value: { key: 'sql.runStatement', mode: choice.value } }));
  } catch {
    // Running it says what is wrong with it.
    return plain;
  }
}

/** Several statements are several calls: the service takes one at a time. Throws `absent` without a Management API. */
export async function copyAsCurl({ grammar, session, ui }: SqlNeeds, { statements }: Wanted): Promise<void> {
  const { account, management, project } = session.connection();
  need(management, l10n.t('A statement as curl'));
  if (!account) {
    throw new OpsError('absent', { what: l10n.t('A statement as curl'), reason: 'noManagementApi' });
  }
  const commands: string[] = [];
  for (const { text, openings = [] } of statements) {
    commands.push(await toSqlCurl(text, openings, { origin: account.origin, ref: project.ref }, grammar, AbortSignal.timeout(20_000)));
  }
  await ui.copy(commands.join('\n\n'));
  ui.tell(l10n.t('Copied. The token is not in it: the command reads it from the environment variable SUPABASE_ACCESS_TOKEN.'));
}
