/** What a plan tells to somebody who has read many: data here, words in `features/results/planWords.ts`. */
import { shareOf, worthALook, type Plan, type PlanNode } from './plan.ts';

/** `node` is the id of the node it is about. */
export type Advice =
  /** Many rows are read of which few are kept. */
  | { readonly code: 'filterReadsMost'; readonly node: number; readonly relation: string; readonly read: number; readonly kept: number; readonly condition: string }
  /** The estimate was wrong by so many times. */
  | { readonly code: 'estimateOff'; readonly node: number; readonly subject: string; readonly expected: number; readonly came: number; readonly times: number }
  | { readonly code: 'sortOnDisk'; readonly node: number; readonly kilobytes: number; readonly key: string }
  | { readonly code: 'hashOnDisk'; readonly node: number; readonly batches: number; readonly kilobytes: number }
  /** The inner side of a loop reads a whole table each time. */
  | { readonly code: 'scanInLoop'; readonly node: number; readonly relation: string; readonly loops: number; readonly condition: string }
  | { readonly code: 'heapFetches'; readonly node: number; readonly relation: string; readonly fetches: number; readonly rows: number }
  | { readonly code: 'lossyBitmap'; readonly node: number; readonly relation: string }
  | { readonly code: 'readFromDisk'; readonly node: number; readonly relation: string; readonly megabytes: number }
  | { readonly code: 'workersMissing'; readonly node: number; readonly planned: number; readonly launched: number }
  /** A policy or filter asks the request's settings for every row. */
  | { readonly code: 'settingPerRow'; readonly node: number; readonly relation: string; readonly rows: number }
  | { readonly code: 'slowTrigger'; readonly node: number; readonly name: string; readonly ms: number; readonly calls: number }
  | { readonly code: 'slowJit'; readonly node: number; readonly ms: number }
  | { readonly code: 'slowPlanning'; readonly node: number; readonly ms: number };

type Rule = (node: PlanNode, plan: Plan, above: readonly PlanNode[]) => Advice | undefined;

/** Gravest first: what costs most of the time stands at the top. */
export function advise(plan: Plan): readonly Advice[] {
  const found = withAncestors(plan.root).flatMap(({ node, above }) => rules.map((rule) => ({ advice: rule(node, plan, above), share: shareOf(plan, node) })));
  const ofNodes = found.flatMap(({ advice, share }) => (advice === undefined ? [] : [{ advice, share }])).sort((a, b) => b.share - a.share);
  return [...ofNodes.map(({ advice }) => advice), ...ofTheWhole(plan)];
}

function withAncestors(node: PlanNode, above: readonly PlanNode[] = []): { readonly node: PlanNode; readonly above: readonly PlanNode[] }[] {
  return [{ node, above }, ...node.children.flatMap((child) => withAncestors(child, [...above, node]))];
}

const rules: readonly Rule[] = [filterReadsMost, estimateOff, sortOnDisk, hashOnDisk, scanInLoop, heapFetches, lossyBitmap, readFromDisk, workersMissing, settingPerRow];

/** Fewer rows are read in no time, index or not. */
const manyRows = 5_000;

function filterReadsMost(node: PlanNode, plan: Plan): Advice | undefined {
  const removed = removedRows(node);
  const kept = node.actual?.rows ?? 0;
  if (node.relation === undefined || !node.kind.endsWith('Seq Scan') || removed < manyRows || removed < kept * 9 || shareOf(plan, node) < worthALook) {
    return undefined;
  }
  return { code: 'filterReadsMost', node: node.id, relation: node.relation, read: removed + kept, kept, condition: factOf(node, 'Filter') };
}

/** Ten times too few or too many may make Postgres choose another plan; of a few rows it does not matter. */
function estimateOff(node: PlanNode, _plan: Plan, above: readonly PlanNode[]): Advice | undefined {
  const { actual, estimated, subject } = node;
  if (actual === undefined || node.relation === undefined || actual.off < 10) {
    return undefined;
  }
  const came = Math.round(actual.rows / Math.max(1, actual.loops));
  // What is stopped early was expected to give all of its rows.
  const isStopped = came < estimated.rows && above.some((ancestor) => /^Limit|Semi Join|Anti Join|Merge/.test(ancestor.kind) || isJoinedToNothing(ancestor, [...above, node]));
  return isStopped || Math.max(estimated.rows, came) < 100 ? undefined : { code: 'estimateOff', node: node.id, subject, expected: estimated.rows, came, times: Math.round(actual.off) };
}

