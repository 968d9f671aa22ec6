/** What the server itself says of a statement, without running it. */
import { l10n } from '../../../../util/l10n.ts';
import type { Facts } from '../finding.ts';
import { everyRole, type Rule } from '../rule.ts';

const common = {
  roles: everyRole,
  /** The Postgres Language Server asks the server to prepare each statement too, where it was given a database. */
  alsoIn: ['typecheck'],
  refused: true,
} as const;

function said({ message = '', hint = '', sqlState = '' }: Facts): string {
  return l10n.t('The server: {0} ({1})', hint === '' ? message : `${message} ${l10n.t('Hint: {0}', hint)}`, sqlState);
}

export const serverRefuses: Rule = {
  ...common,
  code: 'OB401',
  name: 'server-refuses',
  severity: 'warning',
  title: 'The server refuses to prepare this statement',
  why: `The connected database was asked to prepare it, which looks up names and types and runs nothing: a comparison of types that have no
such operator, a value that its type does not take, a column missing in GROUP BY. On a local database or a preview branch that is asked
while you write; on any other one only by the command *Opsbook: Check Statements on the Server*.

It says nothing of what only running shows (constraints, rights on rows, division by zero), nothing of bodies of functions, and of
statements such as CREATE and ALTER no more than their syntax. What an earlier statement of the file, or an earlier pending migration,
makes or changes is not asked about.`,
  whatToDo: 'Mend it as the message says. If the database is behind, apply what is pending; *Opsbook: Refresh* asks anew. The setting `opsbook.sql.serverChecks` switches it off.',
  message: said,
};

export const serverDenies: Rule = {
  ...common,
  code: 'OB402',
  name: 'server-denies',
  severity: 'info',
  title: 'Whoever is connected may not do this',
  why: 'The connected database was asked to prepare the statement, and refused for want of a right, such as the use of a schema. Somebody else, such as a migration’s own role, may well have it.',
  whatToDo: 'Nothing, if somebody else will run it. Otherwise connect as a role that has the right, or grant it.',
  message: said,
};
