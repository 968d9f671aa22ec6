/** What came of trying a migration: see `trial/run.ts`. */
import { l10n } from '../../../../util/l10n.ts';
import type { Unknowable } from '../../trial/plan.ts';
import { unknowableWords } from '../../trial/words.ts';
import type { Rule } from '../rule.ts';

const common = { alsoIn: [], roles: ['migration'], untilEdited: true } as const;

export const migrationFails: Rule = {
  ...common,
  code: 'OB410',
  name: 'migration-fails',
  refused: true,
  severity: 'error',
  title: 'This migration failed when it was tried',
  why: `*Opsbook: Try Migrations* ran the pending migrations in one transaction on the database that you named, and rolled it back. The server
refused this statement there: with the schema and the rows of that database, as its role.`,
  whatToDo: 'Mend it and try again. If it is the rows of that database that stand in the way, the one that it is for may have others, or none.',
  message: ({ database = '', message = '', detail = '', hint = '', sqlState = '' }) =>
    l10n.t('Tried on {0}: {1} ({2})', database, [message, detail, hint === '' ? '' : l10n.t('Hint: {0}', hint)].filter((part) => part !== '').join(' '), sqlState),
};

export const migrationNotKnown: Rule = {
  ...common,
  code: 'OB411',
  name: 'migration-not-known',
  severity: 'info',
  title: 'From here on it cannot be known by trying',
  why: `*Opsbook: Try Migrations* runs what is pending in one transaction that is rolled back. Some statements cannot run in one, or are not
undone with it, and some would have to wait: there it stops. This statement and all that follow, in this file and in the later ones, were not tried.`,
  whatToDo: 'Apply what stands before it to a local database (`supabase migration up`) and try again, or have the whole run by `supabase db reset`, which makes the local database anew.',
  message: ({ because = '', message = '' }) => {
    const words = unknowableWords(because as Unknowable);
    return l10n.t('From here on it cannot be known: {0}.', message === '' ? words : `${words} (${message})`);
  },
};
