/** What a function in FROM gives, by how the server tells its result: https://www.postgresql.org/docs/current/functions-info.html */
import { Lexer } from '../lexer.ts';
import { namesFrom, nameOf } from '../lint/statementTree.ts';
import type { ObjectName } from '../objectNames.ts';

export type FunctionColumns =
  | { readonly kind: 'named'; readonly columns: readonly string[] }
  /** Those of a table or a type of that name, if there is one. */
  | { readonly kind: 'rowOf'; readonly name: ObjectName };

/** By `pg_get_function_result` and `pg_get_function_arguments`. `undefined` where neither says. */
export function columnsOfFunction({ result, signature }: { readonly result: string; readonly signature: string }): FunctionColumns | undefined {
  const lexer = new Lexer(result);
  const first = lexer.next() && lexer.kind === 'word' ? lexer.value.toLowerCase() : '';
  if (first === 'table' && result.slice(lexer.end).trimStart().startsWith('(')) {
    return named(partsOf(result.slice(result.indexOf('(') + 1, result.lastIndexOf(')'))).map(([name = '']) => name));
  }
  const row = namesFrom(result, first === 'setof' ? lexer.end + 1 : 0);
  const [only, ...more] = row.map(({ name }) => name);
  if (only === 'record' && more.length === 0) {
    return named(partsOf(signature).flatMap(([mode = '', name = '']) => (mode === 'out' || mode === 'inout' ? [name] : [])));
  }
  const isWhole = row.at(-1)?.range.end === result.length;
  return only === undefined || !isWhole || more.length > 1 ? undefined : { kind: 'rowOf', name: more[0] === undefined ? { schema: undefined, name: only } : { schema: only, name: more[0] } };
}

function named(columns: readonly string[]): FunctionColumns | undefined {
  return columns.length === 0 || columns.includes('') ? undefined : { kind: 'named', columns };
}

/** The first two names of each part of a list. */
function partsOf(list: string): readonly (readonly string[])[] {
  const parts: string[][] = [[]];
  const lexer = new Lexer(list);
  let depth = 0;
  while (lexer.next()) {
    if (lexer.kind === 'symbol') {
      depth += lexer.value === '(' ? 1 : lexer.value === ')' ? -1 : 0;
      if (lexer.value === ',' && depth === 0) {
        parts.push([]);
      }
    } else if (lexer.kind === 'word' || lexer.kind === 'quotedName') {
      parts.at(-1)?.push(nameOf(lexer.value));
    }
  }
  return parts;
}
