/** Runs statements as one of the API's roles. */
import { need } from '../../core/project/connection.ts';
import { l10n } from '../../util/l10n.ts';
import { chooseIdentityOrAll, findIdentity, keyIn } from './chooseIdentity.ts';
import type { ErrorMarks } from '../../host/errorMarks.ts';
import type { SqlNeeds, Wanted } from './needs.ts';
import { runStatements } from './run.ts';

/** Asks for the role unless the argument names it: that of a tab's *Run Again*, or of a manual. */
export async function runAs(needs: SqlNeeds, marks: ErrorMarks, wanted: Wanted, argument: unknown): Promise<void> {
  const database = need(needs.session.connection().database, l10n.t('Running SQL as a role'));
  const key = keyIn(argument);
  const chosen = key ? await findIdentity(database, key) : await chooseIdentityOrAll(needs, database);
  if (chosen === 'compare') {
    const { compareRoles } = await import('./compareRoles.ts');
    await compareRoles(needs, marks, wanted);
    return;
  }
  await runStatements(needs, marks, wanted, chosen);
}
