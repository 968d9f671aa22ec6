import { l10n } from '../../util/l10n.ts';

/**
 * A regular expression that means the same to the hosted log store (ClickHouse `match`, which is RE2, with `.` also for line breaks)
 * and to JavaScript, which stands in where a dialect has none. Made by {@link readPattern} alone.
 */
export interface LogPattern {
  readonly source: string;
  readonly ignoreCase: boolean;
}

export type PatternReading = { readonly kind: 'pattern'; readonly pattern: LogPattern } | { readonly kind: 'refused'; readonly because: string };

const longestPattern = 500;
/** RE2's own limit: https://github.com/google/re2/wiki/Syntax */
const mostRepeats = 1000;

/** Escapes that both engines know; any other letter or digit means different things to them, or nothing. */
const sharedEscapes = /^[dDwWsSbBnrtfv]$/;
const punctuation = /^[!-/:-@[-`{-~]$/;

/** Reads what a person wrote between slashes. What one of the two engines cannot compile is refused with a sentence. */
export function readPattern(text: string, flags = ''): PatternReading {
  const ignoring = /^\(\?i\)/.test(text);
  const rest = ignoring ? text.slice('(?i)'.length) : text;
  const problem = rest === '' ? l10n.t('The regular expression is empty.') : rest.length > longestPattern ? l10n.t('A regular expression has at most {0} characters.', longestPattern) : undefined;
  if (problem !== undefined) {
    return { kind: 'refused', because: problem };
  }
  const source = normalize(rest);
  if (typeof source !== 'string') {
    return { kind: 'refused', because: source.because };
  }
  const pattern = { source, ignoreCase: ignoring || flags.includes('i') };
  try {
    toRegExp(pattern);
  } catch (error) {
    const reason = error instanceof Error ? (/: ([^:]+)$/.exec(error.message)?.[1] ?? error.message) : String(error);
    return { kind: 'refused', because: l10n.t('This is no regular expression: {0}.', reason) };
  }
  return { kind: 'pattern', pattern };
}

export function toRegExp({ source, ignoreCase }: LogPattern): RegExp {
  return new RegExp(source, ignoreCase ? 'sui' : 'su');
}

/** For ClickHouse's `match`. */
export function toRe2({ source, ignoreCase }: LogPattern): string {
  return ignoreCase ? `(?i)${source}` : source;
}

interface Refusal {
  readonly because: string;
}

/** Piece by piece: an escape, a group's opening, a quantifier in braces, a bracket of a class, or one character. */
const piece = /\\p\{\w+\}|\\P\{\w+\}|\\x[\da-fA-F]{2}|\\[\s\S]?|\(\?[:<=!a-zA-Z-]*|\{\d+(?:,\d*)?\}|[\s\S]/gu;

function normalize(text: string): string | Refusal {
  let inClass = false;
  let source = '';
  for (const [part] of text.matchAll(piece)) {
    if (inClass && part === ']' && /\[\^?$/.test(source)) {
      return { because: l10n.t('Brackets hold at least one character; a closing bracket among them is written {0}.', '\\]') };
    }
    const taken = inClass ? takeInClass(part) : take(part);
    if (typeof taken !== 'string') {
      return taken;
    }
    inClass = part === '[' ? true : part === ']' ? false : inClass;
    source += taken;
  }
  return source;
}

function take(part: string): string | Refusal {
  if (part.startsWith('\\')) {
    return takeEscape(part);
  }
  if (part.startsWith('(?')) {
    return part === '(?:' ? part : { because: l10n.t('The log store does not look around, refer back or name groups: {0} is not possible.', `${part}…`) };
  }
  if (part.startsWith('{') && part.length > 1) {
    const counts = part.slice(1, -1).split(',').filter((count) => count !== '');
    return counts.some((count) => Number(count) > mostRepeats) ? { because: l10n.t('At most {0} repetitions: {1} asks for more.', mostRepeats, part) } : part;
  }
  // Alone, these are plain characters to RE2 and an error to JavaScript.
  return part === '{' || part === '}' || part === ']' ? `\\${part}` : part;
}

function takeInClass(part: string): string | Refusal {
  if (part === '\\b' || part === '\\B') {
    return { because: l10n.t('{0} has no meaning inside brackets.', part) };
  }
  if (part.startsWith('\\')) {
    return takeEscape(part);
  }
  return part === '[' ? '\\[' : part.startsWith('(?') || part.startsWith('{') ? part.replace(/[(?{}]/g, '\\$&') : part;
}

function takeEscape(part: string): string | Refusal {
  const character = part.slice(1);
  if (part.length > 2 || sharedEscapes.test(character)) {
    return part;
  }
  if (punctuation.test(character)) {
    // JavaScript wants only its own signs escaped; a code says the same to both.
    return /^[\^$\\.*+?()[\]{}|/]$/.test(character) ? part : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  }
  return { because: character === '' ? l10n.t('The regular expression ends in a lone backslash.') : l10n.t('The log store does not know {0} in a regular expression.', part) };
}
