import type { TextRange } from '../runbook/document.ts';
import { readDirective, type Directives } from './directives.ts';

/**
 * Requests as editors' `.http` documents write them: a request line, headers, an empty line, a body; `###` parts two requests, `#`
 * and `//` begin a comment, `@name = value` gives a name to a text. Comments such as `# role: service` say with whose rights it is
 * sent, see `directives.ts`; the credential itself never stands in a document. Offsets are UTF-16 code units of the document.
 */
export interface RequestDocument {
  readonly requests: readonly RequestText[];
  /** `@host = …`, of the whole document; of equal names the last counts. */
  readonly definitions: ReadonlyMap<string, string>;
}

/** One request as it is written: `{{variables}}` are still in it. */
export interface RequestText extends Directives {
  /** Behind `###`, or `# @name …`; empty without either. */
  readonly name: string;
  /** From the line behind `###` to the next one: comments above the request and all. */
  readonly block: TextRange;
  /** From the request line to the end of the body, without the empty lines behind it. */
  readonly range: TextRange;
  /** In capitals; `GET` when none is written. */
  readonly method: string;
  /** A path of the project, or a whole address; continuation lines (`?a=1`, `&b=2`) are joined to it. */
  readonly target: string;
  /** In order, repeated names kept. */
  readonly headers: readonly HeaderLine[];
  /** Lines are parted by `\n` whatever the file has; in a `multipart/…` body by `\r\n`, which that type demands. */
  readonly body?: string;
  readonly problems: readonly RequestProblem[];
}

export interface HeaderLine {
  readonly name: string;
  readonly value: string;
  /** The whole line, or lines. */
  readonly range: TextRange;
}

export interface RequestProblem {
  readonly kind:
    /** The block has text and no line that is a request. */
    | 'noRequestLine'
    | 'notAHeader'
    | 'unknownRole'
    | 'badSignature'
    /** `< ./file`: bodies are not read from files. */
    | 'bodyFromFile';
  readonly text: string;
  readonly range: TextRange;
}

/** Any text gives a document; what is wrong with a request is among its problems. */
export function parseRequests(text: string): RequestDocument {
  const definitions = new Map<string, string>();
  const requests = blocksOf(text)
    .map((block) => new BlockReader(block, definitions).read())
    .filter((request) => request !== undefined);
  return { requests, definitions };
}

/** The request that an offset lies in, comments above it included; else the last one before it. */
export function requestAt({ requests }: RequestDocument, offset: number): RequestText | undefined {
  return requests.findLast(({ block }) => block.start <= offset) ?? requests[0];
}

interface Line {
  /** Without its line break. */
  readonly text: string;
  readonly range: TextRange;
}

interface Block {
  readonly name: string;
  readonly range: TextRange;
  readonly lines: readonly Line[];
}

function blocksOf(text: string): Block[] {
  const blocks: { name: string; range: TextRange; lines: Line[] }[] = [];
  let open = { name: '', range: { start: 0, end: text.length }, lines: [] as Line[] };
  for (const match of text.matchAll(/[^\r\n]*(?:\r\n|\n|\r|$)/g)) {
    const line = match[0].replace(/[\r\n]+$/, '');
    const range = { start: match.index, end: match.index + line.length };
    const separator = /^###+[ \t]*(.*)$/.exec(line);
    if (separator) {
      blocks.push({ ...open, range: { start: open.range.start, end: range.start } });
      open = { name: (separator[1] ?? '').trim(), range: { start: match.index + match[0].length, end: text.length }, lines: [] };
    } else {
      open.lines.push({ text: line, range });
    }
  }
  return [...blocks, open];
}

