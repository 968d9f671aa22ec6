/** Functions, and the types that come with some. */
import { defined } from '../../../util/defined.ts';
import type { TextRange } from '../../runbook/document.ts';
import type { StatementTree } from '../lint/statementTree.ts';
import { dottedName, typeText, type ObjectName } from '../objectNames.ts';
import { fieldsOf, listOf, stringNode, type Fields } from '../tree.ts';
import type { Effect } from './effect.ts';

/** `set search_path = …`: on; `reset search_path`, `set search_path to default`: off. */
function searchPathOf(options: unknown): 'set' | 'reset' | undefined {
  const settings = optionNamed(options, 'set').map(({ arg }) => fieldsOf(fieldsOf(arg)['VariableSetStmt']));
  const last = settings.findLast(({ name, kind }) => name === 'search_path' || kind === 'VAR_RESET_ALL');
  return last && (last['kind'] === 'VAR_SET_VALUE' || last['kind'] === 'VAR_SET_CURRENT' ? 'set' : 'reset');
}

/** `security definer` or `security invoker`, the words of a definer in their place. */
function definerOf(statement: StatementTree, options: unknown): TextRange | 'off' | undefined {
  const option = optionNamed(options, 'security').at(-1);
  if (option === undefined || fieldsOf(fieldsOf(option['arg'])['Boolean'])['boolval'] !== true) {
    return option && 'off';
  }
  const start = statement.offset(option['location']);
  return { start, end: (statement.wordFrom(start, 'definer') ?? { end: start }).end };
}

const inputModes: ReadonlySet<unknown> = new Set(['FUNC_PARAM_DEFAULT', 'FUNC_PARAM_IN', 'FUNC_PARAM_INOUT', 'FUNC_PARAM_VARIADIC']);

export function createFunction(statement: StatementTree, fields: Fields): Effect[] {
  const { options } = fields;
  const language = stringNode(optionNamed(options, 'language')[0]?.['arg']);
  const parameters = listOf(fields['parameters']).map((parameter) => fieldsOf(fieldsOf(parameter)['FunctionParameter']));
  const definer = definerOf(statement, options);
  return [
    {
      kind: 'createFunction',
      name: dottedName(fields['funcname']),
      args: parameters.filter(({ mode }) => inputModes.has(mode)).map(({ argType }) => typeText(argType)),
      // Names of a body that is SQL itself are looked up when the function is made, and compiled code looks none up.
      findsByPath: searchPathOf(options) !== 'set' && fields['sql_body'] === undefined && language !== 'c' && language !== 'internal',
      ...(definer === undefined || definer === 'off' ? {} : { definer }),
      // A function in SQL may be written into the place where it is called, and is then as volatile as what it does.
      volatile: language !== 'sql' && optionNamed(options, 'volatility').every(({ arg }) => stringNode(arg) === 'volatile'),
    },
  ];
}

export function alterFunction(statement: StatementTree, fields: Fields): Effect[] {
  const path = searchPathOf(fields['actions']);
  const definer = definerOf(statement, fields['actions']);
  return path === undefined && definer === undefined ? [] : [{ kind: 'alterFunction', ...signatureOf(fields['func']), ...defined({ findsByPath: path && path === 'reset', definer }) }];
}

/** `f(int, text)`, `f`: an `ObjectWithArgs` or its fields. */
export function signatureOf(named: unknown): { readonly name: ObjectName; readonly args?: readonly string[] } {
  const fields = fieldsOf(fieldsOf(named)['ObjectWithArgs'] ?? named);
  const args = listOf(fields['objargs']).map((argument) => typeText(fieldsOf(argument)['TypeName']));
  return { name: dottedName(fields['objname']), ...(fields['args_unspecified'] === true ? {} : { args }) };
}

/** One of which nothing more is known. */
export function madeFunction(name: ObjectName): Effect {
  return { kind: 'createFunction', name, findsByPath: false, volatile: false };
}

/** A range type comes with functions that make its values, and those of its multirange. */
export function createRange(_statement: StatementTree, fields: Fields): Effect[] {
  const name = dottedName(fields['typeName']);
  const written = optionNamed(fields['params'], 'multirange_type_name')[0]?.['arg'];
  const multirange = dottedName(fieldsOf(fieldsOf(written)['TypeName'])['names']).name;
  const derived = name.name.includes('range') ? name.name.replace('range', 'multirange') : `${name.name}_multirange`;
  return [
    { kind: 'createType', name },
    madeFunction(name),
    madeFunction({ schema: name.schema, name: multirange || derived }),
  ];
}

function optionNamed(options: unknown, name: string): readonly Fields[] {
  return listOf(options).map((option) => fieldsOf(fieldsOf(option)['DefElem'])).filter(({ defname }) => defname === name);
}
