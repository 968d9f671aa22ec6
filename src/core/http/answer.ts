import type { HttpAnswer } from '../ports.ts';

/** A header's value, whatever the case of its name; of several the first. */
export function headerOf({ headers }: Pick<HttpAnswer, 'headers'>, name: string): string | undefined {
  return headers.find(([known]) => known.toLowerCase() === name)?.[1];
}

/** The execution that answered: the hosted runtime says it in `x-deno-execution-id`. A refusal by the platform has none. */
export function executionIdOf(answer: Pick<HttpAnswer, 'headers'>): string | undefined {
  return answer.headers.find(([name, value]) => /^(?:x-)?(?:deno|sb)-execution-id$/i.test(name) && value !== '')?.[1];
}

export interface ShownBody {
  readonly kind: 'json' | 'text' | 'binary' | 'empty';
  /** JSON is indented, numbers and escapes as they came; empty for bytes that are no text. */
  readonly text: string;
}

export function shownBody(answer: Pick<HttpAnswer, 'headers' | 'body'>): ShownBody {
  const type = headerOf(answer, 'content-type') ?? '';
  if (answer.body === '') {
    return { kind: 'empty', text: '' };
  }
  if (/^(?:image|audio|video|font)\/(?!svg)|^application\/(?:octet-stream|pdf|zip|gzip|wasm)\b/i.test(type) || answer.body.includes('\0')) {
    return { kind: 'binary', text: '' };
  }
  return isJson(answer.body) ? { kind: 'json', text: indentJson(answer.body) } : { kind: 'text', text: answer.body };
}

function isJson(text: string): boolean {
  if (!/^\s*[{["]/.test(text)) {
    return false;
  }
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Valid JSON with line breaks and two spaces per level. It is never parsed into values: a number of 20 digits keeps them all. */
export function indentJson(json: string): string {
  let level = 0;
  const line = () => `\n${'  '.repeat(level)}`;
  const pieces = json.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
  return pieces
    .map((piece, index) => {
      switch (piece) {
        case '{':
        case '[':
          level++;
          return /^[}\]]$/.test(pieces[index + 1] ?? '') ? piece : piece + line();
        case '}':
        case ']':
          level--;
          return /^[{[]$/.test(pieces[index - 1] ?? '') ? piece : line() + piece;
        case ',':
          return piece + line();
        case ':':
          return ': ';
        default:
          return piece;
      }
    })
    .join('');
}
