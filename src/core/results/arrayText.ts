/** https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO */
export type ArrayItem = string | null | readonly ArrayItem[];

/** An array as Postgres writes it, `{1,NULL,"a b",{x}}`, perhaps with its bounds before it; `undefined` when the text is none. */
export function parseArray(text: string, delimiter = ','): readonly ArrayItem[] | undefined {
  const start = /^(?:\[-?\d+:-?\d+\])+=/.exec(text)?.[0].length ?? 0;
  const reader = new ArrayReader(text, start, delimiter);
  const items = reader.list();
  return reader.atEnd ? items : undefined;
}

class ArrayReader {
  private readonly text: string;
  private readonly delimiter: string;
  private at: number;
  private failed = false;

  constructor(text: string, start: number, delimiter: string) {
    this.text = text;
    this.at = start;
    this.delimiter = delimiter;
  }

  get atEnd(): boolean {
    return !this.failed && this.at === this.text.length;
  }

  list(): ArrayItem[] {
    const items: ArrayItem[] = [];
    this.expect('{');
    if (this.text[this.at] === '}') {
      this.at++;
      return items;
    }
    while (!this.failed) {
      items.push(this.item());
      if (this.text[this.at] !== this.delimiter) {
        break;
      }
      this.at++;
    }
    this.expect('}');
    return items;
  }

  private item(): ArrayItem {
    switch (this.text[this.at]) {
      case '{':
        return this.list();
      case '"':
        return this.quoted();
      default:
        return this.plain();
    }
  }

  private quoted(): string {
    let item = '';
    for (this.at++; this.at < this.text.length && this.text[this.at] !== '"'; this.at++) {
      if (this.text[this.at] === '\\') {
        this.at++;
      }
      item += this.text[this.at] ?? '';
    }
    this.expect('"');
    return item;
  }

  private plain(): string | null {
    const start = this.at;
    while (this.at < this.text.length && this.text[this.at] !== this.delimiter && this.text[this.at] !== '}') {
      this.at += this.text[this.at] === '\\' ? 2 : 1;
    }
    const item = this.text.slice(start, this.at);
    this.failed ||= item === '';
    return item.toUpperCase() === 'NULL' ? null : item.replaceAll(/\\(.)/gs, '$1');
  }

  private expect(sign: string): void {
    if (this.text[this.at] === sign) {
      this.at++;
    } else {
      this.failed = true;
    }
  }
}
