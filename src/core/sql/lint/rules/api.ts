/** Rules about programs that call the API through supabase-js: what they say is found by `core/postgrest/check.ts`. */
import { l10n } from '../../../../util/l10n.ts';
import type { Rule } from '../rule.ts';

const common = { severity: 'warning', roles: ['snippet'], alsoIn: [], inPrograms: true, fixTitle: ({ suggestion = '' }) => l10n.t('Write {0}', suggestion) } as const;

const whatToDo = 'Mind the spelling. What a pending migration of the folder makes counts as there. If it is new in the database, *Opsbook: Refresh* reads the catalog again.';

export const apiNoSuchTable: Rule = {
  ...common,
  code: 'OB321',
  name: 'api-no-such-table',
  title: 'The API has no such table or view',
  why: 'Nothing of that name is in the catalog, as it was read when the project was connected: the request is answered with 404. Only literal names are looked at, and only where the receiver is a client of Supabase by its name, or by how the file declares it.',
  whatToDo,
  message: ({ name = '', schema = '' }) => (schema === '' ? l10n.t('The database has no table or view {0}.', name) : l10n.t('The schema {0} has no table or view {1}.', schema, name)),
};

export const apiNoSuchColumn: Rule = {
  ...common,
  code: 'OB322',
  name: 'api-no-such-column',
  title: 'The table has no such column',
  why: 'By the catalog, as it was read when the project was connected, the table has no column of that name, nor is there a function that could be a computed one: the request is answered with 400.',
  whatToDo,
  message: ({ name = '', of = '' }) => l10n.t('{0} has no column {1}.', of, name),
};

export const apiNoSuchFunction: Rule = {
  ...common,
  code: 'OB323',
  name: 'api-no-such-function',
  title: 'The API has no such function',
  why: 'No function of that name is in the catalog, as it was read when the project was connected: the request is answered with 404.',
  whatToDo,
  message: ({ name = '' }) => l10n.t('The database has no function {0}.', name),
};

export const apiNoSuchRelationship: Rule = {
  ...common,
  code: 'OB324',
  name: 'api-no-such-relationship',
  title: 'Nothing of that name can be embedded',
  why: 'Rows are embedded by the name of a table or view, of a foreign key, of a column that has one, or of a function; the catalog has none of them by this name: the request is answered with 400.',
  whatToDo,
  message: ({ name = '' }) => l10n.t('No table, view, foreign key or column is called {0}.', name),
};
