/** What a piece of an `.http` document is, for its colour; the names are those of the editor's semantic tokens. */
export type TokenType = 'comment' | 'keyword' | 'string' | 'type' | 'number' | 'variable';

export interface Token {
  readonly type: TokenType;
  /** From 0, as are the columns (UTF-16). */
  readonly line: number;
  readonly start: number;
  readonly end: number;
}

/** Longer documents stay without colours. */
const longest = 300_000;

type Part = 'preamble' | 'head' | 'body';

/** The pieces of requests and answers, line by line, in order and without overlaps. */
export function tokensOf(text: string): Token[] {
  if (text.length > longest) {
    return [];
  }
  const tokens: Token[] = [];
  let part: Part = 'preamble';
  for (const [line, content] of text.split(/\r\n|\n|\r/).entries()) {
    const { next, pieces } = readLine(content, part);
    part = next;
    tokens.push(...withVariables(content, pieces).map((piece) => ({ ...piece, line })));
  }
  return tokens;
}

type Piece = Omit<Token, 'line'>;

function readLine(line: string, part: Part): { readonly next: Part; readonly pieces: readonly Piece[] } {
  if (line.startsWith('###')) {
    return { next: 'preamble', pieces: [{ type: 'keyword', start: 0, end: line.length }] };
  }
  if (part === 'body') {
    return { next: part, pieces: jsonPieces(line) };
  }
  if (/^\s*(?:#|\/\/)/.test(line)) {
    return { next: part, pieces: [{ type: 'comment', start: 0, end: line.length }] };
  }
  if (line.trim() === '') {
    return { next: part === 'head' ? 'body' : part, pieces: [] };
  }
  return part === 'head' ? { next: part, pieces: headerPieces(line) } : firstLine(line);
}

/** `POST /path`, `HTTP/1.1 200 OK`, `@name = value`; a line of a log is none of these. */
function firstLine(line: string): { readonly next: Part; readonly pieces: readonly Piece[] } {
  const status = /^HTTP\/[\d.]+ +(\d+)/.exec(line);
  if (status) {
    const end = status[0].length;
    return { next: 'head', pieces: [{ type: 'keyword', start: 0, end: end - (status[1]?.length ?? 0) - 1 }, { type: 'number', start: end - (status[1]?.length ?? 0), end }] };
  }
  const defined = /^@[\w.-]+(?=\s*=)/.exec(line);
  if (defined) {
    return { next: 'preamble', pieces: [{ type: 'type', start: 0, end: defined[0].length }] };
  }
  const request = /^([A-Za-z]+[ \t]+)?(?:https?:\/\/|\/|\{\{).*$/.exec(line);
  if (!request) {
    return { next: 'preamble', pieces: [] };
  }
  const start = request[1]?.length ?? 0;
  return { next: 'head', pieces: [...(start > 0 ? [{ type: 'keyword' as const, start: 0, end: start }] : []), { type: 'string', start, end: line.length }] };
}

function headerPieces(line: string): Piece[] {
  const name = /^[^\s:]+(?=\s*:)/.exec(line)?.[0];
  return name === undefined ? [{ type: 'string', start: 0, end: line.length }] : [{ type: 'type', start: 0, end: name.length }];
}

function jsonPieces(line: string): Piece[] {
  const pieces: Piece[] = [];
  for (const match of line.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|-?\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b|\b(?:true|false|null)\b/g)) {
    const [whole, text, colon] = match;
    const type = text === undefined ? (/^[tfn]/.test(whole) ? 'keyword' : 'number') : colon === undefined ? 'string' : 'type';
    pieces.push({ type, start: match.index, end: match.index + (text ?? whole).length });
  }
  return pieces;
}

/** `{{name}}` stands out of whatever it stands in. */
function withVariables(line: string, pieces: readonly Piece[]): Piece[] {
  const variables = [...line.matchAll(/\{\{\s*(?:secret\s+)?\$?[\w.-]+\s*\}\}/g)].map((match): Piece => ({ type: 'variable', start: match.index, end: match.index + match[0].length }));
  const rest = variables.reduce<readonly Piece[]>((left, variable) => left.flatMap((piece) => (piece.type === 'comment' ? [piece] : without(piece, variable))), pieces);
  const shown = pieces.some(({ type }) => type === 'comment') ? [] : variables;
  return [...rest, ...shown].filter(({ start, end }) => end > start).sort((a, b) => a.start - b.start);
}

function without(piece: Piece, { start, end }: Piece): Piece[] {
  return end <= piece.start || start >= piece.end ? [piece] : [{ ...piece, end: start }, { ...piece, start: end }].filter((part) => part.end > part.start);
}
