/** libpg_query (the server's own parser, compiled to WebAssembly) as the port wants it. */
import type { ParsedCode, ParsedStatement } from '../../core/ports.ts';
import { convertPosition } from '../../core/sql/positions.ts';
import { fieldsOf, listOf, textOf, unwrap } from '../../core/sql/tree.ts';

/** Parses one statement; loads the parser at its first use. */
export async function parseStatement(statement: string): Promise<ParsedStatement> {
  const zero = statement.indexOf('\0');
  if (zero !== -1) {
    // A C string would end here, and the grammar would judge less than what is sent.
    return invalid('a zero character is in the text', convertPosition(statement, zero, 'utf16', 'codePoint'));
  }
  if (statement.trim() === '') {
    return invalid('there is no statement', 0);
  }
  // Asked for anew with every statement, the module loader takes as long as some statements do.
  const library = (loaded ??= await import('libpg-query'));
  try {
    const { stmts = [] } = await library.parse(statement);
    return only(statement, stmts);
  } catch (error) {
    return refusal(error, library.hasSqlDetails);
  }
}

/** Parses the PL/pgSQL in a statement that parses itself. */
export async function parseProcedural(statement: string): Promise<ParsedCode> {
  const library = (loaded ??= await import('libpg-query'));
  try {
    return { kind: 'parsed', variables: variablesOf(await library.parsePlPgSQL(statement)) };
  } catch (error) {
    if (error instanceof Error) {
      return { kind: 'invalid', message: error instanceof RangeError ? tooDeep : error.message };
    }
    throw error;
  }
}

/** `{ plpgsql_funcs: [{ PLpgSQL_function: { datums: [{ PLpgSQL_var: { refname: … } }, …] } }] }` */
function variablesOf(parsed: unknown): string[] {
  const functions = listOf(fieldsOf(parsed)['plpgsql_funcs']).map((each) => fieldsOf(fieldsOf(each)['PLpgSQL_function']));
  return functions.flatMap(({ datums }) => listOf(datums).map((datum) => textOf(unwrap(datum)?.fields['refname'])));
}

const tooDeep = 'the statement is nested too deeply';

let loaded: typeof import('libpg-query') | undefined;

interface RawStatement {
  readonly stmt?: unknown;
  /** Bytes; absent when 0. */
  readonly stmt_location?: number;
}

function only(statement: string, [first, second]: readonly RawStatement[]): ParsedStatement {
  if (first === undefined) {
    return invalid('there is no statement', 0);
  }
  if (second !== undefined) {
    return invalid(
      'there is more than one statement',
      convertPosition(statement, second.stmt_location ?? 0, 'byte', 'codePoint'),
    );
  }
  return { kind: 'parsed', tree: first.stmt as Readonly<Record<string, unknown>> };
}

function refusal(error: unknown, hasDetails: typeof import('libpg-query').hasSqlDetails): ParsedStatement {
  if (hasDetails(error)) {
    return invalid(error.message, error.sqlDetails?.cursorPosition ?? 0);
  }
  if (error instanceof RangeError) {
    return invalid(tooDeep, 0);
  }
  throw error;
}

/** `at` counts code points from 0. */
function invalid(message: string, at: number): ParsedStatement {
  return { kind: 'invalid', message, position: at + 1 };
}
