/** A plan in words, for the page. */
import { advise } from '../../core/results/plan/advice.ts';
import { nodesOf, parsePlan, shareOf, slowest, type Plan, type PlanNode } from '../../core/results/plan/plan.ts';
import { parseJsonTree, printJsonTree } from '../../util/jsonTree.ts';
import { l10n } from '../../util/l10n.ts';
import { formatBytes } from '../../util/quantity.ts';
import { visible } from '../../util/visible.ts';
import { adviceWords } from './planWords.ts';
import type { ShownPlan, ShownPlanNode } from './protocol.ts';

/** `undefined` when the text is no plan. */
export function shownPlan(text: string): ShownPlan | undefined {
  const plan = parsePlan(text);
  const tree = parseJsonTree(text);
  if (plan === undefined || tree === undefined) {
    return undefined;
  }
  const slow = new Set(slowest(plan).map(({ id }) => id));
  return {
    root: shownNode(plan, plan.root, slow),
    isAnalyzed: plan.isAnalyzed,
    summary: summaryOf(plan),
    advice: advise(plan).map((advice) => ({ node: advice.node, text: visible(adviceWords(advice)) })),
    raw: visible(printJsonTree(tree)),
  };
}

/** Milliseconds below which nothing is called slow, however quick the rest is. */
const noticeable = 0.1;

/** From here on an estimate misleads. */
const farOff = 10;

function shownNode(plan: Plan, node: PlanNode, slow: ReadonlySet<number>): ShownPlanNode {
  const { id, kind, subject, role = '', actual, estimated, children } = node;
  return {
    id,
    kind: visible(kind),
    subject: visible(subject),
    role: visible(role),
    share: shareOf(plan, node),
    isSlow: slow.has(id) && (actual === undefined || actual.selfMs >= noticeable),
    neverRan: actual?.loops === 0,
    own: actual === undefined ? format(estimated.totalCost) : milliseconds(actual.selfMs),
    rows: format(actual?.rows ?? estimated.rows),
    off: actual === undefined || actual.off < 2 ? '' : offWords(actual.rows / actual.loops < estimated.rows, actual.off),
    isFarOff: (actual?.off ?? 1) >= farOff,
    facts: factsOf(node).map(([name, value]) => [visible(name), visible(value)] as const),
    children: children.map((child) => shownNode(plan, child, slow)),
  };
}

function offWords(isFewer: boolean, off: number): string {
  const times = format(off < 10 ? off : Math.round(off));
  return isFewer ? l10n.t('{0} × fewer', times) : l10n.t('{0} × more', times);
}

function factsOf({ facts, actual, estimated, buffers }: PlanNode): (readonly [string, string])[] {
  const { hit = 0, read = 0, dirtied = 0, tempRead = 0, tempWritten = 0 } = buffers ?? {};
  const size = (blocks: number): string => formatBytes(blocks * 8192);
  return [
    [l10n.t('Expected rows'), format(estimated.rows)],
    ...(actual === undefined ? [] : [[l10n.t('Rows that came'), actual.loops > 1 ? l10n.t('{0} in {1} loops', format(actual.rows), format(actual.loops)) : format(actual.rows)] as const]),
    ...(actual === undefined ? [] : [[l10n.t('Time with what is below'), milliseconds(actual.ms)] as const]),
    [l10n.t('Cost'), `${format(estimated.startupCost)} – ${format(estimated.totalCost)}`],
    ...(hit + read === 0 ? [] : [[l10n.t('Memory and disk'), l10n.t('{0} from memory, {1} from disk', size(hit), size(read))] as const]),
    ...(dirtied === 0 ? [] : [[l10n.t('Changed'), size(dirtied)] as const]),
    ...(tempRead + tempWritten === 0 ? [] : [[l10n.t('Temporary files'), l10n.t('{0} written, {1} read', size(tempWritten), size(tempRead))] as const]),
    ...facts.map(({ name, value }) => [name, value] as const),
  ];
}

function summaryOf({ root, isAnalyzed, planningMs, executionMs, jitMs, triggers, more }: Plan): string[] {
  const part = (word: string, ms: number | undefined): string[] => (ms === undefined ? [] : [`${word} ${milliseconds(ms)}`]);
  const triggered = triggers.reduce((sum, { ms }) => sum + ms, 0);
  return [
    ...(isAnalyzed ? [] : [l10n.t('Not run: what Postgres expects. Total cost {0}', format(root.estimated.totalCost))]),
    ...part(l10n.t('Execution'), executionMs),
    ...part(l10n.t('Planning'), planningMs),
    ...part(l10n.t('Triggers'), triggered > 0 ? triggered : undefined),
    ...part(l10n.t('Compiling'), jitMs),
    nodesOf(root).length === 1 ? l10n.t('1 node') : l10n.t('{0} nodes', nodesOf(root).length),
    ...(more === 0 ? [] : [more === 1 ? l10n.t('a rule adds another plan, which is in the text below') : l10n.t('rules add {0} other plans, which are in the text below', more)]),
  ];
}

function milliseconds(ms: number): string {
  return ms >= 10_000 ? l10n.t('{0} s', format(ms / 1000)) : l10n.t('{0} ms', format(ms));
}

function format(value: number): string {
  return new Intl.NumberFormat('en', { maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0 }).format(value);
}
