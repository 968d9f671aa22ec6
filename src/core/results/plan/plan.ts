/** What `EXPLAIN (FORMAT JSON)` prints, as a tree with the time that each node took for itself. */

/** Blocks of 8 kB. */
export interface Buffers {
  readonly hit: number;
  readonly read: number;
  readonly dirtied: number;
  readonly written: number;
  readonly tempRead: number;
  readonly tempWritten: number;
}

export interface PlanNode {
  /** In the order of the text, from 0. */
  readonly id: number;
  /** `Seq Scan`, `Hash Join`, … */
  readonly kind: string;
  /** The table, index, function or CTE it works on: `orders o`; empty for others. */
  readonly subject: string;
  /** The table, without its alias. */
  readonly relation?: string;
  /** How it hangs below its parent, for those that are no plain input: `InitPlan 1`, `CTE big`, `SubPlan 2`. */
  readonly role?: string;
  readonly estimated: { readonly rows: number; readonly width: number; readonly startupCost: number; readonly totalCost: number };
  /** Absent without ANALYZE. */
  readonly actual?: Actual;
  readonly buffers?: Buffers;
  /** Conditions, keys, methods, as Postgres words them. */
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  /** Numbers that advice looks at, by Postgres' own names. */
  readonly numbers: Readonly<Record<string, number>>;
  readonly children: readonly PlanNode[];
}

export interface Actual {
  /** Of all loops together. */
  readonly rows: number;
  readonly loops: number;
  /** Milliseconds on the clock, with what is below it. */
  readonly ms: number;
  /** Milliseconds for itself. */
  readonly selfMs: number;
  /** Rows that came by rows that were expected, or the other way round when fewer came: 1 or more. */
  readonly off: number;
}

export interface Plan {
  readonly root: PlanNode;
  readonly isAnalyzed: boolean;
  readonly planningMs?: number;
  readonly executionMs?: number;
  /** Milliseconds of just-in-time compiling. */
  readonly jitMs?: number;
  readonly triggers: readonly { readonly name: string; readonly ms: number; readonly calls: number }[];
  /** Plans besides this one: a rule made several statements of one. */
  readonly more: number;
}

type Json = Readonly<Record<string, unknown>>;

/** `undefined` when the text is no plan. */
export function parsePlan(text: string): Plan | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const top = objectOf(Array.isArray(value) ? value[0] : value);
  const plan = top['Plan'];
  if (typeof plan !== 'object' || plan === null) {
    return undefined;
  }
  const root = new PlanReader().node(plan as Json, { processes: 1 });
  return {
    root,
    isAnalyzed: root.actual !== undefined,
    ...maybe('planningMs', top['Planning Time']),
    ...maybe('executionMs', top['Execution Time']),
    ...maybe('jitMs', objectOf(objectOf(top['JIT'])['Timing'])['Total']),
    triggers: listOf(top['Triggers']).map((trigger) => ({ name: textOf(trigger['Trigger Name']), ms: numberOf(trigger['Time']), calls: numberOf(trigger['Calls']) })),
    more: Array.isArray(value) ? value.length - 1 : 0,
  };
}

/** All nodes, each before what is below it. */
export function nodesOf(node: PlanNode): readonly PlanNode[] {
  return [node, ...node.children.flatMap(nodesOf)];
}

/** What a node's part in the whole is counted by: its own time, or without ANALYZE its own cost. */
export function shareOf({ root, isAnalyzed }: Plan, node: PlanNode): number {
  const whole = isAnalyzed ? (root.actual?.ms ?? 0) : root.estimated.totalCost;
  const own = isAnalyzed ? (node.actual?.selfMs ?? 0) : Math.max(0, node.estimated.totalCost - node.children.reduce((sum, child) => sum + child.estimated.totalCost, 0));
  return whole > 0 ? Math.min(1, own / whole) : 0;
}

/** A tenth of the whole is worth a look. */
export const worthALook = 0.1;

/** The nodes that took most, gravest first; at most three. */
export function slowest(plan: Plan): readonly PlanNode[] {
  return nodesOf(plan.root)
    .filter((node) => shareOf(plan, node) >= worthALook)
    .sort((a, b) => shareOf(plan, b) - shareOf(plan, a))
    .slice(0, 3);
}

class PlanReader {
  private nodes = 0;
  /** Milliseconds of CTEs that no scan has accounted for yet. */
  private readonly ctes = new Map<string, number>();

  /** `processes`: how many work on it at once; Postgres gives the time of all of them together, by loop. */
  node(json: Json, { processes }: { readonly processes: number }): PlanNode {
    const id = this.nodes++;
    const below = json['Workers Launched'] === undefined ? processes : numberOf(json['Workers Launched']) + 1;
    // What is needed before anything else is worked out by one process for all.
    const children = listOf(json['Plans']).map((child) => this.node(child, { processes: /^(InitPlan|CTE) /.test(textOf(child['Subplan Name'])) ? 1 : below }));
    const kind = kindOf(json);
    const role = textOf(json['Subplan Name']);
    const actual = this.actualOf(json, children, processes);
    if (role.startsWith('CTE ') && actual !== undefined) {
      this.ctes.set(role.slice('CTE '.length), actual.ms);
    }
    return {
      id,
      kind,
      subject: subjectOf(json),
      ...(textOf(json['Relation Name']) === '' ? {} : { relation: qualified(json) }),
      ...(role === '' ? {} : { role }),
      estimated: { rows: numberOf(json['Plan Rows']), width: numberOf(json['Plan Width']), startupCost: numberOf(json['Startup Cost']), totalCost: numberOf(json['Total Cost']) },
      ...(actual === undefined ? {} : { actual }),
      ...(json['Shared Hit Blocks'] === undefined ? {} : { buffers: buffersOf(json) }),
      facts: factsOf(json),
      numbers: Object.fromEntries(Object.entries(json).flatMap(([name, value]) => (typeof value === 'number' ? [[name, value]] : []))),
      children,
    };
  }

