import { l10n } from '../../../util/l10n.ts';
import type { Unknowable } from './plan.ts';
import { statementMs, totalMs } from './run.ts';

/** A clause that ends the sentence “From here on it cannot be known: …”. */
export function unknowableWords(because: Unknowable): string {
  switch (because) {
    case 'outsideTransaction':
      return l10n.t('this statement cannot run inside a transaction, and so cannot be rolled back');
    case 'control':
      return l10n.t('this statement would end the transaction or go back in it');
    case 'session':
      return l10n.t('this statement changes the connection, which a rollback does not take back');
    case 'acts':
      return l10n.t('this statement acts on other sessions, hosts or files, which a rollback does not take back');
    case 'psql':
      return l10n.t('only psql understands this');
    case 'lock':
      return l10n.t('somebody else holds a lock that it needs, and nobody waits for it');
    case 'time':
      return l10n.t('it takes longer than a trial may ({0} seconds for a statement, {1} for all)', statementMs / 1000, totalMs / 1000);
    case 'enumValue':
      return l10n.t('it uses a new value of an enumeration, which has to be committed first');
    case 'server':
      return l10n.t('the server or the connection to it was in trouble');
    default:
      return because satisfies never;
  }
}
