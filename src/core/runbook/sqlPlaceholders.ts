import { Lexer } from '../sql/lexer.ts';
import type { Placeholder } from './operation.ts';
import { isPlaceholderWord, placeholderAt } from './placeholders.ts';
import type { IsKnownName } from './placeholders.ts';

/**
 * Placeholders of SQL. Here a bare word is mostly a real name (`function_name` is a column of many a table), so it counts only
 * where a manual means it: the table after FROM, its columns beside it, and string literals such as `'problem-token'`.
 */
export function findSqlPlaceholders(text: string, isKnown: IsKnownName): Placeholder[] {
  const reader = new SqlPlaceholders(text, isKnown);
  return reader.read();
}

/** Brackets outside of strings; `a[i]`, `'{a,b}'` and `$1` are SQL's own. */
const bracketedHere = [
  /<([A-Za-z](?:[\w .-]*\w)?)>/y,
  /(?<![\w\]) ])\[([A-Za-z][\w -]*)\]/y,
  /(?<= )\[([A-Za-z][\w -]*)\]/y,
  /\{([A-Za-z][\w-]*)\}/y,
  /\$\{([A-Za-z_]\w*)\}/y,
  /\$([A-Za-z_]\w*)/y,
];

/** Tags of HTML are no placeholders. */
const bracketedInString = /\{\{\s*([\w .-]+?)\s*\}\}|<([A-Za-z][\w .-]*\w)>(?!.*<\/)|\$\{([A-Za-z_]\w*)\}|^\[([A-Za-z][\w -]*)\]$/g;

/** Keywords after which a relation's or another object's name stands. */
export const namePlaces: ReadonlySet<string> = new Set(
  'from join into update table on index view function policy role schema only exists concurrently truncate reindex analyze vacuum'.split(' '),
);

const templateTable = /^(?:table_?name|your_?table|my_?table|(?:your|my|some)_\w+)$/i;
/** Placeholders only beside a template's table. */
const templatePart = /^(?:column_?names?|col_?name|idx_table_column|idx_name|index_name|policy_name|constraint_name)$/i;

/** `'problem-token'`, `'trusted-ip-address'`: several words that end in what a value is. */
const describedValue =
  /^[a-z]+(?:-[a-z]+)*-(?:token|address|id|name|key|user|email|uuid|url|value|secret|slug|password|ip|hash|ref|date|timestamp|here)$/i;
const exampleAddress = /^[\w.+-]+@(?:[\w-]+\.)*example\.(?:com|org|net)$/i;

class SqlPlaceholders {
  private readonly text: string;
  private readonly isKnown: IsKnownName;
  private readonly lexer: Lexer;
  private found: Placeholder[] = [];
  /** Of the statement being read. */
  private hasTemplateTable = false;
  private parts: Placeholder[] = [];
  /** The last three tokens, newest first. */
  private before: readonly string[] = [];

  constructor(text: string, isKnown: IsKnownName) {
    this.text = text;
    this.isKnown = isKnown;
    this.lexer = new Lexer(text);
  }

  read(): Placeholder[] {
    while (this.lexer.next()) {
      this.token();
    }
    this.endStatement();
    return this.found.sort((a, b) => a.range.start - b.range.start);
  }

  private token(): void {
    const { kind, value, start } = this.lexer;
    if (kind === 'space' || kind === 'comment') {
      return;
    }
    if (kind === 'template') {
      this.found.push(placeholderAt(value, start, value.slice(2, -2).trim()));
    } else if (kind === 'string') {
      this.string(value, start);
    } else if (kind === 'word' || kind === 'quotedName') {
      this.name(kind === 'word' ? value : value.slice(1, -1), kind === 'word' ? start : start + 1);
    } else if (kind === 'symbol' && value === ';') {
      this.endStatement();
    } else if (kind === 'symbol') {
      this.symbol(start);
    }
    this.before = [value.toLowerCase(), ...this.before.slice(0, 2)];
  }

  private symbol(start: number): void {
    for (const pattern of bracketedHere) {
      pattern.lastIndex = start;
      const match = pattern.exec(this.text);
      if (match !== null && !/\w/.test(this.text[start - 1] ?? '')) {
        this.found.push(placeholderAt(match[0], start, match[1]));
        this.lexer.end = start + match[0].length;
        return;
      }
    }
  }

  private string(value: string, start: number): void {
    const open = value.indexOf("'") + 1;
    const content = value.endsWith("'") && value.length > open ? value.slice(open, -1) : value.slice(open);
    const at = start + open;
    const before = this.found.length;
    for (const match of content.matchAll(bracketedInString)) {
      this.found.push(placeholderAt(match[0], at + match.index, match.slice(1).find((group) => group !== undefined)));
    }
    if (this.found.length === before && this.standsForValue(content)) {
      const label = /^[\d.]+$/.test(content) ? 'address' : content;
      this.found.push(placeholderAt(content, at, exampleAddress.test(content) ? 'email' : label));
    }
  }

  private standsForValue(content: string): boolean {
    const looksSo =
      describedValue.test(content) || exampleAddress.test(content) || isImpossibleAddress(content) || (/^[\w.-]+$/.test(content) && isPlaceholderWord(content));
    return looksSo && !this.isKnown(content);
  }

  private name(name: string, start: number): void {
    const [previous = '', , third = ''] = this.before;
    const inNamePlace = namePlaces.has(previous === '.' ? third : previous);
    if (this.isKnown(name)) {
      return;
    }
    if (templateTable.test(name) && (inNamePlace || /^your_/i.test(name))) {
      this.hasTemplateTable = true;
      this.found.push(placeholderAt(name, start));
    } else if (templatePart.test(name)) {
      this.parts.push(placeholderAt(name, start));
    }
  }

  private endStatement(): void {
    if (this.hasTemplateTable) {
      this.found.push(...this.parts);
    }
    this.parts = [];
    this.hasTemplateTable = false;
  }
}

/** `123.456.789.0` looks like an IP address and is none. */
function isImpossibleAddress(text: string): boolean {
  return /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text) && text.split('.').some((part) => Number(part) > 255);
}
