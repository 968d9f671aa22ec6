/** The worker thread's entry: parses what it is sent, one answer per question, in order. */
import { parentPort } from 'node:worker_threads';
import type { ParsedStatement } from '../../core/ports.ts';
import { parseStatement } from './parse.ts';

export interface ParseQuestion {
  readonly id: number;
  readonly statement: string;
}

export type ParseAnswer =
  | { readonly id: number; readonly parsed: ParsedStatement }
  | { readonly id: number; readonly failure: string };

parentPort?.on('message', ({ id, statement }: ParseQuestion) => {
  void parseStatement(statement).then(
    (parsed) => answer({ id, parsed }),
    (error: unknown) => answer({ id, failure: String(error) }),
  );
});

function answer(message: ParseAnswer): void {
  parentPort?.postMessage(message);
}
