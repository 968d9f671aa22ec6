/** The worker thread's entry: parses what it is sent, one answer per question, in order. */
import { answerQuestions } from './answerQuestions.ts';
import { parseStatement } from './parse.ts';

answerQuestions((statement: string) => parseStatement(statement));
