/** One parsed statement with its places: the grammar tells where a node begins, in bytes; here is what stands there. */
import type { TextRange } from '../../runbook/document.ts';
import { Lexer } from '../lexer.ts';
import { convertPosition } from '../positions.ts';
import { fieldsOf, unwrap, walk, type Fields } from '../tree.ts';

/** A name as it is written, and what the server makes of it: lower case unless it is quoted. */
export interface WrittenName {
  readonly text: string;
  readonly name: string;
  readonly range: TextRange;
}

/** Node types that rules look for anywhere in a statement; a long file has half a million nodes, which are looked through once. */
const soughtTypes = ['ColumnDef', 'FuncCall', 'DeleteStmt', 'UpdateStmt'] as const;

type SoughtType = (typeof soughtTypes)[number];

interface SoughtNodes {
  readonly byType: Readonly<Record<SoughtType, readonly Fields[]>>;
  /** `RangeVar`s, whatever the field that holds them. */
  readonly relations: readonly Fields[];
}

export class StatementTree {
  /** As it was parsed: placeholders are parameters or names of the same length. */
  readonly text: string;
  readonly tree: Fields;
  /** The statement node's type, such as `SelectStmt`. */
  readonly type: string;
  readonly fields: Fields;
  /** What stands for a value of somebody's who is not here; nothing is found inside of them. */
  readonly openings: readonly TextRange[];
  /** It stands in the code of DO, where conditions may stand around it. */
  readonly isCode: boolean;
  private readonly isAscii: boolean;
  private sought: SoughtNodes | undefined;
  private lower: string | undefined;

  constructor(text: string, tree: Fields, { openings = [], isCode = false }: { readonly openings?: readonly TextRange[]; readonly isCode?: boolean } = {}) {
    const statement = unwrap(tree);
    this.text = text;
    this.tree = tree;
    this.type = statement?.type ?? '';
    this.fields = statement?.fields ?? {};
    this.openings = openings;
    this.isCode = isCode;
    this.isAscii = isAscii(text);
  }

  /** Spares looking through the nodes of most statements. The word may be part of another, of a string or of a comment; small letters. */
  mayHold(word: string): boolean {
    this.lower ??= this.text.toLowerCase();
    return this.lower.includes(word);
  }

  /** Every node of a type, outermost first. */
  nodes(type: SoughtType): readonly Fields[] {
    this.sought ??= seek(this.tree);
    return this.sought.byType[type];
  }

  /** Every relation that the statement names. */
  get relations(): readonly Fields[] {
    this.sought ??= seek(this.tree);
    return this.sought.relations;
  }

  /** The UTF-16 offset of a node's `location`; left out by the grammar when it is 0, and -1 when it is not known. */
  offset(location: unknown): number {
    const bytes = typeof location === 'number' && location > 0 ? location : 0;
    return this.isAscii ? bytes : convertPosition(this.text, bytes, 'byte', 'utf16');
  }

  get wholeRange(): TextRange {
    return { start: 0, end: this.text.length };
  }

  /** The statement's first words, to mark a statement as such without painting all of it. */
  get head(): TextRange {
    const lexer = new Lexer(this.text);
    let start = 0;
    let end = 0;
    for (let words = 0; words < 2 && lexer.next() && lexer.kind !== 'comment'; ) {
      if (lexer.kind !== 'space') {
        words++;
        start = words === 1 ? lexer.start : start;
        end = lexer.end;
      }
    }
    return { start, end: Math.max(end, Math.min(1, this.text.length)) };
  }

  /** The token at a node's location, without what follows. */
  tokenAt(location: unknown): TextRange {
    const start = this.offset(location);
    const lexer = new Lexer(this.text, start);
    return lexer.next() ? { start, end: lexer.end } : this.wholeRange;
  }

  /** `schema.table` from its first part on; empty where no name stands. */
  nameAt(location: unknown): readonly WrittenName[] {
    return namesFrom(this.text, this.offset(location));
  }

  /** The range of a dotted name, or of the token where none stands. */
  nameRange(location: unknown): TextRange {
    const names = this.nameAt(location);
    const [first] = names;
    const last = names.at(-1);
    return first === undefined || last === undefined ? this.tokenAt(location) : { start: first.range.start, end: last.range.end };
  }

  /** The place of a relation (`RangeVar`), with its schema. */
  relationRange(relation: unknown): TextRange {
    return this.nameRange(fieldsOf(relation)['location']);
  }

  /** From an offset on, the first word that is this one, outside of strings and comments; `undefined` when there is none. */
  wordFrom(offset: number, word: string): TextRange | undefined {
    const lexer = new Lexer(this.text, offset);
    while (lexer.next()) {
      if (lexer.kind === 'word' && lexer.value.toLowerCase() === word) {
        return { start: lexer.start, end: lexer.end };
      }
    }
    return undefined;
  }

