/** How a command line is looked up: tables of {@link CommandMeaning}, read by {@link meaningOf}. */
import type { Argument, Operation, Placeholder } from './operation.ts';
import type { CommandLine } from './shellReading.ts';

/** What is known about the project and the place; all of it optional, none of it read here. */
export interface Surroundings {
  /** Functions that are deployed or stand in the repository. */
  readonly functionSlugs?: ReadonlySet<string>;
  readonly tables?: ReadonlySet<string>;
  /** Files of the place that a manual may name, with `/` and without `./`: `scripts/deploy.sh`. Absent: not known. */
  readonly files?: ReadonlySet<string>;
}

/** A command in its place: what it says, and what the comment and the headings over it say. */
export interface Call {
  /** As written, without what names the target project. */
  readonly command: string;
  /** As written, with everything. */
  readonly text: string;
  /** Words that are neither flags nor their values; those of the command itself are left out. */
  readonly operands: readonly string[];
  /** The value of the first of these flags that is given; empty when it stands without one. */
  flag(...names: string[]): string | undefined;
  has(...names: string[]): boolean;
  /** A word as an argument: a placeholder when it is one as a whole. */
  argument(word: string): Argument;
  readonly placeholders: readonly Placeholder[];
  /** Texts of `| grep …` behind it. */
  readonly greps: readonly string[];
  readonly filters: CommandLine['filters'];
  /** The file of `> file`. */
  readonly savedTo: string | undefined;
  /** Does the comment say this, or, when the comment says nothing of the kind, a heading? */
  says(words: RegExp): boolean;
  /** The comment alone. */
  readonly reason: string;
  readonly surroundings: Surroundings;
}

export interface CommandMeaning {
  /** The words it begins with, flags left out: `functions logs`. */
  readonly command: string;
  /** Flags that take the next word; those of every Supabase command are known. */
  readonly valueFlags?: readonly string[];
  /** Only where the comment or a heading says so. */
  readonly when?: RegExp;
  /** `undefined`: not this meaning after all; the next line of the table is asked. */
  readonly means: (call: Call) => Operation | undefined;
  /** What Opsbook does instead and why, when that differs from what is written. */
  readonly remark?: string | ((call: Call, operation: Operation) => string | undefined);
}

export interface Meaning {
  readonly operation: Operation;
  readonly remark?: string;
}

/** The command line with what surrounds it, before its table is known. */
export interface CommandInPlace {
  readonly line: CommandLine;
  /** The command line's own words, the program and what starts it (`npx`, `sudo`) left out. */
  readonly words: readonly string[];
  readonly text: string;
  readonly reason: string;
  readonly headings: readonly string[];
  readonly placeholders: readonly Placeholder[];
  readonly surroundings: Surroundings;
}

/** The first line of the table that fits; longer commands stand above shorter ones. */
export function meaningOf(place: CommandInPlace, table: readonly CommandMeaning[], program: string): Meaning | undefined {
  for (const row of table) {
    const call = readCall(place, row, program);
    if (call === undefined || (row.when !== undefined && !call.says(row.when))) {
      continue;
    }
    const operation = row.means(call);
    if (operation !== undefined) {
      const remark = typeof row.remark === 'function' ? row.remark(call, operation) : row.remark;
      return { operation, ...(remark === undefined ? {} : { remark }) };
    }
  }
  return undefined;
}

/** Of every command of the Supabase CLI; all take the next word or a value behind `=`. */
const targetFlags = ['--project-ref', '--linked', '--remote'];
const globalValueFlags = ['--project-ref', '--workdir', '--profile', '--output-format', '--output', '--network-id', '--dns-resolver', '--db-url', '--password'];

/** `undefined` when the words do not begin as the row's command does. */
function readCall(place: CommandInPlace, row: CommandMeaning, program: string): Call | undefined {
  const valueFlags = new Set([...globalValueFlags, ...(row.valueFlags ?? [])]);
  const { flags, operands } = readFlags(place.words, valueFlags);
  const names = row.command === '' ? [] : row.command.split(' ');
  if (!names.every((name, index) => operands[index] === name)) {
    return undefined;
  }
  return {
    command: commandWithoutTarget(program, place.words),
    text: place.text,
    operands: operands.slice(names.length),
    flag: (...wanted) => wanted.map((name) => flags.get(name)).find((value) => value !== undefined),
    has: (...wanted) => wanted.some((name) => flags.has(name)),
    argument: (word) => argumentOf(word, place.placeholders),
    placeholders: place.placeholders,
    greps: place.line.filters.flatMap(grepText),
    filters: place.line.filters,
    savedTo: place.line.redirects.find(({ operator }) => operator.startsWith('>'))?.target,
    says: (words) => words.test(place.reason) || place.headings.some((heading) => words.test(heading)),
    reason: place.reason,
    surroundings: place.surroundings,
  };
}

interface Flags {
  readonly flags: ReadonlyMap<string, string>;
  readonly operands: readonly string[];
}

function readFlags(words: readonly string[], valueFlags: ReadonlySet<string>): Flags {
  const flags = new Map<string, string>();
  const operands: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    const equals = word.indexOf('=');
    if (!word.startsWith('-') || word === '-') {
      operands.push(word);
    } else if (equals > 0) {
      set(flags, word.slice(0, equals), word.slice(equals + 1));
    } else {
      set(flags, word, valueFlags.has(word) ? (words[++at] ?? '') : '');
    }
  }
  return { flags, operands };
}

function set(flags: Map<string, string>, name: string, value: string): void {
  if (!flags.has(name)) {
    flags.set(name, value);
  }
}

export function argumentOf(word: string, placeholders: readonly Placeholder[]): Argument {
  const placeholder = placeholders.find((each) => each.text === word);
  return placeholder === undefined ? { kind: 'value', value: word } : { kind: 'placeholder', placeholder };
}

/** The selected project is named by whoever runs the command, so what the manual names is left out. */
function commandWithoutTarget(program: string, words: readonly string[]): string {
  const kept: string[] = [program];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    const flag = word.split('=')[0] ?? '';
    if (program !== 'supabase' || !targetFlags.includes(flag)) {
      kept.push(quoteWord(word));
    } else if (word === '--project-ref') {
      at++;
    }
  }
  return kept.filter((word) => word !== '').join(' ');
}

/** Quotes a word for a POSIX shell where it needs it; `$(…)` and placeholders stay open. */
function quoteWord(word: string): string {
  if (/^[\w@%+=:,./$(){}<>[\]#-]+$/.test(word) || /\$\(/.test(word)) {
    return word;
  }
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function grepText(filter: readonly string[]): string[] {
  const [program = '', ...words] = filter;
  const text = words.find((word) => !word.startsWith('-'));
  const inverted = words.some((word) => /^-[a-zA-Z]*v/.test(word) || word === '--invert-match');
  return /^[ef]?grep$|^rg$/.test(program) && text !== undefined && !inverted ? [text] : [];
}

/** Those that an operation, or a part of one, still holds, each once. What meant the selected project is in it no more. */
export function placeholdersIn(operation: unknown, candidates: readonly Placeholder[]): Placeholder[] {
  const texts = textsOf(operation);
  const seen = new Set<string>();
  return candidates.filter(({ text }) => {
    const isNew = !seen.has(text) && texts.some((each) => each.includes(text));
    seen.add(text);
    return isNew;
  });
}

/** Every text of an operation, however deep. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') {
    return [value];
  }
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

