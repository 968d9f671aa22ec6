/** The statements of a text that is being edited: after a change only what it touched is read again. */
import { moved } from '../runbook/document.ts';
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
  /** Index of the last statement that is open, or -1. */
  private lastOpen = -1;

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
    this.lastOpen = this.list.findLastIndex(isOpen);
    this.text = text;
  }

  /** A quote that was opened before may be closed again by one far from it: then what stands between was its inside after all. */
  private readFromOpenQuote(text: string, change: TextChange): readonly Entry<T>[] | undefined {
    const opened = this.list.findIndex(isOpen);
    if (opened === -1 || opened >= this.firstTouched(change.start)) {
      return undefined;
    }
    const read: Statement[] = [];
    for (const statement of readStatements(text, this.list[opened]?.statement.whole.start)) {
      const rest = this.restFrom(statement, change);
      if (rest !== undefined) {
        return [...this.list.slice(0, opened), ...this.recognised(read, change), ...rest];
      }
      read.push(statement);
    }
    return read.at(-1)?.unfinished === undefined ? [...this.list.slice(0, opened), ...this.recognised(read, change)] : undefined;
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
    const from = first === 0 ? 0 : (this.list[first]?.statement.whole.start ?? 0);
    const read: Entry<T>[] = [];
    for (const statement of readStatements(text, from)) {
      const rest = this.restFrom(statement, change);
      if (rest !== undefined) {
        return [...this.list.slice(0, first), ...read, ...rest];
      }
      read.push({ statement, known: undefined });
    }
    // What was written directly before a statement has become part of it.
    const joins = change.newEnd > change.start && !/[\s;]/.test(text.charAt(change.newEnd - 1));
    const next = Math.max(first, this.indexFrom(change.oldEnd + (joins ? 1 : 0)));
    const following = this.list[next];
    if (following === undefined || read.at(-1)?.statement.unfinished === undefined || this.list.at(-1)?.statement.unfinished !== undefined) {
      return [...this.list.slice(0, first), ...read];
    }
    const shift = change.newEnd - change.oldEnd;
    const damaged = text.slice(0, following.statement.whole.start + shift);
    const before = Array.from(readStatements(damaged, from), (statement) => ({ statement, known: undefined }));
    return [...this.list.slice(0, first), ...before, ...this.movedFrom(next, shift)];
  }

  /** The statement is one that stood behind the change, and so is all that follows; unless a quote is open there, which the change may close. */
  private restFrom(statement: Statement, { oldEnd, newEnd }: TextChange): readonly Entry<T>[] | undefined {
    if (statement.whole.start < newEnd) {
      return undefined;
    }
    const former = statement.whole.start + oldEnd - newEnd;
    const index = this.indexFrom(former);
    const entry = this.list[index];
    const isThere = entry?.statement.whole.start === former && sameExtent(statement, entry.statement);
    return isThere && this.lastOpen < index ? this.movedFrom(index, newEnd - oldEnd) : undefined;
  }

  private movedFrom(index: number, by: number): readonly Entry<T>[] {
    const rest = this.list.slice(index);
    return by === 0 ? rest : rest.map((entry) => movedEntry(entry, by));
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

/** It ends where the next one began, though the text gives it no end. */
function isOpen<T>({ statement }: Entry<T>, index: number, { length }: readonly Entry<T>[]): boolean {
  return statement.unfinished !== undefined && index < length - 1;
}

function sameExtent(one: Statement, other: Statement | undefined): boolean {
  return other !== undefined && one.text === other.text && one.whole.end - one.whole.start === other.whole.end - other.whole.start && one.terminated === other.terminated;
}

function movedEntry<T>({ statement, known }: Entry<T>, by: number): Entry<T> {
  const { copyData } = statement;
  return { known, statement: { ...statement, range: moved(statement.range, by), whole: moved(statement.whole, by), ...(copyData === undefined ? {} : { copyData: moved(copyData, by) }) } };
}
