import type { Advice } from '../../core/results/plan/advice.ts';
import { l10n } from '../../util/l10n.ts';

/** What stands out, what it means, and what to do about it. */
export function adviceWords(advice: Advice): string {
  switch (advice.code) {
    case 'filterReadsMost':
      return l10n.t('{0} is read from end to end, {1} rows, to keep {2}. An index that serves {3} would find them.', advice.relation, count(advice.read), count(advice.kept), advice.condition);
    case 'estimateOff':
      return l10n.t('Of {0} Postgres expected {1} rows, and {2} came: {3} times off, so it may choose the wrong plan. Run ANALYZE; where columns depend on each other, CREATE STATISTICS.', advice.subject, count(advice.expected), count(advice.came), count(advice.times));
    case 'sortOnDisk':
      return l10n.t('Sorting by {0} did not fit into memory and used {1} kB of disk. More work_mem for this query, or an index in that order, avoids it.', advice.key, count(advice.kilobytes));
    case 'hashOnDisk':
      return l10n.t('A hash of some {0} kB did not fit into memory and was split into {1} parts on disk. More work_mem for this query avoids it.', count(advice.kilobytes), count(advice.batches));
    case 'scanInLoop':
      return l10n.t('{0} is read from end to end {1} times, once for each row of the other side. An index that serves {2} makes it a look-up.', advice.relation, count(advice.loops), advice.condition || l10n.t('the join'));
    case 'heapFetches':
      return l10n.t('The index alone would do, but for {0} of {1} rows {2} itself had to be read, because it was not vacuumed lately. Run VACUUM.', count(advice.fetches), count(advice.rows), advice.relation);
    case 'lossyBitmap':
      return l10n.t('The bitmap over {0} did not fit into memory, so whole pages are checked again. More work_mem for this query avoids it.', advice.relation);
    case 'readFromDisk':
      return l10n.t('{0} MB of {1} came from disk. Run it a second time to see how it does from memory; if it stays, the table does not fit.', count(advice.megabytes), advice.relation);
    case 'workersMissing':
      return l10n.t('{0} processes were to help, {1} did: the others were busy elsewhere (max_parallel_workers).', count(advice.planned), count(advice.launched));
    case 'settingPerRow':
      return l10n.t('The filter on {0}, probably a policy, asks who the user is for each of {1} rows. Written as (select auth.uid()) it is asked once.', advice.relation, count(advice.rows));
    case 'slowTrigger':
      return l10n.t('The trigger {0} took {1} ms in {2} calls.', advice.name, count(advice.ms), count(advice.calls));
    case 'slowJit':
      return l10n.t('Compiling took {0} ms, more than it saved (jit = off for this query).', count(advice.ms));
    case 'slowPlanning':
      return l10n.t('Planning took {0} ms, longer than running. Many partitions or joins do that; a prepared statement is planned less often.', count(advice.ms));
    default:
      return advice satisfies never;
  }
}

function count(value: number): string {
  return new Intl.NumberFormat('en', { maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
}
