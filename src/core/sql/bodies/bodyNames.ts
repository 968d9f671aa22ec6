/** Names in the code of a function in SQL, which the server looks up when the function is made. */
import { dottedName } from '../objectNames.ts';
import type { NameProblem } from '../names/complaints.ts';
import type { CatalogOverlay } from '../names/overlay.ts';
import { resolveNames } from '../names/resolve.ts';
import { Scope } from '../names/scope.ts';
import { worldWithoutDatabase, type NameWorld } from '../names/world.ts';
import type { StatementTree } from '../lint/statementTree.ts';
import { fieldsOf, listOf, stringConstant, stringNode, textOf, type Fields } from '../tree.ts';
import type { CodeStatement, ReadBody } from './readBody.ts';

/** What is wrong with them, in the offsets of each statement of the code; nothing where the server looks none up. */
export function namesInBody(statement: StatementTree, { code, statements, isWhole }: ReadBody, overlay: CatalogOverlay | undefined): { readonly within: CodeStatement; readonly problem: NameProblem }[] {
  if (!isWhole || !statements.every(({ tree }) => queries.has(tree.type)) || isPolymorphic(statement.fields)) {
    return [];
  }
  const own = dottedName(statement.fields['funcname']).name;
  // What the grammar itself reads is looked up whatever the settings are, and by the path of whoever makes it.
  const path = code === undefined ? undefined : pathOf(statement.fields);
  const around = overlay === undefined || (code !== undefined && !overlay.areBodiesChecked) ? worldWithoutDatabase : path === undefined ? overlay : overlay.alongPath(path);
  const world = withFunction(around, own);
  const scope = parametersOf(statement.fields, own);
  return statements.flatMap((within) => resolveNames(within.tree, world, scope).map((problem) => ({ within, problem })));
}

/** Columns that views about the server lack in every database: that much is certain of PL/pgSQL, whose variables may be named like anything. */
export function systemNamesInBody({ aboutServer }: ReadBody): { readonly within: CodeStatement; readonly problem: NameProblem }[] {
  const scope = new Scope();
  scope.add({ alias: '', columns: new Set(aboutServer?.variables), complete: true });
  return (aboutServer?.queries ?? []).flatMap((within) => resolveNames(within.tree, worldWithoutDatabase, scope).filter(({ system }) => system).map((problem) => ({ within, problem })));
}

const queries: ReadonlySet<string> = new Set(['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt', 'ReturnStmt']);

/** The function is there by the time its code is looked at. */
function withFunction(world: NameWorld, own: string): NameWorld {
  return {
    relation: (name) => world.relation(name),
    hasFunction: (name) => (name.name === own ? 'unknown' : world.hasFunction(name)),
    hasOwnFunction: (name) => world.hasOwnFunction(name),
    functionColumns: (name) => (name.name === own ? undefined : world.functionColumns(name)),
    relationsLike: (name) => world.relationsLike(name),
    functionsLike: (name) => world.functionsLike(name),
  };
}

/** By their names alone, by the function's name before them, and as rows whose fields come behind them. A column of the same name goes before. */
function parametersOf({ parameters, is_procedure: isProcedure }: Fields, own: string): Scope {
  const all = listOf(parameters).map((each) => fieldsOf(fieldsOf(each)['FunctionParameter']));
  // What a function only gives back has no name in its code.
  const named = all.filter(({ name, mode }) => name !== undefined && (isProcedure === true || (mode !== 'FUNC_PARAM_OUT' && mode !== 'FUNC_PARAM_TABLE'))).map(({ name }) => textOf(name));
  const scope = new Scope();
  scope.add({ alias: own, columns: new Set(named), complete: true });
  named.forEach((alias) => scope.add({ alias, columns: new Set(), complete: false, qualifiedOnly: true }));
  return scope;
}

/** Of the function's own `set search_path`; `undefined` where it has that of whoever makes it. */
function pathOf({ options }: Fields): readonly string[] | undefined {
  const settings = listOf(options).map((option) => fieldsOf(fieldsOf(option)['DefElem'])).filter(({ defname }) => defname === 'set').map(({ arg }) => fieldsOf(fieldsOf(arg)['VariableSetStmt']));
  const path = settings.findLast(({ name }) => name === 'search_path');
  return path?.['kind'] !== 'VAR_SET_VALUE' ? undefined : listOf(path['args']).map(stringConstant);
}

/** Its code means something only when it is called. */
function isPolymorphic({ parameters }: Fields): boolean {
  const types = listOf(parameters).map((each) => stringNode(listOf(fieldsOf(fieldsOf(fieldsOf(each)['FunctionParameter'])['argType'])['names']).at(-1)));
  return types.some((type) => polymorphic.has(type));
}

/** https://www.postgresql.org/docs/current/extend-type-system.html#EXTEND-TYPES-POLYMORPHIC */
const polymorphic: ReadonlySet<string> = new Set(['any', 'anyelement', 'anyarray', 'anynonarray', 'anyenum', 'anyrange', 'anymultirange', 'anycompatible', 'anycompatiblearray', 'anycompatiblenonarray', 'anycompatiblerange', 'anycompatiblemultirange']);
