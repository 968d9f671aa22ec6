import { Emitter } from '../../../util/event.ts';
import type { TextFinding } from '../lint/analysis.ts';
import type { TriedMigration } from './run.ts';

interface Result {
  /** The document as it was tried. */
  readonly text: string;
  readonly finding: TextFinding;
}

/** What the last trial has to say of documents, as long as they are as they were tried. */
export class TrialResults {
  private readonly changed = new Emitter<void>();
  private results: ReadonlyMap<string, Result> = new Map();
  readonly onDidChange = this.changed.event;

  /** In place of what an earlier trial said. `uriOf` gives the document of a path within the place; `database` is named to people. */
  take(tried: readonly TriedMigration[], database: string, uriOf: (path: string) => string): void {
    const found = tried.flatMap(({ migration: { path, text }, outcome }): [string, Result][] => {
      if (outcome.kind !== 'failed' && outcome.kind !== 'unknown') {
        return [];
      }
      const { at } = outcome;
      const common = { range: at, fixes: [], statementStart: at.start };
      if (outcome.kind === 'unknown') {
        return [[uriOf(path), { text, finding: { ...common, code: 'OB411', facts: { because: outcome.because, message: outcome.message } } }]];
      }
      const { message, sqlState, detail = '', hint = '' } = outcome.facts;
      return [[uriOf(path), { text, finding: { ...common, code: 'OB410', facts: { database, message, sqlState, detail, hint } } }]];
    });
    this.results = new Map(found);
    this.changed.fire();
  }

  /** With what else was found in a document: what says the same of the same place gives way. */
  among(document: string, text: () => string, findings: readonly TextFinding[]): readonly TextFinding[] {
    const result = this.results.get(document);
    if (result === undefined || result.text !== text()) {
      return findings;
    }
    const { finding } = result;
    const gives = ({ code, range }: TextFinding): boolean => /^OB(?:001|3|4)/.test(code) && range.start < finding.range.end && finding.range.start < range.end;
    return [...findings.filter((each) => !gives(each)), finding];
  }
}