/** A join of which one side has no rows does not read the other to its end. */
function isJoinedToNothing({ kind, children }: PlanNode, path: readonly PlanNode[]): boolean {
  return /Join$|^Nested Loop/.test(kind) && children.some((child) => !path.includes(child) && child.actual?.rows === 0 && child.actual.loops > 0);
}

function sortOnDisk(node: PlanNode): Advice | undefined {
  const isOnDisk = factOf(node, 'Sort Method').startsWith('external') || factOf(node, 'Sort Space Type') === 'Disk';
  return isOnDisk ? { code: 'sortOnDisk', node: node.id, kilobytes: node.numbers['Sort Space Used'] ?? 0, key: factOf(node, 'Sort Key') } : undefined;
}

function hashOnDisk(node: PlanNode): Advice | undefined {
  const batches = node.numbers['Hash Batches'] ?? node.numbers['HashAgg Batches'] ?? 1;
  const memory = node.numbers['Peak Memory Usage'] ?? 0;
  return batches > 1 ? { code: 'hashOnDisk', node: node.id, batches, kilobytes: Math.round(memory * batches) } : undefined;
}

function scanInLoop(node: PlanNode, plan: Plan): Advice | undefined {
  const loops = node.actual?.loops ?? 0;
  if (node.relation === undefined || !node.kind.endsWith('Seq Scan') || loops < 50 || shareOf(plan, node) < worthALook) {
    return undefined;
  }
  return { code: 'scanInLoop', node: node.id, relation: node.relation, loops, condition: factOf(node, 'Filter') };
}

function heapFetches(node: PlanNode): Advice | undefined {
  const fetches = node.numbers['Heap Fetches'] ?? 0;
  const rows = node.actual?.rows ?? 0;
  return node.relation !== undefined && fetches >= 1000 && fetches > rows / 2 ? { code: 'heapFetches', node: node.id, relation: node.relation, fetches, rows } : undefined;
}

function lossyBitmap(node: PlanNode): Advice | undefined {
  return node.relation !== undefined && (node.numbers['Lossy Heap Blocks'] ?? 0) > 0 ? { code: 'lossyBitmap', node: node.id, relation: node.relation } : undefined;
}

/** Sixteen megabytes that were not in memory. */
function readFromDisk(node: PlanNode, plan: Plan): Advice | undefined {
  const { read = 0, hit = 0 } = node.buffers ?? {};
  const isGrave = read >= 2048 && read > hit && shareOf(plan, node) >= worthALook;
  return node.relation !== undefined && isGrave ? { code: 'readFromDisk', node: node.id, relation: node.relation, megabytes: Math.round((read * 8) / 1024) } : undefined;
}

function workersMissing(node: PlanNode): Advice | undefined {
  const [planned, launched] = [node.numbers['Workers Planned'] ?? 0, node.numbers['Workers Launched']];
  return launched !== undefined && launched < planned ? { code: 'workersMissing', node: node.id, planned, launched } : undefined;
}

/** `auth.uid()` and its like are inlined to this; in a subquery of its own it is asked once. */
function settingPerRow(node: PlanNode): Advice | undefined {
  const read = removedRows(node) + (node.actual?.rows ?? node.estimated.rows);
  const asks = /current_setting\('request\.jwt|auth\.(uid|jwt|role|email)\(\)/.test(factOf(node, 'Filter'));
  return node.relation !== undefined && asks && read >= 1000 ? { code: 'settingPerRow', node: node.id, relation: node.relation, rows: read } : undefined;
}

function ofTheWhole({ root, triggers, jitMs = 0, planningMs = 0, executionMs = 0 }: Plan): Advice[] {
  const slow = triggers.filter(({ ms }) => ms > 10 && ms > executionMs * 0.2).map(({ name, ms, calls }): Advice => ({ code: 'slowTrigger', node: root.id, name, ms, calls }));
  const jit: Advice[] = jitMs > 50 && jitMs > executionMs * 0.3 ? [{ code: 'slowJit', node: root.id, ms: jitMs }] : [];
  const planning: Advice[] = planningMs > 50 && planningMs > executionMs ? [{ code: 'slowPlanning', node: root.id, ms: planningMs }] : [];
  return [...slow, ...jit, ...planning];
}

/** Of all loops together. */
function removedRows(node: PlanNode): number {
  return ((node.numbers['Rows Removed by Filter'] ?? 0) + (node.numbers['Rows Removed by Join Filter'] ?? 0)) * Math.max(1, node.actual?.loops ?? 1);
}

function factOf({ facts }: PlanNode, name: string): string {
  return facts.find((fact) => fact.name === name)?.value ?? '';
}
