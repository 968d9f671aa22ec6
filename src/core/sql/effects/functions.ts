/** Functions, and the types that come with some. */
import type { StatementTree } from '../lint/statementTree.ts';
import { dottedName } from '../objectNames.ts';
import { fieldsOf, listOf, stringNode, type Fields } from '../tree.ts';
import type { Effect } from './effect.ts';

function setsSearchPath(options: unknown): boolean {
  return optionNamed(options, 'set').some(({ arg }) => fieldsOf(fieldsOf(arg)['VariableSetStmt'])['name'] === 'search_path');
}

export function createFunction(statement: StatementTree, fields: Fields): Effect[] {
  const name = dottedName(fields['funcname']);
  const definer = optionNamed(fields['options'], 'security').find(({ arg }) => fieldsOf(fieldsOf(arg)['Boolean'])['boolval'] === true);
  const language = stringNode(optionNamed(fields['options'], 'language')[0]?.['arg']);
  // Names of a body that is SQL itself are looked up when the function is made, and compiled code looks none up.
  const looksUp = fields['sql_body'] === undefined && language !== 'c' && language !== 'internal';
  if (definer === undefined || setsSearchPath(fields['options']) || !looksUp) {
    return [{ kind: 'createFunction', name }];
  }
  const start = statement.offset(definer['location']);
  const { end } = statement.wordFrom(start, 'definer') ?? { end: start };
  return [{ kind: 'createFunction', name, openDefiner: { at: { start, end }, insertAt: end } }];
}

export function alterFunction(_statement: StatementTree, fields: Fields): Effect[] {
  return setsSearchPath(fields['actions']) ? [{ kind: 'functionPath', name: dottedName(fieldsOf(fields['func'])['objname']) }] : [];
}

/** A range type comes with functions that make its values, and those of its multirange. */
export function createRange(_statement: StatementTree, fields: Fields): Effect[] {
  const name = dottedName(fields['typeName']);
  const written = optionNamed(fields['params'], 'multirange_type_name')[0]?.['arg'];
  const multirange = dottedName(fieldsOf(fieldsOf(written)['TypeName'])['names']).name;
  const derived = name.name.includes('range') ? name.name.replace('range', 'multirange') : `${name.name}_multirange`;
  return [
    { kind: 'createType', name },
    { kind: 'createFunction', name },
    { kind: 'createFunction', name: { schema: name.schema, name: multirange || derived } },
  ];
}

function optionNamed(options: unknown, name: string): readonly Fields[] {
  return listOf(options).map((option) => fieldsOf(fieldsOf(option)['DefElem'])).filter(({ defname }) => defname === name);
}
