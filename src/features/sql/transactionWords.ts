import type { DoneInTransaction } from '../../core/sql/openTransaction.ts';
import { l10n } from '../../util/l10n.ts';

/** `3 changes, 42 rows`. */
export function countWords(done: readonly DoneInTransaction[]): string {
  if (done.length === 0) {
    return l10n.t('no changes');
  }
  const rows = done.reduce((sum, each) => sum + (each.rows ?? 0), 0);
  return l10n.t('{0}, {1}', done.length === 1 ? l10n.t('1 change') : l10n.t('{0} changes', done.length), rows === 1 ? l10n.t('1 row') : l10n.t('{0} rows', rows));
}
