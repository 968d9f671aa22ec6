/** How a module is asked for: `static` must exist, `type` is erased, `dynamic` is asked for while the function runs. */
export type ImportKind = 'static' | 'type' | 'dynamic';

export interface Specifier {
  readonly text: string;
  readonly kind: ImportKind;
}

/**
 * The modules a TypeScript or JavaScript source asks for, in order. Comments, strings, templates and regular expressions are told
 * apart; text that is no valid source gives what can be made out.
 */
export function scanSpecifiers(source: string): readonly Specifier[] {
  const tokens = tokenize(source);
  const found: Specifier[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const word = tokens[at];
    const isMember = isSign(tokens[at - 1], '.') || isSign(tokens[at - 1], '?.');
    if (word?.kind === 'word' && !isMember && (word.text === 'import' || word.text === 'export')) {
      const specifier = word.text === 'import' ? afterImport(tokens, at + 1) : afterExport(tokens, at + 1);
      if (specifier) {
        found.push(specifier);
      }
    }
  }
  return found;
}

interface Token {
  readonly kind: 'word' | 'string' | 'sign';
  readonly text: string;
}

function isSign(token: Token | undefined, text: string): boolean {
  return token?.kind === 'sign' && token.text === text;
}

function isWord(token: Token | undefined, text: string): boolean {
  return token?.kind === 'word' && token.text === text;
}

function afterImport(tokens: readonly Token[], at: number): Specifier | undefined {
  const next = tokens[at];
  if (next?.kind === 'string') {
    return { text: next.text, kind: 'static' };
  }
  if (isSign(next, '(')) {
    const argument = tokens[at + 1];
    const whole = isSign(tokens[at + 2], ')') || isSign(tokens[at + 2], ',');
    return argument?.kind === 'string' && whole ? { text: argument.text, kind: 'dynamic' } : undefined;
  }
  // `import type from "x"` imports a value named `type`.
  const onlyTypes = isWord(next, 'type') && !(isWord(tokens[at + 1], 'from') && tokens[at + 2]?.kind === 'string');
  return fromClause(tokens, at, onlyTypes);
}

function afterExport(tokens: readonly Token[], at: number): Specifier | undefined {
  const onlyTypes = isWord(tokens[at], 'type');
  const first = tokens[onlyTypes ? at + 1 : at];
  return isSign(first, '*') || isSign(first, '{') ? fromClause(tokens, at, onlyTypes) : undefined;
}

/** The string after `from`, when only what may stand in an import or export list comes before it. */
function fromClause(tokens: readonly Token[], start: number, onlyTypes: boolean): Specifier | undefined {
  let closed = false;
  for (let at = start; at < tokens.length; at++) {
    const token = tokens[at];
    const next = tokens[at + 1];
    if (isWord(token, 'from') && next?.kind === 'string') {
      return { text: next.text, kind: onlyTypes ? 'type' : 'static' };
    }
    const fits = token?.kind === 'string' || token?.kind === 'word' || ['{', '}', ',', '*'].some((sign) => isSign(token, sign));
    if (!fits || closed) {
      return undefined;
    }
    closed = isSign(token, '}');
  }
  return undefined;
}

/** Words after which a slash begins a regular expression. */
const beforeExpression = new Set(['return', 'typeof', 'case', 'in', 'of', 'new', 'delete', 'void', 'throw', 'instanceof', 'await', 'yield', 'else', 'do']);

const space = /\s+|\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)/y;
const word = /[\p{ID_Start}$_#][\p{ID_Continue}$\u200c\u200d]*/uy;
const quoted = /"((?:[^"\\\n]|\\[^])*)(?:"|(?=\n)|$)|'((?:[^'\\\n]|\\[^])*)(?:'|(?=\n)|$)/y;
const number = /\d[\w.]*/y;
const regularExpression = /\/(?:[^/\\\n[]|\\[^\n]|\[(?:[^\]\\\n]|\\[^\n])*\])+\/[\w]*/y;

function tokenize(source: string): readonly Token[] {
  const tokens: Token[] = [];
  // For each open template: how many braces are open in its current expression.
  const templates: number[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    at = match ? pattern.lastIndex : at;
    return match;
  };
  while (at < source.length) {
    let match: RegExpExecArray | null;
    if (take(space) || take(number)) {
      continue;
    }
    if ((match = take(word))) {
      tokens.push({ kind: 'word', text: match[0] });
    } else if ((match = take(quoted))) {
      tokens.push({ kind: 'string', text: unescape(match[1] ?? match[2] ?? '') });
    } else if (source[at] === '`') {
      at = template(source, at + 1, tokens, templates);
    } else if (source[at] === '}' && templates.at(-1) === 0) {
      templates.pop();
      at = template(source, at + 1, tokens, templates, true);
    } else if (!(source[at] === '/' && expressionMayBegin(tokens.at(-1)) && take(regularExpression))) {
      at = sign(source, at, tokens, templates);
    }
  }
  return tokens;
}

/** Reads a template up to its end or its next expression. Without expressions it is a string like any other. */
function template(source: string, start: number, tokens: Token[], templates: number[], continued = false): number {
  for (let at = start; at < source.length; at++) {
    if (source[at] === '\\') {
      at++;
    } else if (source[at] === '`') {
      tokens.push(continued ? { kind: 'sign', text: '`' } : { kind: 'string', text: unescape(source.slice(start, at)) });
      return at + 1;
    } else if (source.startsWith('${', at)) {
      if (!continued) {
        tokens.push({ kind: 'sign', text: '`' });
      }
      tokens.push({ kind: 'sign', text: '${' });
      templates.push(0);
      return at + 2;
    }
  }
  return source.length;
}

function sign(source: string, at: number, tokens: Token[], templates: number[]): number {
  const text = source.startsWith('?.', at) ? '?.' : source.slice(at, at + 1);
  const depth = templates.length - 1;
  if (depth >= 0 && (text === '{' || text === '}')) {
    templates[depth] = (templates[depth] ?? 0) + (text === '{' ? 1 : -1);
  }
  tokens.push({ kind: 'sign', text });
  return at + text.length;
}

function expressionMayBegin(previous: Token | undefined): boolean {
  if (previous?.kind === 'word') {
    return beforeExpression.has(previous.text);
  }
  return previous === undefined || (previous.kind === 'sign' && ![')', ']', '`'].includes(previous.text));
}

function unescape(text: string): string {
  return text.replace(/\\(?:u\{([0-9a-f]+)\}|u([0-9a-f]{4})|x([0-9a-f]{2})|([^]))/gi, (_, braced?: string, four?: string, two?: string, plain?: string) => {
    const code = braced ?? four ?? two;
    return code === undefined ? (plain === '\n' ? '' : (plain ?? '')) : String.fromCodePoint(Math.min(parseInt(code, 16), 0x10ffff));
  });
}
