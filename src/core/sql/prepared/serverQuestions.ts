import type { CallOptions, Database } from '../../ports.ts';
import type { SqlAnalyst } from '../lint/analyst.ts';
import { askServer, type Preparable, type Verdict } from './verdict.ts';

/** How many statements were answered how; `unknown` for want of a lock, of time or of what the server needs. */
export type Answers = Readonly<Record<Verdict['kind'] | 'unknown', number>>;

/** So many answers are told at once, so that the first are seen before the last has come. */
const toldTogether = 20;

/**
 * Asks about statements, one at a time, and tells the analyst what the server said; also when this ends early. Throws `cancelled`, and what
 * keeps the server from answering at all.
 */
export async function askAbout(statements: readonly Preparable[], { database, catalog, analyst }: { readonly database: Database; readonly catalog: string; readonly analyst: Pick<SqlAnalyst, 'setVerdicts'> }, options: CallOptions, report: (done: number) => void = () => {}): Promise<Answers> {
  const answers = { accepted: 0, refused: 0, unsaid: 0, unknown: 0 };
  const heard: [string, Verdict][] = [];
  const tell = (): void => {
    if (heard.length > 0) {
      analyst.setVerdicts(catalog, heard.splice(0));
    }
  };
  try {
    for (const [done, statement] of statements.entries()) {
      report(done);
      const verdict = await askServer(database, statement, options);
      answers[verdict?.kind ?? 'unknown']++;
      if (verdict !== undefined) {
        heard.push([statement.key, verdict]);
      }
      if (heard.length >= toldTogether) {
        tell();
      }
    }
  } finally {
    tell();
  }
  return answers;
}
