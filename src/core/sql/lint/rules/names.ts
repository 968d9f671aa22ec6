/** Rules about names: what they say is found by `names/resolve.ts`. */
import { l10n } from '../../../../util/l10n.ts';
import type { NameProblem } from '../../names/complaints.ts';
import type { Finding, RuleCode } from '../finding.ts';
import { everyRole, type Rule } from '../rule.ts';

const common = { severity: 'warning', roles: everyRole, refused: true, inBodies: 'sql', fixTitle: ({ suggestion = '' }) => l10n.t('Write {0}', suggestion) } as const;
/** The Postgres Language Server asks the server to prepare each statement, where it was given a database. */
const typeCheck = ['typecheck'];

export const systemColumn: Rule = {
  ...common,
  inBodies: 'all',
  code: 'OB301',
  name: 'no-such-system-column',
  title: 'A system view has no such column',
  why: 'The columns of Postgres’ own views differ from what many manuals say: some were renamed, others never existed. The statement fails.',
  whatToDo: 'Use the name that the view has. `pg_stat_user_tables` calls the table `relname`; `pg_stat_statements` has `total_exec_time` since Postgres 13; `cron.job_run_details` has no `jobname`: join `cron.job` by `jobid`.',
  alsoIn: [],
  message: ({ name = '', of = '', elsewhere = '' }) => (elsewhere === '' ? l10n.t('{0} has no column {1}.', of, name) : l10n.t('{0} has no column {1}; {2} has it.', of, name, elsewhere)),
};

export const unknownTable: Rule = {
  ...common,
  code: 'OB302',
  name: 'no-such-table',
  title: 'The database has no such table or view',
  why: 'Nothing of that name is in the catalog, as it was read when the project was connected, nor made by the statements before.',
  whatToDo: 'Mind the spelling and the schema. If the table is new, *Opsbook: Refresh* reads the catalog again.',
  alsoIn: typeCheck,
  message: ({ name = '' }) => l10n.t('The database has no table or view {0}.', name),
};

export const unknownColumn: Rule = {
  ...common,
  code: 'OB303',
  name: 'no-such-column',
  title: 'The table has no such column',
  why: 'None of the tables in this query has a column of that name, by the catalog as it was read when the project was connected.',
  whatToDo: 'Mind the spelling. If the column is new, *Opsbook: Refresh* reads the catalog again.',
  alsoIn: typeCheck,
  message: ({ name = '', of = '' }) => (of === '' ? l10n.t('There is no column {0}.', name) : l10n.t('{0} has no column {1}.', of, name)),
};

export const unknownFunction: Rule = {
  ...common,
  code: 'OB304',
  name: 'no-such-function',
  title: 'The database has no such function',
  why: 'Nothing of that name can be called, by the catalog as it was read when the project was connected.',
  whatToDo: 'Mind the spelling and the schema; functions of extensions are in the schema `extensions`, those of Supabase in `auth`, `storage`, `net`, `cron`, `vault`.',
  alsoIn: typeCheck,
  message: ({ name = '' }) => l10n.t('The database has no function {0}.', name),
};

export const ambiguousColumn: Rule = {
  ...common,
  code: 'OB305',
  name: 'ambiguous-column',
  title: 'More than one table has a column of that name',
  why: 'The server cannot tell which is meant, and refuses the statement.',
  whatToDo: 'Put the table’s name or alias before it.',
  alsoIn: typeCheck,
  message: ({ name = '', of = '' }) => l10n.t('{0} is a column of each of {1}.', name, of),
};

export const unknownQualifier: Rule = {
  ...common,
  code: 'OB306',
  name: 'no-such-qualifier',
  title: 'Nothing in this query has that name',
  why: 'What stands before the dot must be a table of the query, by its alias if it has one.',
  whatToDo: 'Use the alias, or add the table to FROM.',
  alsoIn: typeCheck,
  message: ({ name = '' }) => l10n.t('Nothing in FROM is called {0}.', name),
};

export const namesNotChecked: Rule = {
  code: 'OB310',
  name: 'names-not-checked',
  severity: 'hint',
  title: 'Tables and columns are not checked from here on',
  why: 'The schema that these statements will meet cannot be known by reading: code runs before them that may change anything, or it is not known which migrations were applied. An extension that the database does not have yet brings tables and functions that nobody here knows: from there on only columns of known tables are checked.',
  whatToDo: 'Nothing, if that is as it should be. To be certain, *Opsbook: Try Migrations* runs what is pending on a local or preview database that you name, and rolls it back; `supabase migration up` applies it to the local one.',
  alsoIn: [],
  roles: ['migration', 'script'],
  message: ({ because = '', doubt = '' }) =>
    doubt === 'more'
      ? because === ''
        ? l10n.t('From here on a table or a function that is not known is not marked: this extension may bring it.')
        : l10n.t('A table or a function that is not known is not marked: {0} installs an extension that may bring it.', because)
      : because === 'migrations'
      ? l10n.t('Names are not checked: which migrations were applied cannot be read from this database.')
      : because === ''
        ? l10n.t('From here on names are not checked: this may change anything.')
        : l10n.t('Names are not checked: {0} runs code that may change anything.', because),
};

const codes: Readonly<Record<NameProblem['kind'], RuleCode>> = { relation: 'OB302', column: 'OB303', function: 'OB304', ambiguous: 'OB305', qualifier: 'OB306' };

export function findingOf({ kind, name, range, of, suggestions, elsewhere = '', system }: NameProblem): Finding {
  return {
    code: system ? 'OB301' : codes[kind],
    range,
    facts: { name, of, elsewhere },
    fixes: suggestions.map((suggestion) => ({ facts: { suggestion }, edits: [{ range, text: suggestion }] })),
  };
}
