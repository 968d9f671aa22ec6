/** What queries make: views, and tables from their rows. */
import { Lexer } from '../lexer.ts';
import type { StatementTree } from '../lint/statementTree.ts';
import { outputName } from '../objectNames.ts';
import { fieldsOf, listOf, optionValue, stringNode, type Fields } from '../tree.ts';
import type { ColumnDefinition, Effect, RelationKind } from './effect.ts';
import { createRelation } from './tables.ts';

export function createFromQuery(statement: StatementTree, relation: unknown, kind: RelationKind, query: unknown, aliases: unknown, tolerant: boolean): Effect[] {
  const { columns, complete } = outputColumns(statement, query);
  const names = listOf(aliases).map(stringNode);
  const renamed = columns.map((column, index) => ({ ...column, name: names[index] ?? column.name }));
  return createRelation(statement, relation, kind, []).map((effect) =>
    effect.kind === 'createRelation'
      ? {
          ...effect,
          columns: complete ? renamed : names.map((name) => ({ name, type: '', notNull: false, needsValue: false, at: effect.at })),
          complete: complete || (names.length > 0 && columns.length === names.length),
          tolerant,
        }
      : effect,
  );
}

export function createView(statement: StatementTree, fields: Fields): Effect[] {
  const invoker = optionValue(fields['options'], 'security_invoker') === 'on';
  const invokerAt = optionValue(fields['options'], 'security_invoker') === undefined ? placeForInvoker(statement, fields) : undefined;
  return createFromQuery(statement, fields['view'], 'view', fields['query'], fields['aliases'], fields['replace'] === true).map((effect) =>
    effect.kind === 'createRelation' ? { ...effect, invoker, ...(invokerAt === undefined ? {} : { invokerAt }) } : effect,
  );
}

/** At the end of the options, or in options of its own. */
function placeForInvoker(statement: StatementTree, fields: Fields): { readonly offset: number; readonly text: string } | undefined {
  const head = behindColumnList(statement, statement.relationRange(fields['view']).end);
  if (fields['options'] === undefined) {
    return { offset: head, text: ' with (security_invoker = on)' };
  }
  const lexer = new Lexer(statement.text, head);
  while (lexer.next()) {
    if (lexer.kind === 'symbol' && lexer.value === ')') {
      return { offset: lexer.start, text: ', security_invoker = on' };
    }
  }
  return undefined;
}

/** Behind a name, or behind the list of columns that follows it. */
function behindColumnList(statement: StatementTree, nameEnd: number): number {
  const lexer = new Lexer(statement.text, nameEnd);
  let within = false;
  while (lexer.next()) {
    if (lexer.kind === 'space' || lexer.kind === 'comment') {
      continue;
    }
    if (!within && lexer.value !== '(') {
      return nameEnd;
    }
    within = true;
    if (lexer.value === ')') {
      return lexer.end;
    }
  }
  return nameEnd;
}

/** The names that a query's columns get; not complete where a `*` stands or a name cannot be told. */
function outputColumns(statement: StatementTree, query: unknown): { readonly columns: ColumnDefinition[]; readonly complete: boolean } {
  let select = fieldsOf(fieldsOf(query)['SelectStmt']);
  while (select['larg'] !== undefined) {
    select = fieldsOf(select['larg']);
  }
  const targets = listOf(select['targetList']).map((target) => fieldsOf(fieldsOf(target)['ResTarget']));
  const columns = targets.map((target) => ({ name: outputName(target), type: '', notNull: false, needsValue: false, at: statement.tokenAt(target['location']) }));
  return { columns, complete: columns.length > 0 && columns.every(({ name }) => name !== '') };
}
