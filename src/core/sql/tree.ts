/**
 * Looking into libpg_query's JSON: a node is an object with one key, its type; fields that can only hold one type hold the node's
 * fields directly; defaults (false, 0, empty) are left out.
 */

export type Fields = Readonly<Record<string, unknown>>;

/** The type and the fields of a node: `{ SelectStmt: { … } }`. */
export function unwrap(node: unknown): { readonly type: string; readonly fields: Fields } | undefined {
  const fields = fieldsOf(node);
  for (const type in fields) {
    return { type, fields: fieldsOf(fields[type]) };
  }
  return undefined;
}

/** The value as an object; an empty one when it is none. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : noFields;
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : nothing;
}

// Asked for some hundred thousand times for a long file.
const noFields: Fields = Object.freeze({});
const nothing: readonly unknown[] = Object.freeze([]);

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The text of a constant that is a string; empty for anything else. */
export function stringConstant(node: unknown): string {
  return textOf(fieldsOf(fieldsOf(fieldsOf(node)['A_Const'])['sval'])['sval']);
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
    const first = waiting.length;
    if (Array.isArray(value)) {
      pushNodes(waiting, value);
    } else if (isNode(value)) {
      for (const key of Object.keys(value)) {
        const child = value[key];
        if (visit(key, child) !== false && isNode(child)) {
          waiting.push(child);
        }
      }
    }
    reverseFrom(waiting, first);
  }
}

/** An object or a list: what has something inside. */
function isNode(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function pushNodes(waiting: unknown[], values: readonly unknown[]): void {
  for (const value of values) {
    if (isNode(value)) {
      waiting.push(value);
    }
  }
}

function reverseFrom(list: unknown[], first: number): void {
  for (let low = first, high = list.length - 1; low < high; low++, high--) {
    [list[low], list[high]] = [list[high], list[low]];
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

const offWords: ReadonlySet<string> = new Set(['false', 'off', '0', 'no']);

function isOff(argument: unknown): boolean {
  const node = unwrap(argument);
  switch (node?.type) {
    case 'Integer':
      return node.fields['ival'] === undefined || node.fields['ival'] === 0;
    case 'Boolean':
      return node.fields['boolval'] !== true;
    case 'String':
      return offWords.has(textOf(node.fields['sval']).toLowerCase());
    case 'TypeName':
      // A word that is no keyword may be a type to the grammar: `with (security_invoker = off)`.
      return offWords.has(stringNode(listOf(node.fields['names']).at(-1)).toLowerCase());
    default:
      return false;
  }
}
