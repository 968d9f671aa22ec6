/** Names of objects as they stand in the grammar's tree. */
import { fieldsOf, listOf, stringNode, textOf, unwrap, type Fields } from './tree.ts';

export interface ObjectName {
  /** Absent where the search path decides. */
  readonly schema: string | undefined;
  readonly name: string;
}

export function relationOf(relation: unknown): ObjectName {
  const { schemaname, relname } = fieldsOf(fieldsOf(relation)['RangeVar'] ?? relation);
  return { schema: schemaname === undefined ? undefined : textOf(schemaname), name: textOf(relname) };
}

/** `[schema,] name` as a list of `String` nodes, or a node that holds one. */
export function dottedName(names: unknown): ObjectName {
  const node = Array.isArray(names) ? undefined : unwrap(names);
  const parts = (node === undefined ? listOf(names) : node.type === 'String' ? [names] : listOf(node.fields['items'] ?? node.fields['names'] ?? node.fields['objname'])).map(stringNode);
  return { schema: parts.at(-2), name: parts.at(-1) ?? '' };
}

/** A type as it is written, without the schema of Postgres' own: `int4`, `timestamptz[]`, `public.mood`. */
export function typeText(typeName: unknown): string {
  const fields = fieldsOf(typeName);
  const parts = listOf(fields['names']).map(stringNode);
  const name = parts[0] === 'pg_catalog' ? parts.slice(1) : parts;
  return name.join('.') + '[]'.repeat(listOf(fields['arrayBounds']).length);
}

/** `numeric(10, 2)`: 10 and 2; none where none is written, or what is written is no number. */
export function typeModifiers(typeName: unknown): { readonly modifiers?: readonly number[] } {
  const modifiers = listOf(fieldsOf(typeName)['typmods']).map((each) => fieldsOf(fieldsOf(each)['A_Const'])['ival']);
  // A number that is 0 is left out by the grammar.
  return modifiers.length === 0 || modifiers.includes(undefined) ? {} : { modifiers: modifiers.map((each) => Number(fieldsOf(each)['ival'] ?? 0)) };
}

/** As the server names a column (`FigureColname`): the alias, a column's or function's own name; empty where it is harder to tell. */
export function outputName(target: Fields): string {
  if (target['name'] !== undefined) {
    return textOf(target['name']);
  }
  const value = unwrap(target['val']);
  if (value?.type === 'ColumnRef') {
    return stringNode(listOf(value.fields['fields']).at(-1));
  }
  return value?.type === 'FuncCall' ? dottedName(value.fields['funcname']).name : '';
}
