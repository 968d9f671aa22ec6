/**
 * Looking into libpg_query's JSON: a node is an object with one key, its type; fields that can only hold one type hold the node's
 * fields directly; defaults (false, 0, empty) are left out.
 */

export type Fields = Readonly<Record<string, unknown>>;

/** The type and the fields of a node: `{ SelectStmt: { … } }`. */
export function unwrap(node: unknown): { readonly type: string; readonly fields: Fields } | undefined {
  const [entry] = Object.entries(fieldsOf(node));
  return entry === undefined ? undefined : { type: entry[0], fields: fieldsOf(entry[1]) };
}

/** The value as an object; an empty one when it is none. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The text of a `String` node. */
export function stringNode(node: unknown): string {
  return textOf(fieldsOf(fieldsOf(node)['String'])['sval']);
}

/**
 * Calls back for each field of each object in the tree, outermost first: `key` is a node's type or a field's name. A callback that
 * returns `false` keeps the walk from going in. The walk needs no stack: statements are nested deeper than it is.
 */
export function walk(tree: unknown, visit: (key: string, value: unknown) => boolean | undefined): void {
  const waiting: unknown[] = [tree];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (Array.isArray(value)) {
      pushReversed(waiting, value);
    } else if (typeof value === 'object' && value !== null) {
      const inside = Object.entries(value as Fields).filter(([key, child]) => visit(key, child) !== false);
      pushReversed(waiting, inside.map(([, child]) => child));
    }
  }
}

function pushReversed(waiting: unknown[], values: readonly unknown[]): void {
  for (let index = values.length - 1; index >= 0; index--) {
    waiting.push(values[index]);
  }
}

/** `schema.table` of a RangeVar. */
export function relationName(relation: unknown): string {
  const { schemaname, relname } = fieldsOf(relation);
  return schemaname === undefined ? textOf(relname) : `${textOf(schemaname)}.${textOf(relname)}`;
}

/** The options of a statement (`EXPLAIN (ANALYZE, …)`) by name; an option without a value is on. */
export function optionValue(options: unknown, name: string): 'on' | 'off' | undefined {
  let found: 'on' | 'off' | undefined;
  for (const option of listOf(options)) {
    const { defname, arg } = fieldsOf(fieldsOf(option)['DefElem']);
    // The last one wins; whoever only looks for danger must not be led astray by a second one.
    if (textOf(defname).toLowerCase() === name && found !== 'on') {
      found = isOff(arg) ? 'off' : 'on';
    }
  }
  return found;
}

function isOff(argument: unknown): boolean {
  const node = unwrap(argument);
  switch (node?.type) {
    case 'Integer':
      return node.fields['ival'] === undefined || node.fields['ival'] === 0;
    case 'Boolean':
      return node.fields['boolval'] !== true;
    case 'String':
      return ['false', 'off', '0', 'no'].includes(textOf(node.fields['sval']).toLowerCase());
    default:
      return false;
  }
}
