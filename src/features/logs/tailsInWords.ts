import { describeTail, type ActiveTails, type Tail } from '../../core/logs/activeTails.ts';
import { printFilter } from '../../core/logs/filterText.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';

/** The status bar's item as plain data: how many tails run, and whether one is in trouble. */
export function statusOf({ all }: Pick<ActiveTails, 'all'>): { readonly text: string; readonly tooltip: string; readonly troubled: boolean } {
  const troubled = all.filter(({ state }) => state.kind === 'waiting' || state.kind === 'failed');
  const paused = all.every(({ state }) => state.kind === 'paused');
  const icon = troubled.length > 0 ? 'warning' : paused ? 'debug-pause' : 'output';
  const count = all.length === 1 ? l10n.t('1 tail') : l10n.t('{0} tails', all.length);
  const lines = all.map(({ name, state, filter }) => visibleLine([name, describeTail(state), printFilter(filter)].filter((part) => part !== '').join(' · ')));
  return { text: `$(${icon}) ${count}`, tooltip: [l10n.t('Log tails'), ...lines, ...budgetOf(all)].join('\n'), troubled: troubled.length > 0 };
}

/** One sentence for each project whose allowance is counted. */
export function budgetOf(all: readonly Tail[]): readonly string[] {
  return [...new Set(all.flatMap(({ reins }) => reins.budget()))];
}