const requestLine = /^(?:([A-Za-z]+)[ \t]+)?((?:https?:\/\/|\/|\{\{|<|\$|\[)\S*?(?:[ \t]+\S+?)*?)(?:[ \t]+HTTP\/[\d.]+)?[ \t]*$/;
const token = /^[\w!#$%&'*+.^`|~-]+$/;

/** Reads one block from its first line to its last. */
class BlockReader {
  private readonly block: Block;
  private readonly definitions: Map<string, string>;
  private readonly problems: RequestProblem[] = [];
  private readonly headers: HeaderLine[] = [];
  private directives: Directives = { role: 'anon' };
  private name: string;
  private at = 0;

  constructor(block: Block, definitions: Map<string, string>) {
    this.block = block;
    this.definitions = definitions;
    this.name = block.name;
  }

  /** `undefined` for a block that holds nothing but comments. */
  read(): RequestText | undefined {
    const first = this.readPreamble();
    if (first === undefined) {
      return undefined;
    }
    const [, method = 'GET', path = ''] = requestLine.exec(first.text) ?? [];
    if (path === '') {
      this.problem('noRequestLine', first);
    }
    const target = path + this.readContinuation();
    this.readHeaders();
    const { body, end } = this.readBody();
    return {
      ...this.directives,
      name: this.name,
      block: this.block.range,
      range: { start: first.range.start, end },
      method: method.toUpperCase(),
      target,
      headers: this.headers,
      ...(body === '' ? {} : { body }),
      problems: this.problems,
    };
  }

  private next(): Line | undefined {
    return this.block.lines[this.at];
  }

  /** The first line that is no comment, definition or empty line; it is passed over. */
  private readPreamble(): Line | undefined {
    for (let line = this.next(); line !== undefined; line = this.next()) {
      this.at++;
      const [, defined, value = ''] = /^@([\w.-]+)[ \t]*=[ \t]*(.*?)[ \t]*$/.exec(line.text) ?? [];
      if (defined !== undefined) {
        this.definitions.set(defined, value);
      } else if (!this.readComment(line) && line.text.trim() !== '') {
        return line;
      }
    }
    return undefined;
  }

  private readComment(line: Line): boolean {
    const [, comment] = /^[ \t]*(?:#|\/\/)(.*)$/.exec(line.text) ?? [];
    if (comment === undefined) {
      return false;
    }
    const named = /^\s*@name\s+(.+?)\s*$/.exec(comment)?.[1];
    this.name = named ?? this.name;
    const read = readDirective(comment, this.directives);
    if (read.kind === 'problem') {
      this.problem(read.problem, line);
    } else {
      this.directives = read.directives;
    }
    return true;
  }

  /** Lines below the request line that go on with its query. */
  private readContinuation(): string {
    let more = '';
    for (let part = this.queryPart(); part !== undefined; part = this.queryPart()) {
      more += part;
      this.at++;
    }
    return more;
  }

  private queryPart(): string | undefined {
    return /^[ \t]+([?&].*?)[ \t]*$/.exec(this.next()?.text ?? '')?.[1];
  }

  private readHeaders(): void {
    for (let line = this.next(); line !== undefined && line.text.trim() !== ''; line = this.next()) {
      this.at++;
      const last = this.headers.at(-1);
      if (/^[ \t]/.test(line.text) && last !== undefined) {
        this.headers.splice(-1, 1, { name: last.name, value: `${last.value} ${line.text.trim()}`.trim(), range: { start: last.range.start, end: line.range.end } });
      } else if (!this.readComment(line)) {
        this.readHeader(line);
      }
    }
  }

  private readHeader(line: Line): void {
    const colon = line.text.indexOf(':');
    const name = line.text.slice(0, Math.max(0, colon)).trim();
    if (token.test(name)) {
      this.headers.push({ name, value: line.text.slice(colon + 1).trim(), range: line.range });
    } else {
      this.problem('notAHeader', line);
    }
  }

  /** What stands behind the empty line, without the empty lines at its end. */
  private readBody(): { readonly body: string; readonly end: number } {
    const before = this.block.lines[this.at - 1]?.range.end ?? this.block.range.start;
    const lines = this.block.lines.slice(this.at + 1);
    const last = lines.findLastIndex(({ text }) => text.trim() !== '');
    const own = lines.slice(0, last + 1);
    for (const line of own.slice(0, 1).filter(({ text }) => /^<@?[ \t]+\S/.test(text))) {
      this.problem('bodyFromFile', line);
    }
    const isMultipart = this.headers.some(({ name, value }) => name.toLowerCase() === 'content-type' && /^multipart\//i.test(value));
    return { body: own.map(({ text }) => text).join(isMultipart ? '\r\n' : '\n'), end: own.at(-1)?.range.end ?? before };
  }

  private problem(kind: RequestProblem['kind'], { text, range }: Line): void {
    this.problems.push({ kind, text: text.trim(), range });
  }
}