  private actualOf(json: Json, children: readonly PlanNode[], processes: number): Actual | undefined {
    const loops = json['Actual Loops'];
    if (typeof loops !== 'number') {
      return undefined;
    }
    const rows = numberOf(json['Actual Rows']) * loops;
    const ms = (numberOf(json['Actual Total Time']) * loops) / processes;
    const inside = children.filter(({ role }) => !role?.startsWith('CTE ')).reduce((sum, child) => sum + (child.actual?.ms ?? 0), 0);
    return { rows, loops, ms, selfMs: Math.max(0, ms - inside - this.cteTime(json, ms)), off: offBy(numberOf(json['Plan Rows']), numberOf(json['Actual Rows']), loops) };
  }

  /** The first scan of a CTE is what makes it run. */
  private cteTime(json: Json, ms: number): number {
    const name = textOf(json['CTE Name']);
    const time = Math.min(ms, this.ctes.get(name) ?? 0);
    this.ctes.delete(name);
    return time;
  }
}

/** A node that never ran has no error; less than one row by loop is as good as one. */
function offBy(expected: number, came: number, loops: number): number {
  if (loops === 0) {
    return 1;
  }
  const [a, b] = [Math.max(1, expected), Math.max(1, came)];
  return Math.max(a / b, b / a);
}

function kindOf(json: Json): string {
  const type = textOf(json['Node Type']);
  const join = textOf(json['Join Type']);
  const words: string[] = [];
  if (json['Parallel Aware'] === true) {
    words.push('Parallel');
  }
  const partial = textOf(json['Partial Mode']);
  if (partial === 'Partial' || partial === 'Finalize') {
    words.push(partial);
  }
  if (type === 'ModifyTable') {
    words.push(textOf(json['Operation']));
  } else if (type === 'Aggregate') {
    words.push({ Sorted: 'GroupAggregate', Hashed: 'HashAggregate', Mixed: 'MixedAggregate' }[textOf(json['Strategy'])] ?? 'Aggregate');
  } else if (join !== '' && join !== 'Inner') {
    words.push(type === 'Nested Loop' ? `Nested Loop ${join} Join` : type.replace(/ Join$/, ` ${join} Join`));
  } else {
    words.push(type);
  }
  return words.join(' ');
}

function subjectOf(json: Json): string {
  const name = textOf(json['Relation Name']) === '' ? textOf(json['CTE Name']) || textOf(json['Function Name']) || textOf(json['Subplan Name']) : qualified(json);
  const alias = textOf(json['Alias']);
  const index = textOf(json['Index Name']);
  const table = json['Subplan Name'] !== undefined && json['Relation Name'] === undefined && json['CTE Name'] === undefined ? '' : [name, alias === textOf(json['Relation Name']) || alias === name ? '' : alias].filter(Boolean).join(' ');
  return index === '' ? table : table === '' ? index : `${table} (${index})`;
}

function qualified(json: Json): string {
  return [textOf(json['Schema']), textOf(json['Relation Name'])].filter(Boolean).join('.');
}

function buffersOf(json: Json): Buffers {
  const count = (name: string): number => numberOf(json[`Shared ${name} Blocks`]) + numberOf(json[`Local ${name} Blocks`]);
  return { hit: count('Hit'), read: count('Read'), dirtied: count('Dirtied'), written: count('Written'), tempRead: numberOf(json['Temp Read Blocks']), tempWritten: numberOf(json['Temp Written Blocks']) };
}

/** What stands elsewhere in the node, or says nothing to a person. */
const shownElsewhere = /^(Node Type|Parallel Aware|Async Capable|Parent Relationship|Subplan Name|Join Type|Strategy|Partial Mode|Operation|Relation Name|Schema|Alias|CTE Name|Function Name|Index Name|Startup Cost|Total Cost|Plan Rows|Plan Width|Actual .*|.* Blocks|.* I\/O (Read|Write) Time|Plans|Workers|Output|Single Copy|Disabled|Inner Unique)$/;

function factsOf(json: Json): { name: string; value: string }[] {
  return Object.entries(json)
    .filter(([name]) => !shownElsewhere.test(name))
    .flatMap(([name, value]) => {
      const text = Array.isArray(value) ? value.map(String).join(', ') : typeof value === 'object' ? '' : String(value);
      return text === '' || text === 'false' ? [] : [{ name, value: text }];
    });
}

function maybe<K extends string>(name: K, value: unknown): { readonly [key in K]?: number } {
  return (typeof value === 'number' ? { [name]: value } : {}) as { readonly [key in K]?: number };
}

function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function listOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
