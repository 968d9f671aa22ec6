import { moved, type TextRange } from './document.ts';
import type { Placeholder } from './operation.ts';
import type { ShellCommand, ShellGrammar, ShellStatement } from './shell.ts';
import type { ShellText } from './shellText.ts';

/** What stands in a shell fence, in order. */
export type ShellItem =
  | {
      readonly kind: 'command';
      readonly range: TextRange;
      /** As written, continuation lines included. */
      readonly text: string;
      /** Absent for what only a shell can run. */
      readonly line?: CommandLine;
      /** The comment above, also of commands that follow without an empty line between; behind a command on its line. */
      readonly reason: string;
      readonly placeholders: readonly Placeholder[];
    }
  | { readonly kind: 'comment'; readonly range: TextRange; readonly text: string; readonly answer?: string };

/** A command with what its output is piped and redirected to. Values have no quotes, and placeholders as they are written. */
export interface CommandLine {
  readonly words: readonly { readonly value: string; readonly range: TextRange }[];
  readonly redirects: ShellCommand['redirects'];
  /** The words of the commands behind each `|`. */
  readonly filters: readonly (readonly string[])[];
}

/** Reads a prepared fence. One that is no valid shell is read command by command, and comments that belong to no command stay notes. */
export function readShell(text: string, prepared: ShellText, grammar: ShellGrammar): ShellItem[] {
  const statements = parseStatements(prepared.source, grammar).filter(({ range }) => range.end > range.start);
  const pieces = [...statements.map(commandPiece), ...commentPieces(prepared, statements), ...prepared.answers.map(answerPiece)];
  pieces.sort((a, b) => a.range.start - b.range.start);
  return new Assembly(text, prepared).items(pieces);
}

type Piece =
  | { readonly kind: 'command'; readonly range: TextRange; readonly statement: ShellStatement }
  | { readonly kind: 'comment'; readonly range: TextRange; readonly trailing: boolean }
  | { readonly kind: 'answer'; readonly range: TextRange };

function commandPiece(statement: ShellStatement): Piece {
  return { kind: 'command', range: statement.range, statement };
}

function answerPiece(range: TextRange): Piece {
  return { kind: 'answer', range };
}

function parseStatements(source: string, grammar: ShellGrammar): readonly ShellStatement[] {
  const script = grammar.parse(source);
  return script.valid ? script.statements : statementsLineByLine(source, grammar);
}

/** How many lines one command may have where the fence as a whole is no shell; in a long one, which is hardly commands, a single one. */
const longestCommand = 40;
const longFence = 500;

function statementsLineByLine(source: string, grammar: ShellGrammar): ShellStatement[] {
  const lines = lineRanges(source);
  const reach = lines.length > longFence ? 1 : longestCommand;
  const statements: ShellStatement[] = [];
  for (let at = 0; at < lines.length; ) {
    const { count, found } = commandFrom(source, lines.slice(at, at + reach), grammar);
    statements.push(...found);
    at += count;
  }
  return statements;
}

/** The fewest lines that are valid together; a first line that no more lines make valid stands alone, for a terminal. */
function commandFrom(source: string, lines: readonly TextRange[], grammar: ShellGrammar): { count: number; found: ShellStatement[] } {
  const first = lines[0] ?? { start: 0, end: 0 };
  for (const [index, line] of lines.entries()) {
    const continues = source[line.end - 1] === '\\';
    const script = continues ? undefined : grammar.parse(source.slice(first.start, line.end));
    if (script?.valid === true) {
      return { count: index + 1, found: script.statements.map((statement) => shifted(statement, first.start)) };
    }
  }
  const start = first.start + (source.slice(first.start, first.end).length - source.slice(first.start, first.end).trimStart().length);
  return { count: 1, found: source[start] === '#' ? [] : [{ range: { start, end: first.end } }] };
}

function shifted(statement: ShellStatement, by: number): ShellStatement {
  const pipeline = statement.pipeline?.map((command) => ({
    ...command,
    range: moved(command.range, by),
    words: command.words.map((word) => ({ ...word, range: moved(word.range, by) })),
  }));
  return { range: moved(statement.range, by), ...(pipeline === undefined ? {} : { pipeline }) };
}

/** Lines that begin with `#` between the commands, and comments behind a command. */
function commentPieces(prepared: ShellText, statements: readonly ShellStatement[]): Piece[] {
  const taken = [...statements.map(({ range }) => range), ...prepared.answers].sort((a, b) => a.start - b.start);
  const pieces: Piece[] = [];
  let next = 0;
  for (const line of lineRanges(prepared.source)) {
    while ((taken[next]?.end ?? Infinity) <= line.start) {
      next++;
    }
    const last = lastWithin(taken, next, line);
    const range = commentIn(prepared.source, { start: last?.end ?? line.start, end: line.end });
    const insideCommand = last === undefined && (taken[next]?.start ?? Infinity) < (range?.start ?? 0);
    if (range !== undefined && !insideCommand) {
      pieces.push({ kind: 'comment', range, trailing: last !== undefined });
    }
  }
  return pieces;
}

