import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { advise, type Advice } from '../../../../src/core/results/plan/advice.ts';
import { nodesOf, parsePlan, shareOf, slowest, type Plan, type PlanNode } from '../../../../src/core/results/plan/plan.ts';

/** Plans that Postgres 17 printed. */
function recorded(name: string): Plan {
  const plan = parsePlan(readFileSync(new URL(`../../../fixtures/plans/${name}.json`, import.meta.url), 'utf8'));
  assert.ok(plan, name);
  return plan;
}

function node(plan: Plan, kind: string, subject = ''): PlanNode {
  const found = nodesOf(plan.root).find((each) => each.kind === kind && each.subject.startsWith(subject));
  assert.ok(found, `${kind} ${subject}`);
  return found;
}

function advice<C extends Advice['code']>(plan: string, code: C): Extract<Advice, { code: C }> | undefined {
  return advise(recorded(plan)).find((each): each is Extract<Advice, { code: C }> => each.code === code);
}

describe('a plan', () => {
  it('is a tree with the time of each node for itself', () => {
    const plan = recorded('joined');
    assert.deepEqual([plan.isAnalyzed, plan.executionMs, plan.planningMs], [true, 23.253, 0.595]);
    assert.deepEqual(nodesOf(plan.root).map(({ kind }) => kind), ['Sort', 'HashAggregate', 'Hash Join', 'Seq Scan', 'Hash', 'Bitmap Heap Scan', 'Bitmap Index Scan']);
    assert.deepEqual(nodesOf(plan.root).map(({ id }) => id), [0, 1, 2, 3, 4, 5, 6]);
    const join = node(plan, 'Hash Join');
    assert.deepEqual(join.facts, [{ name: 'Hash Cond', value: '(o.person = p.id)' }]);
    const own = nodesOf(plan.root).reduce((sum, each) => sum + (each.actual?.selfMs ?? 0), 0);
    assert.ok(Math.abs(own - (plan.root.actual?.ms ?? 0)) < 0.01, 'own times add up to the whole');
    assert.equal(node(plan, 'Seq Scan').subject, 'public.orders o');
    assert.deepEqual(slowest(plan).map(({ kind }) => kind), ['Seq Scan', 'Hash Join']);
    assert.ok(shareOf(plan, node(plan, 'Seq Scan')) > 0.5);
  });

  it('without ANALYZE goes by cost', () => {
    const plan = recorded('plain');
    assert.deepEqual([plan.isAnalyzed, plan.executionMs, plan.root.actual], [false, undefined, undefined]);
    assert.deepEqual(slowest(plan).map(({ kind }) => kind), ['Seq Scan', 'Bitmap Heap Scan', 'Hash Join']);
    assert.deepEqual(advise(plan), []);
  });

  it('counts the time of processes that work at once once', () => {
    const plan = recorded('parallel');
    const scan = node(plan, 'Parallel Seq Scan');
    assert.deepEqual([scan.actual?.loops, scan.actual?.rows, scan.actual?.ms.toFixed(3)], [3, 59_880, '7.246']);
    assert.equal(node(plan, 'Finalize Aggregate').id, 0);
    assert.ok(nodesOf(plan.root).reduce((sum, each) => sum + (each.actual?.selfMs ?? 0), 0) <= (plan.root.actual?.ms ?? 0) + 0.01);
  });

  it('counts what is worked out beforehand, below a node of several processes, once', () => {
    const plan = recorded('initPlan');
    const own = nodesOf(plan.root).reduce((sum, each) => sum + (each.actual?.selfMs ?? 0), 0);
    assert.ok(Math.abs(own - (plan.root.actual?.ms ?? 0)) < 0.1, String(own));
    assert.ok(nodesOf(plan.root).every((each) => each.children.every((child) => (child.actual?.ms ?? 0) <= (each.actual?.ms ?? 0) + 0.01)));
  });

  it('counts the cost of a CTE once', () => {
    const plan = recorded('cteByCost');
    assert.equal(nodesOf(plan.root).reduce((sum, each) => sum + shareOf(plan, each), 0).toFixed(2), '1.00');
  });

  it('says that there are others where a rule made several statements of one', () => {
    assert.deepEqual([recorded('rule').more, recorded('joined').more], [1, 0]);
  });

  it('counts the time of a CTE where it runs, once', () => {
    const plan = recorded('cte');
    const cte = node(plan, 'Seq Scan', 'orders');
    assert.equal(cte.role, 'CTE big');
    assert.ok((node(plan, 'CTE Scan').actual?.selfMs ?? 99) < 3);
    assert.ok((cte.actual?.selfMs ?? 0) > 8);
    assert.equal(node(plan, 'Result').role, 'InitPlan 3');
    assert.equal(node(plan, 'Index Only Scan').subject, 'people (people_pkey)');
  });

  it('tells errors of estimates, and none of nodes that never ran', () => {
    assert.equal(Math.round(node(recorded('underestimated'), 'Seq Scan').actual?.off ?? 0), 11);
    const never = nodesOf(recorded('neverExecuted').root).find(({ actual }) => actual?.loops === 0);
    assert.deepEqual([never?.actual?.off, never?.actual?.selfMs], [1, 0]);
  });

  it('has buffers and triggers', () => {
    const plan = recorded('insert');
    assert.deepEqual(plan.triggers.map(({ name, calls }) => [name, calls]), [['RI_ConstraintTrigger_c_16767', 20], ['slow', 20]]);
    assert.equal(plan.root.kind, 'Insert');
    assert.ok((recorded('seqScan').root.buffers?.hit ?? 0) > 1000);
  });

  it('is read from one object too, and from nothing else', () => {
    assert.equal(parsePlan('{"Plan":{"Node Type":"Result","Plan Rows":1}}')?.root.kind, 'Result');
    assert.deepEqual(['', '[]', '[{}]', '"Plan"', 'Seq Scan on t'].map((text) => parsePlan(text)), Array.from({ length: 5 }, () => undefined));
  });
});

