import { splitStatements } from '../sql/split.ts';
import type { Statement } from '../sql/split.ts';
import { readWords } from '../sql/words.ts';
import type { Step, TextRange } from './document.ts';
import { placeholdersIn } from './meaning.ts';
import type { Surroundings } from './meaning.ts';
import { noteOf } from './notes.ts';
import type { Instruction, Operation, Placeholder } from './operation.ts';
import { riskOf } from './risk.ts';
import { correctSql } from './sqlCorrections.ts';
import { sqlOperation } from './sqlMeaning.ts';
import { findSqlPlaceholders } from './sqlPlaceholders.ts';

/** Each statement of a fence, and the comments that stand by themselves. */
export function interpretSql(step: Step, surroundings: Surroundings): Instruction[] {
  const { text } = step;
  const placeholders = findSqlPlaceholders(text, (name) => surroundings.tables?.has(name) === true);
  const heading = step.sectionPath.at(-1) ?? '';
  const instructions: Instruction[] = [];
  let at = 0;
  for (const statement of splitStatements(text)) {
    instructions.push(...notesIn(text, { start: at, end: statement.whole.start }, surroundings, heading));
    instructions.push(instructionOf(text, statement, placeholders, heading));
    at = statement.whole.end;
  }
  return [...instructions, ...notesIn(text, { start: at, end: text.length }, surroundings, heading)];
}

function instructionOf(text: string, statement: Statement, all: readonly Placeholder[], heading: string): Instruction {
  const { range } = statement;
  const { operation, remark } = meaningOf(statement);
  return {
    range,
    text: statement.text,
    reason: commentText(text.slice(statement.whole.start, range.start)) || heading,
    operation,
    risk: riskOf(operation),
    placeholders: placeholdersIn(operation, all.filter((each) => each.range.start >= range.start && each.range.end <= range.end)),
    ...(remark === undefined ? {} : { remark }),
  };
}

function meaningOf({ kind, text }: Statement): { readonly operation: Operation; readonly remark?: string } {
  if (kind === 'psql') {
    return { operation: { kind: 'note', text }, remark: 'A command of psql, which no server understands.' };
  }
  if (isExplainAlone(text)) {
    return { operation: { kind: 'note', text }, remark: 'Put it before a statement to see its plan.' };
  }
  const correction = correctSql(text);
  const operation = sqlOperation(correction?.statement ?? text);
  if (correction !== undefined) {
    return { operation, remark: `Fails as written, so it runs with ${correction.changes.join(', ')}.` };
  }
  return operation.file === undefined
    ? { operation }
    : { operation, remark: 'A hosted database writes no files: the query runs alone, and you choose where its rows are saved.' };
}

function isExplainAlone(text: string): boolean {
  const [first, ...rest] = readWords(text).map(({ lower }) => lower);
  return first === 'explain' && rest.every((word) => ['(', ')', 'analyze', 'analyse'].includes(word));
}

/** Comments between the statements; an empty line parts two notes. */
function notesIn(text: string, range: TextRange, surroundings: Surroundings, heading: string): Instruction[] {
  const notes: Instruction[] = [];
  for (const match of text.slice(range.start, range.end).matchAll(/\S[\s\S]*?(?=\n[ \t]*\n|$(?![\s\S]))/g)) {
    const written = match[0].trimEnd();
    const comment = commentText(written);
    if (comment !== '') {
      const start = range.start + match.index;
      const operation = noteOf(comment, undefined, surroundings);
      notes.push({ range: { start, end: start + written.length }, text: written, reason: heading, operation, risk: 'none', placeholders: [] });
    }
  }
  return notes;
}

/** The words of `--` lines and of block comments. */
function commentText(written: string): string {
  return written
    .replace(/\/\*+|\*+\//g, '')
    .split('\n')
    .map((line) => line.trim().replace(/^(?:--+|\*)\s?/, '').replace(/^;$/, '').trim())
    .filter((line) => line !== '')
    .join('\n');
}
