/**
 * The grammar of PostgREST's `select`: columns with aliases, casts, paths into JSON and aggregates, and rows of other relations embedded
 * in them. https://docs.postgrest.org/en/stable/references/api/tables_views.html, …/resource_embedding.html
 */
import type { TextRange } from '../runbook/document.ts';

/** A name as it stands in the text, within its quotes if it has any. */
export interface PlacedName {
  readonly name: string;
  readonly range: TextRange;
}

export type SelectItem =
  | { readonly kind: 'star' }
  /** `count()` of rows, or the older `count` that means the same. */
  | { readonly kind: 'count' }
  | { readonly kind: 'column'; readonly column: PlacedName; readonly alias: string | undefined }
  /** `target` is a relation, a function, a foreign key, or a column that has one. */
  | { readonly kind: 'embedded'; readonly target: PlacedName; readonly alias: string | undefined; readonly items: readonly SelectItem[] };

/** The items of a list; `undefined` for one that does not follow the grammar, as while it is typed. */
export function parseSelect(text: string): readonly SelectItem[] | undefined {
  const parser = new SelectParser(text);
  const items = parser.items();
  return parser.atEnd() ? items : undefined;
}

class SelectParser {
  private readonly text: string;
  private at = 0;
  private failed = false;

  constructor(text: string) {
    this.text = text;
  }

  atEnd(): boolean {
    this.space();
    return !this.failed && this.at === this.text.length;
  }

  items(): SelectItem[] {
    const items: SelectItem[] = [];
    this.space();
    if (this.at === this.text.length || this.text.charAt(this.at) === ')') {
      return items;
    }
    do {
      const item = this.item();
      if (item === undefined) {
        this.failed = true;
        return items;
      }
      items.push(item);
    } while (this.take(','));
    return items;
  }

  private item(): SelectItem | undefined {
    if (this.take('*')) {
      return { kind: 'star' };
    }
    const spreads = this.take('...');
    const first = this.name();
    const renamed = !this.ahead('::') && this.take(':');
    const named = renamed ? this.name() : first;
    if (first === undefined || named === undefined) {
      return undefined;
    }
    const alias = renamed ? first.name : undefined;
    while (this.take('!')) {
      if (this.name() === undefined) {
        return undefined;
      }
    }
    if (this.take('(')) {
      const items = this.items();
      if (!this.take(')')) {
        return undefined;
      }
      return named.name === 'count' && items.length === 0 ? this.behind({ kind: 'count' }) : { kind: 'embedded', target: named, alias, items };
    }
    return spreads ? undefined : this.behind(named.name === 'count' ? { kind: 'count' } : { kind: 'column', column: named, alias });
  }

  /** Passes over what may stand behind a column: a path into JSON, casts, an aggregate. */
  private behind(item: SelectItem): SelectItem | undefined {
    for (;;) {
      if (this.take('->>') || this.take('->') || this.take('::')) {
        if (this.name() === undefined) {
          return undefined;
        }
      } else if (this.take('.')) {
        if (this.name() === undefined || !this.take('(') || !this.take(')')) {
          return undefined;
        }
      } else {
        return item;
      }
    }
  }

  private name(): PlacedName | undefined {
    this.space();
    if (this.text.charAt(this.at) === '"') {
      const end = this.text.indexOf('"', this.at + 1);
      const range = { start: this.at + 1, end };
      this.at = end === -1 ? this.text.length : end + 1;
      return end === -1 ? undefined : { name: this.text.slice(range.start, range.end), range };
    }
    // The client takes white space out; a dash belongs to a name unless it begins an arrow.
    const written = match(/(?:[\p{L}\p{N}_$]|-(?!>))+/uy, this.text, this.at);
    const range = { start: this.at, end: this.at + written.length };
    this.at = range.end;
    return written === '' ? undefined : { name: written, range };
  }

  private ahead(sign: string): boolean {
    this.space();
    return this.text.startsWith(sign, this.at);
  }

  private take(sign: string): boolean {
    const found = this.ahead(sign);
    this.at += found ? sign.length : 0;
    return found;
  }

  private space(): void {
    this.at += match(/\s*/y, this.text, this.at).length;
  }
}

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}
