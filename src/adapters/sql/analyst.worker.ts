/** The worker thread's entry for SQL that is being written: parses, lints and remembers, so that the editor's thread never waits. */
import { Analyst } from '../../core/sql/lint/analyst.ts';
import { rules } from '../../core/sql/lint/ruleTable.ts';
import type { AnalystAnswer, AnalystQuestion } from './analyst.ts';
import { answerQuestions } from './answerQuestions.ts';
import { parseStatement } from './parse.ts';

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
