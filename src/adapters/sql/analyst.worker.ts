/** The entry of the process that looks after SQL that is being written: parses, lints and remembers, so that the editor never waits. */
import v8 from 'node:v8';
import { applyDelta } from '../../core/sql/edits.ts';
import { Analyst } from '../../core/sql/lint/analyst.ts';
import type { AnalysisRequest } from '../../core/sql/lint/request.ts';
import { rules } from '../../core/sql/lint/ruleTable.ts';
import type { AnalystAnswer, AnalystQuestion, ToldRequest } from './analyst.ts';
import { answerQuestions } from './answerQuestions.ts';
import { parseProcedural, parseStatement } from './parse.ts';

/**
 * The engine would compile the parser's largest function anew, once it has been busy for a while: that takes half a gigabyte and half a
 * second of another core, for a parser that is quick enough without. A thread could not say so for itself alone; a process can.
 */
v8.setFlagsFromString('--no-wasm-tier-up');
v8.setFlagsFromString('--no-wasm-dynamic-tiering');

const analyst = new Analyst({ grammar: { parse: (statement) => parseStatement(statement), parseProcedural: (statement) => parseProcedural(statement) }, rules });

const texts = new Map<string, { readonly pieces: readonly string[]; readonly program: string | undefined }>();

/** Taken up at once, also where nobody waits for the answer any more: the next difference is one from this. */
function requestOf({ request, pieces, program }: ToldRequest): AnalysisRequest {
  const known = texts.get(request.document);
  const whole = pieces.map(({ delta, ...piece }, index) => ({ ...piece, text: applyDelta(known?.pieces[index] ?? '', delta) }));
  const wholeProgram = program && applyDelta(known?.program ?? '', program);
  texts.set(request.document, { pieces: whole.map(({ text }) => text), program: wholeProgram });
  return { ...request, pieces: whole, ...(wholeProgram === undefined ? {} : { program: wholeProgram }) };
}

answerQuestions(async (question: AnalystQuestion, signal): Promise<AnalystAnswer> => {
  switch (question.kind) {
    case 'analyze':
      return { kind: 'analyze', found: await analyst.analyze(requestOf(question), signal) };
    case 'preparable':
      return { kind: 'preparable', found: await analyst.preparable(requestOf(question), question.wish, signal) };
    case 'complete':
      return { kind: 'complete', suggestions: await analyst.complete(requestOf(question), question.at, signal) };
    case 'describe':
      return { kind: 'describe', described: await analyst.describe(requestOf(question), question.at, signal) };
    case 'forget':
      texts.delete(question.document);
      analyst.forget(question.document);
      return { kind: 'told' };
    case 'setFiles':
      analyst.setFiles(question.id, question.files);
      return { kind: 'told' };
    case 'setCatalog':
      analyst.setCatalog(question.id, question.rows);
      return { kind: 'told' };
    case 'setVerdicts':
      analyst.setVerdicts(question.catalog, question.verdicts);
      return { kind: 'told' };
    default:
      return question satisfies never;
  }
});