function commentIn(source: string, line: TextRange): TextRange | undefined {
  const space = /^\s*(?=#(?!!))/.exec(source.slice(line.start, line.end));
  return space === null ? undefined : { start: line.start + space[0].length, end: line.end };
}

/** The last of the ranges that ends on this line. */
function lastWithin(ranges: readonly TextRange[], from: number, line: TextRange): TextRange | undefined {
  let found: TextRange | undefined;
  for (let at = from; (ranges[at]?.end ?? Infinity) <= line.end; at++) {
    found = ranges[at];
  }
  return found;
}

/** Joins comments to the commands they explain. */
class Assembly {
  private readonly text: string;
  private readonly prepared: ShellText;
  private readonly found: ShellItem[] = [];
  /** Comment lines that nothing has followed yet. */
  private comments: TextRange[] = [];
  private reason = '';
  private lastEnd = 0;

  constructor(text: string, prepared: ShellText) {
    this.text = text;
    this.prepared = prepared;
  }

  items(pieces: readonly Piece[]): ShellItem[] {
    for (const [index, piece] of pieces.entries()) {
      if (this.emptyLineBefore(piece.range.start)) {
        this.afterEmptyLine(piece.kind === 'command');
      }
      this.take(piece, pieces[index + 1]);
      this.lastEnd = piece.range.end;
    }
    this.noteComments();
    return this.found;
  }

  private take(piece: Piece, next: Piece | undefined): void {
    if (piece.kind === 'comment') {
      if (!piece.trailing) {
        this.comments.push(piece.range);
      }
    } else if (piece.kind === 'answer') {
      this.answer(piece.range);
    } else {
      this.command(piece.statement, next?.kind === 'comment' && next.trailing ? next.range : undefined);
    }
  }

  private command(statement: ShellStatement, trailing: TextRange | undefined): void {
    const own = this.takeReason();
    this.reason = own === '' ? this.reason : own;
    const { range } = statement;
    const line = statement.pipeline === undefined ? undefined : this.commandLine(statement.pipeline);
    this.found.push({
      kind: 'command',
      range,
      text: this.text.slice(range.start, range.end),
      ...(line === undefined ? {} : { line }),
      reason: trailing === undefined ? this.reason : this.commentText([trailing]),
      placeholders: this.prepared.placeholders.filter((each) => each.range.start >= range.start && each.range.end <= range.end),
    });
  }

  /** Several comments directly above a command may be several thoughts: the last one is its reason, those before are notes. */
  private takeReason(): string {
    const { comments } = this;
    let from = comments.length - 1;
    while (from > 0 && continuesThought(this.lineText(comments[from - 1]), this.lineText(comments[from]))) {
      from--;
    }
    this.comments = comments.slice(0, Math.max(0, from));
    if (isExpectation(this.commentText(comments.slice(Math.max(0, from))))) {
      this.comments = comments;
      from = comments.length;
    }
    this.noteComments();
    return this.commentText(comments.slice(Math.max(0, from)));
  }

  private answer(range: TextRange): void {
    const start = this.comments[0]?.start ?? range.start;
    const text = this.comments.length === 0 ? '' : this.commentText(this.comments);
    this.found.push({ kind: 'comment', range: { start, end: range.end }, text, answer: this.text.slice(range.start, range.end) });
    this.comments = [];
  }

  private afterEmptyLine(beforeCommand: boolean): void {
    this.reason = '';
    if (!beforeCommand || isExpectation(this.commentText(this.comments))) {
      this.noteComments();
    }
  }

  private noteComments(): void {
    const first = this.comments[0];
    const last = this.comments.at(-1);
    if (first !== undefined && last !== undefined) {
      this.found.push({ kind: 'comment', range: { start: first.start, end: last.end }, text: this.commentText(this.comments) });
    }
    this.comments = [];
  }

  private emptyLineBefore(start: number): boolean {
    return /\n[ \t]*\n/.test(this.text.slice(this.lastEnd, start));
  }

  private lineText(range: TextRange | undefined): string {
    return range === undefined ? '' : this.text.slice(range.start, range.end).replace(/^#+\s?/, '').trim();
  }

  private commentText(ranges: readonly TextRange[]): string {
    return ranges.map((range) => this.lineText(range)).join('\n').trim();
  }

  private commandLine(pipeline: readonly ShellCommand[]): CommandLine {
    const [first, ...rest] = pipeline;
    const { restore } = this.prepared;
    const values = (command: ShellCommand): string[] => command.words.map((word) => restore(word.value));
    return {
      words: (first?.words ?? []).map((word) => ({ value: restore(word.value), range: word.range })),
      redirects: pipeline.flatMap((command) => command.redirects).map(({ operator, target }) => ({ operator, target: restore(target) })),
      filters: rest.map(values),
    };
  }
}

/** A new line with a capital letter is a new thought, unless it finishes a sentence or says where in a dashboard. */
function continuesThought(line: string, next: string): boolean {
  return !/^[A-Z]/.test(next) || /[.,:;]$/.test(line) || /\S\s*(?:>|→|➜)\s*\S/.test(next);
}

/** `Expected: 200 OK` tells what comes back from the command before it. */
export function isExpectation(comment: string): boolean {
  return /^(?:expect(?:ed|s)?|should (?:return|print|show|be)|returns?|output|response)\b/i.test(comment);
}

function lineRanges(text: string): TextRange[] {
  const lines: TextRange[] = [];
  for (let start = 0; start <= text.length; ) {
    const found = text.indexOf('\n', start);
    const end = found === -1 ? text.length : found;
    lines.push({ start, end });
    start = end + 1;
  }
  return lines;
}
