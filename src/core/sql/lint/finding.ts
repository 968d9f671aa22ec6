/** What is wrong with SQL that somebody writes, as data: words and severity come later, where they are shown. */
import { moved, type TextRange } from '../../runbook/document.ts';

export type Severity = 'off' | 'hint' | 'info' | 'warning' | 'error';

/** Stable for ever: settings and comments in people's files name them. */
export type RuleCode = `OB${number}`;

/** Values for the words: names as they are written, never whole statements. */
export type Facts = Readonly<Record<string, string>>;

export interface Finding {
  readonly code: RuleCode;
  /** UTF-16 offsets. */
  readonly range: TextRange;
  readonly facts: Facts;
  /** Ways to mend it, the best one first; empty when a person has to decide. */
  readonly fixes: readonly Fix[];
  /** Where the statement begins that it is about, if that stands within another. */
  readonly begins?: number;
  /** In place of what the rule says: which rules of the Postgres Language Server say the same of this place. */
  readonly alsoIn?: readonly string[];
}

export interface Fix {
  readonly facts: Facts;
  readonly edits: readonly Edit[];
}

/** `range` is replaced; an empty one is where something is inserted. */
export interface Edit {
  readonly range: TextRange;
  readonly text: string;
}

/** The same finding in a text in which its own begins at `by`. */
export function movedFinding(finding: Finding, by: number): Finding {
  return mappedFinding(finding, (range) => moved(range, by));
}

/** The same finding in another text: where each of its ranges stands there. */
export function mappedFinding(finding: Finding, at: (range: TextRange) => TextRange): Finding {
  const begins = finding.begins === undefined ? {} : { begins: at({ start: finding.begins, end: finding.begins }).start };
  return { ...finding, ...begins, range: at(finding.range), fixes: finding.fixes.map((fix) => ({ ...fix, edits: fix.edits.map((edit) => ({ ...edit, range: at(edit.range) })) })) };
}
