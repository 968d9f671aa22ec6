/** The entry of the process that looks after SQL that is being written: parses, lints and remembers, so that the editor never waits. */
import v8 from 'node:v8';
import { Analyst } from '../../core/sql/lint/analyst.ts';
import { rules } from '../../core/sql/lint/ruleTable.ts';
import type { AnalystAnswer, AnalystQuestion } from './analyst.ts';
import { answerQuestions } from './answerQuestions.ts';
import { parseStatement } from './parse.ts';

/**
 * The engine would compile the parser's largest function anew, once it has been busy for a while: that takes half a gigabyte and half a
 * second of another core, for a parser that is quick enough without. A thread could not say so for itself alone; a process can.
 */
v8.setFlagsFromString('--no-wasm-tier-up');
v8.setFlagsFromString('--no-wasm-dynamic-tiering');

const analyst = new Analyst({ grammar: { parse: (statement) => parseStatement(statement) }, rules });

answerQuestions(async (question: AnalystQuestion, signal): Promise<AnalystAnswer> => {
  switch (question.kind) {
    case 'analyze':
      return analyst.analyze(question.request, signal);
    case 'forget':
      analyst.forget(question.document);
      return [];
    case 'setFiles':
      analyst.setFiles(question.id, question.files);
      return [];
    case 'setCatalog':
      analyst.setCatalog(question.id, question.rows);
      return [];
    default:
      return question satisfies never;
  }
});