describe('advice on a plan', () => {
  it('names the filter that reads most rows for nothing', () => {
    const { node: _, ...rest } = advice('seqScan', 'filterReadsMost') ?? { node: 0 };
    assert.deepEqual(rest, { code: 'filterReadsMost', relation: 'orders', read: 120_000, kept: 120, condition: "((note ~~ '%zz%'::text) OR (amount = 99.9))" });
    assert.equal(advice('joined', 'filterReadsMost'), undefined);
  });

  it('names estimates that were far off, but not of what was stopped early', () => {
    assert.deepEqual(advice('estimates', 'estimateOff'), { code: 'estimateOff', node: 2, subject: 'skewed s', expected: 479, came: 0, times: 479 });
    assert.equal(advice('underestimated', 'estimateOff')?.came, 5000);
    assert.equal(advice('nestedLoop', 'estimateOff'), undefined);
    assert.equal(advice('cte', 'estimateOff'), undefined);
    assert.equal(advice('joinedToNothing', 'estimateOff'), undefined);
  });

  it('names what did not fit into memory', () => {
    assert.deepEqual(advice('sortOnDisk', 'sortOnDisk'), { code: 'sortOnDisk', node: 1, kilobytes: 5448, key: 'note, amount' });
    assert.deepEqual(advice('hashBatches', 'hashOnDisk'), { code: 'hashOnDisk', node: 2, batches: 64, kilobytes: 5376 });
    assert.equal(advice('joined', 'hashOnDisk'), undefined);
  });

  it('names what vacuum, policies and triggers cost', () => {
    assert.equal(advice('indexOnly', 'heapFetches')?.fetches, 19_991);
    assert.equal(advice('policy', 'settingPerRow')?.rows, 30_000);
    assert.deepEqual([advice('insert', 'slowTrigger')?.name, advice('insert', 'slowTrigger')?.calls], ['slow', 20]);
  });

  it('looks at loops, workers, disks and compiling', () => {
    const scan = { 'Node Type': 'Seq Scan', 'Relation Name': 't', 'Actual Loops': 400, 'Actual Rows': 1, 'Actual Total Time': 2, 'Plan Rows': 1, 'Shared Hit Blocks': 10, 'Shared Read Blocks': 4096, Filter: '(a = b)' };
    const root = { 'Node Type': 'Gather', 'Actual Loops': 1, 'Actual Rows': 1, 'Actual Total Time': 900, 'Plan Rows': 1, 'Workers Planned': 2, 'Workers Launched': 0, Plans: [scan, { ...scan, 'Node Type': 'Bitmap Heap Scan', 'Lossy Heap Blocks': 3 }] };
    const plan = parsePlan(JSON.stringify([{ Plan: root, 'Planning Time': 1000, 'Execution Time': 900, JIT: { Timing: { Total: 500 } } }]));
    assert.ok(plan);
    assert.deepEqual(
      advise(plan).map(({ code, node: of }) => [code, of]),
      [['scanInLoop', 1], ['readFromDisk', 1], ['lossyBitmap', 2], ['readFromDisk', 2], ['workersMissing', 0], ['slowJit', 0], ['slowPlanning', 0]],
    );
  });
});
