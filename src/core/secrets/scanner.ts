/**
 * The tokens of JavaScript and TypeScript as far as finding reads of the environment needs them: names, punctuation, strings.
 * Comments, regular expressions and the text of templates are passed over; text that is being typed never throws.
 */

export interface Token {
  readonly kind: 'name' | 'punctuation' | 'string' | 'number' | 'template';
  /** A string's or plain template's value; everything else as written. */
  readonly text: string;
  readonly offset: number;
}

const patterns = {
  space: /\s+|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y,
  name: /[\p{L}_$#][\p{L}\p{N}_$]*/uy,
  number: /\d[\w.]*/y,
  // A string that is not closed ends with its row.
  string: /"(?:[^"\\\n]|\\[\s\S])*"?|'(?:[^'\\\n]|\\[\s\S])*'?/y,
  regex: /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y,
} as const;

/** After these a slash begins a regular expression, as it does after punctuation that ends no value. */
const wordsBeforeValue = new Set(['return', 'typeof', 'case', 'in', 'of', 'delete', 'void', 'throw', 'new', 'do', 'else', 'await', 'yield']);

export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  /** For each open `${` the number of braces opened since: the one that closes it ends the code, and the template goes on. */
  const templates: number[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0];
  };
  const add = (kind: Token['kind'], written: string, text = written) => {
    tokens.push({ kind, text, offset: at });
    at += written.length;
  };
  /** From a backtick, or from the brace that ends a `${…}`, to the next `${` or the closing backtick. */
  const addTemplate = () => {
    const rest = /[`}](?:[^`\\$]|\\[\s\S]|\$(?!\{))*(`|\$\{|$)/y;
    const written = match(rest) ?? source.slice(at);
    const opens = written.endsWith('${');
    const whole = written.startsWith('`') && written.length > 1 && written.endsWith('`');
    if (opens) {
      templates.push(0);
    }
    add(whole ? 'string' : 'template', written, whole ? unescape(written.slice(1, -1)) : written);
  };
  while (at < source.length) {
    const space = match(patterns.space);
    const character = source[at] ?? '';
    const depth = templates.at(-1);
    if (space !== undefined) {
      at += space.length;
    } else if (character === '`') {
      addTemplate();
    } else if (character === '}' && depth === 0) {
      templates.pop();
      addTemplate();
    } else {
      if (depth !== undefined && (character === '{' || character === '}')) {
        templates[templates.length - 1] = depth + (character === '{' ? 1 : -1);
      }
      addPlain(match, add, tokens, character);
    }
  }
  return tokens;
}

function addPlain(match: (pattern: RegExp) => string | undefined, add: (kind: Token['kind'], written: string, text?: string) => void, tokens: readonly Token[], character: string): void {
  const name = match(patterns.name);
  const string = character === '"' || character === "'" ? match(patterns.string) : undefined;
  const number = match(patterns.number);
  const regex = character === '/' && startsValue(tokens.at(-1)) ? match(patterns.regex) : undefined;
  if (name !== undefined) {
    add('name', name);
  } else if (string !== undefined) {
    add('string', string, unescape(string.slice(1, string.length > 1 && string.endsWith(character) ? -1 : undefined)));
  } else if (number !== undefined) {
    add('number', number);
  } else {
    add('punctuation', regex ?? character);
  }
}

function startsValue(before: Token | undefined): boolean {
  if (before === undefined) {
    return true;
  }
  if (before.kind === 'name') {
    return wordsBeforeValue.has(before.text);
  }
  return before.kind === 'punctuation' && before.text !== ')' && before.text !== ']' && before.text !== '}';
}

/** Names of variables need no escapes; what has one is given as the characters mean in the common cases. */
function unescape(text: string): string {
  return text.replace(/\\(?:u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([\s\S]))/g, (_, braced?: string, four?: string, two?: string, plain?: string) => {
    const code = braced ?? four ?? two;
    return code === undefined ? (plain ?? '') : String.fromCodePoint(Math.min(0x10ffff, parseInt(code, 16)));
  });
}