  /** From an offset on, the first name that means this one, quoted or not. */
  nameFrom(offset: number, name: string): TextRange | undefined {
    const lexer = new Lexer(this.text, offset);
    while (lexer.next()) {
      if ((lexer.kind === 'word' || lexer.kind === 'quotedName') && nameOf(lexer.value) === name) {
        return { start: lexer.start, end: lexer.end };
      }
    }
    return undefined;
  }

  /** From an offset on, what commas part that stand in no brackets, without the space and the comments around it. */
  partsFrom(offset: number): TextRange[] {
    const parts: TextRange[] = [];
    const lexer = new Lexer(this.text, offset);
    let part: TextRange | undefined;
    for (let depth = 0; lexer.next(); ) {
      const sign = lexer.kind === 'symbol' ? lexer.value : '';
      depth += sign === '(' || sign === '[' ? 1 : sign === ')' || sign === ']' ? -1 : 0;
      if (sign === ',' && depth === 0) {
        parts.push(part ?? { start: lexer.start, end: lexer.start });
        part = undefined;
      } else if (lexer.kind !== 'space' && lexer.kind !== 'comment') {
        part = { start: part?.start ?? lexer.start, end: lexer.end };
      }
    }
    return part === undefined ? parts : [...parts, part];
  }

  /** The call that begins there with a name: up to and with its closing parenthesis. */
  callRange(location: unknown): TextRange {
    const name = this.nameRange(location);
    const lexer = new Lexer(this.text, name.end);
    let depth = 0;
    while (lexer.next()) {
      const isSymbol = lexer.kind === 'symbol';
      depth += isSymbol && lexer.value === '(' ? 1 : isSymbol && lexer.value === ')' ? -1 : 0;
      if (lexer.kind !== 'space' && lexer.kind !== 'comment' && depth === 0) {
        // Without parentheses it is no call: `current_user`.
        return lexer.value === ')' ? { start: name.start, end: lexer.end } : name;
      }
    }
    return name;
  }

  /** Nothing can be said of a place that somebody else will fill in. */
  isOpen({ start, end }: TextRange): boolean {
    return this.openings.some((opening) => opening.start < end && start < opening.end);
  }
}

function seek(tree: Fields): SoughtNodes {
  const byType = { ColumnDef: [] as Fields[], FuncCall: [] as Fields[], DeleteStmt: [] as Fields[], UpdateStmt: [] as Fields[] };
  const relations: Fields[] = [];
  walk(tree, (key, value) => {
    if (Object.hasOwn(byType, key)) {
      byType[key as SoughtType].push(fieldsOf(value));
    } else if (fieldsOf(value)['relname'] !== undefined) {
      relations.push(fieldsOf(value));
    }
    return undefined;
  });
  return { byType, relations };
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) > 0x7f) {
      return false;
    }
  }
  return true;
}

/** A dotted name that begins at an offset. */
export function namesFrom(text: string, offset: number): WrittenName[] {
  const lexer = new Lexer(text, offset);
  const names: WrittenName[] = [];
  let wanted = true;
  while (lexer.next()) {
    const { kind, value } = lexer;
    if (kind === 'space' || kind === 'comment') {
      continue;
    }
    const isName = kind === 'word' || kind === 'quotedName';
    if (wanted ? !isName : value !== '.') {
      break;
    }
    if (wanted) {
      names.push({ text: value, name: nameOf(value), range: { start: lexer.start, end: lexer.end } });
    }
    wanted = !wanted;
  }
  return names;
}

/** What the server makes of a name as it is written; letters beyond ASCII stay (`downcase_identifier` in scansup.c). */
export function nameOf(written: string): string {
  return written.startsWith('"') ? written.slice(1, written.endsWith('"') && written.length > 1 ? -1 : undefined).replaceAll('""', '"') : written.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** A name as it must be written: quoted where it has to be. */
export function writeName(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) && !reservedWords.has(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** Keywords that cannot be a column's name: https://www.postgresql.org/docs/current/sql-keywords-appendix.html */
const reservedWords: ReadonlySet<string> = new Set(
  `all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column concurrently
  constraint create cross current_catalog current_date current_role current_schema current_time current_timestamp current_user default
  deferrable desc distinct do else end except false fetch for foreign freeze from full grant group having ilike in initially inner
  intersect into is isnull join lateral leading left like limit localtime localtimestamp natural not notnull null offset on only or
  order outer overlaps placing primary references returning right select session_user similar some symmetric system_user table
  tablesample then to trailing true union unique user using variadic verbose when where window with`.split(/\s+/),
);
