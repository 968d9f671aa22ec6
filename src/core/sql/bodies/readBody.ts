/** What stands in the code of a function, a procedure or DO. */
import type { SqlGrammar } from '../../ports.ts';
import { moved, type TextRange } from '../../runbook/document.ts';
import { Lexer } from '../lexer.ts';
import type { Finding } from '../lint/finding.ts';
import { psqlNames, readStatement, type Opening } from '../lint/reading.ts';
import type { StatementTree } from '../lint/statementTree.ts';
import { findCandidates } from '../placeholders.ts';
import { splitStatements } from '../split.ts';
import { codeBodyOf, rangeInStatement, type CodeBody } from './codeBody.ts';
import { proceduralFault } from './proceduralFault.ts';

/** Its syntax errors, in the offsets of the statement; `openings` are those of the statement. */
export async function faultsInBody(statement: StatementTree, openings: readonly Opening[], grammar: SqlGrammar, signal: AbortSignal): Promise<Finding[]> {
  const body = codeBodyOf(statement);
  if (body === undefined) {
    return [];
  }
  const within = openings.filter(({ range }) => range.start < body.literal.end && body.literal.start < range.end);
  const faults = body.language === 'sql' ? await faultsInSql(body, within, grammar, signal) : body.language === 'plpgsql' ? await faultsInProcedure(statement, body, within, grammar, signal) : [];
  if (faults.length > 0 && isOfExtension(body.text)) {
    return [];
  }
  // The Postgres Language Server looks into functions, but not into DO.
  const beside = statement.type === 'DoStmt' ? { alsoIn: [] } : {};
  return faults.map(({ message, range }) => ({ code: 'OB001', range: rangeInStatement(body, range), facts: { message }, fixes: [], ...beside }));
}

interface Fault {
  readonly message: string;
  /** In the code. */
  readonly range: TextRange;
}

async function faultsInSql(body: CodeBody, openings: readonly Opening[], grammar: SqlGrammar, signal: AbortSignal): Promise<Fault[]> {
  if (openings.length > 0 && !body.isPlain) {
    return [];
  }
  const faults: Fault[] = [];
  const statements = splitStatements(body.text);
  // Behind a quote that was never closed all may be inside out.
  const isUnfinished = statements.at(-1)?.unfinished !== undefined;
  for (const { text, range } of statements) {
    const by = body.start + range.start;
    const own = openings.filter((opening) => opening.range.start >= by && opening.range.end <= by + text.length);
    const reading = await readStatement(text, own.map((opening) => ({ ...opening, range: moved(opening.range, -by) })), grammar, signal);
    if (reading.kind === 'invalid') {
      faults.push({ message: reading.message, range: moved(reading.range, range.start) });
    }
  }
  return isUnfinished ? faults.slice(0, 1) : faults;
}

async function faultsInProcedure(statement: StatementTree, body: CodeBody, openings: readonly Opening[], grammar: SqlGrammar, signal: AbortSignal): Promise<Fault[]> {
  const fault = openings.length > 0 ? undefined : await proceduralFault(statement, body, grammar, signal);
  return fault === undefined || isLeftOpen(body.text, fault.range) ? [] : [fault];
}

/** In the same statement of the code, up to the fault, something may stand for what somebody else puts there. */
function isLeftOpen(code: string, fault: TextRange): boolean {
  const places = [...findCandidates(code), ...psqlNames(code)].filter(({ range }) => range.start < fault.end && code.charAt(range.start - 1) !== '<');
  const from = Math.max(-1, ...splitStatements(code.slice(0, fault.start)).filter(({ terminated }) => terminated).map(({ range }) => range.end));
  return places.some(({ range }) => range.start > from);
}

/** `@extschema@`: in the scripts of extensions, CREATE EXTENSION puts names there. */
function isOfExtension(code: string): boolean {
  const lexer = new Lexer(code);
  let open = -1;
  while (lexer.next()) {
    if (lexer.kind === 'symbol' && lexer.value === '@') {
      if (open !== -1 && lexer.start > open + 1) {
        return true;
      }
      open = lexer.start;
    } else if (lexer.kind !== 'word' && lexer.value !== ':') {
      open = -1;
    }
  }
  return false;
}
