/** The statements of a text that is being edited: after a change only what it touched is read again. */
import type { TextRange } from '../runbook/document.ts';
import { changeBetween, type TextChange } from './edits.ts';
import { readStatements, type Statement } from './split.ts';

/** A statement and what somebody found out about it, which moves with it while its text stays. */
export interface Entry<T> {
  readonly statement: Statement;
  readonly known: T | undefined;
}

/**
 * A quote that is opened in the middle of a text would turn all that follows inside out until it is closed again. Where the text
 * then ends within a quote, the statement in which it was opened counts as ending where the next one began, and what follows stays
 * as it was.
 */
export class StatementList<T> {
  private text = '';
  private list: readonly Entry<T>[] = [];

  get entries(): readonly Entry<T>[] {
    return this.list;
  }

  /** Takes up the text as it is now; what stands unchanged keeps what is known of it. */
  update(text: string): void {
    const change = changeBetween(this.text, text);
    if (change === undefined) {
      return;
    }
    this.list = this.readFromOpenQuote(text, change) ?? this.readFromChange(text, change);
    this.text = text;
  }

  /** The whole text may be closed again by a quote far from the one that was opened: then what stands between was its inside after all. */
  private readFromOpenQuote(text: string, change: TextChange): readonly Entry<T>[] | undefined {
    const opened = this.list.findIndex(({ statement }, index) => statement.unfinished !== undefined && index < this.list.length - 1);
    if (opened === -1) {
      return undefined;
    }
    const read = Array.from(readStatements(text));
    return read.at(-1)?.unfinished === undefined ? this.recognised(read, change) : undefined;
  }

  /** What is known of those that are still there, at their places before the change and behind it. */
  private recognised(read: readonly Statement[], { start, oldEnd, newEnd }: TextChange): Entry<T>[] {
    return read.map((statement) => {
      const { whole } = statement;
      const former = whole.end < start ? whole.start : whole.start >= newEnd ? whole.start + oldEnd - newEnd : undefined;
      const entry = former === undefined ? undefined : this.list[this.indexFrom(former)];
      return { statement, known: entry?.statement.whole.start === former && sameExtent(statement, entry?.statement) ? entry?.known : undefined };
    });
  }

  private readFromChange(text: string, change: TextChange): readonly Entry<T>[] {
    const first = this.firstTouched(change.start);
    const from = this.list[first]?.statement.whole.start ?? 0;
    const kept = this.list.slice(0, first);
    const following = this.list.slice(first).filter(({ statement }) => statement.whole.start >= change.oldEnd);
    return [...kept, ...readAgain(text, first === 0 ? 0 : from, change, following)];
  }

  /** Keeps what was found out about a statement; nothing happens when it is no longer there. */
  learn(statement: Statement, known: T): void {
    const index = this.indexFrom(statement.whole.start);
    if (this.list[index]?.statement === statement) {
      // The list is as long as the text has statements: copying it for each would take too long.
      (this.list as Entry<T>[])[index] = { statement, known };
    }
  }

  /** Forgets what is known of all statements. */
  forget(): void {
    this.list = this.list.map(({ statement }) => ({ statement, known: undefined }));
  }

  /** One before the first that the change touches: a comment behind a statement belongs to it. */
  private firstTouched(start: number): number {
    const index = this.list.findIndex(({ statement }) => statement.whole.end >= start);
    return Math.max(0, (index === -1 ? this.list.length : index) - 1);
  }

  private indexFrom(start: number): number {
    let low = 0;
    let high = this.list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.list[middle]?.statement.whole.start ?? Infinity) < start) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}

function readAgain<T>(text: string, from: number, change: TextChange, following: readonly Entry<T>[]): Entry<T>[] {
  const shift = change.newEnd - change.oldEnd;
  const starts = new Map(following.map(({ statement }, index) => [statement.whole.start + shift, index]));
  const read: Entry<T>[] = [];
  for (const statement of readStatements(text, from)) {
    const meets = statement.whole.start >= change.newEnd ? starts.get(statement.whole.start) : undefined;
    if (meets !== undefined && sameExtent(statement, following[meets]?.statement)) {
      return [...read, ...following.slice(meets).map((entry) => moved(entry, shift))];
    }
    read.push({ statement, known: undefined });
  }
  const next = following[0];
  if (next === undefined || read.at(-1)?.statement.unfinished === undefined || following.at(-1)?.statement.unfinished !== undefined) {
    return read;
  }
  const damaged = text.slice(0, next.statement.whole.start + shift);
  const before = Array.from(readStatements(damaged, from), (statement) => ({ statement, known: undefined }));
  return [...before, ...following.map((entry) => moved(entry, shift))];
}

function sameExtent(one: Statement, other: Statement | undefined): boolean {
  return other !== undefined && one.text === other.text && one.whole.end - one.whole.start === other.whole.end - other.whole.start && one.terminated === other.terminated;
}

function moved<T>({ statement, known }: Entry<T>, by: number): Entry<T> {
  const { copyData } = statement;
  const at = (range: TextRange): TextRange => ({ start: range.start + by, end: range.end + by });
  return by === 0
    ? { statement, known }
    : { known, statement: { ...statement, range: at(statement.range), whole: at(statement.whole), ...(copyData === undefined ? {} : { copyData: at(copyData) }) } };
}
