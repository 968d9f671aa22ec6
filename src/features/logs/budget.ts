import type { Clock, LogStore } from '../../core/ports.ts';
import { l10n } from '../../util/l10n.ts';

/** `Log queries this minute: 12 of 30.`; nothing where the store has no budget or none was asked yet. */
export function budgetWords(store: Pick<LogStore, 'budget'>, clock: Pick<Clock, 'now'>): readonly string[] {
  const { budget } = store;
  if (!budget) {
    return [];
  }
  const words = l10n.t('Log queries this minute: {0} of {1}.', budget.used, budget.limit);
  const seconds = Math.ceil((budget.resetsAt - clock.now()) / 1000);
  return [budget.used >= budget.limit && seconds > 0 ? `${words} ${l10n.t('Counted anew in {0} s.', seconds)}` : words];
}
