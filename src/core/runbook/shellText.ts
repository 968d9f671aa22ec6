import type { TextRange } from './document.ts';
import type { Placeholder } from './operation.ts';
import { findPlaceholders } from './placeholders.ts';
import type { IsKnownName } from './placeholders.ts';

/** A fence's text made fit for the shell grammar: of the same length, so that every offset stays what it is. */
export interface ShellText {
  readonly source: string;
  /** All places, in order. */
  readonly placeholders: readonly Placeholder[];
  /** JSON that stands among the commands: an answer that somebody pasted, never commands. */
  readonly answers: readonly TextRange[];
  /** Gives a word of `source` its placeholders back. */
  restore(word: string): string;
}

/**
 * What no shell could read as it is meant is masked: placeholders (`<x>` would be a redirection), an unquoted `&` in a URL, the
 * prompts and the output of a console session, and pasted JSON.
 */
export function prepareShell(text: string, isConsole: boolean, isKnown: IsKnownName): ShellText {
  const answers = jsonBlocks(text);
  const commands = answers.reduce(blank, isConsole || /^\$ /m.test(text) ? withoutOutput(text) : text);
  const values = literalVariables(commands);
  const all = findPlaceholders(commands, isKnown).slice(0, lastMask - firstMask);
  const originals = all.map(({ text: written }) => values.get(written) ?? written);
  return {
    source: maskAmpersands(mask(commands, all)),
    placeholders: all.filter(({ text: written }) => !values.has(written)),
    answers,
    restore: (word) => restore(word, originals),
  };
}

/** Private-use characters are letters to a shell, and one per placeholder tells which one it was. */
const firstMask = 0xe000;
const lastMask = 0xf8fe;
const ampersand = '\uf8ff';

function mask(text: string, placeholders: readonly Placeholder[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const [index, { range }] of placeholders.entries()) {
    parts.push(text.slice(at, range.start), String.fromCharCode(firstMask + index).repeat(range.end - range.start));
    at = range.end;
  }
  return parts.join('') + text.slice(at);
}

function restore(word: string, originals: readonly string[]): string {
  const restored = word.replace(/([\ue000-\uf8fe])\1*/g, (run, char: string) => originals[char.charCodeAt(0) - firstMask] ?? run);
  return restored.replaceAll(ampersand, '&');
}

/** `curl https://host/path?a=1&b=2` without quotes: no manual means to run it in the background. */
function maskAmpersands(text: string): string {
  return text.replace(/(?<!\S)(?:https?:\/\/|\/)[^\s'"|<>()]*\?[^\s'"|<>()]*/g, (url) => url.replace(/&(?=[\w[\]%.-]+=)/g, ampersand));
}

/**
 * In a console session what stands behind `$ ` is a command, with the lines that continue it; everything else is output. A session
 * without any prompt is all commands.
 */
function withoutOutput(text: string): string {
  if (!/^\s*[$%] /m.test(text)) {
    return text;
  }
  let continued = false;
  const lines = text.split('\n').map((line) => {
    const prompt = /^\s*[$%] /.exec(line)?.[0] ?? (continued ? /^\s*(?:> )?/.exec(line)?.[0] : undefined);
    const isComment = /^\s*#/.test(line);
    if (prompt === undefined && !isComment) {
      return ' '.repeat(line.length);
    }
    continued = !isComment && line.endsWith('\\');
    return ' '.repeat(prompt?.length ?? 0) + line.slice(prompt?.length ?? 0);
  });
  return lines.join('\n');
}

/**
 * Blocks that begin with a line `{` or `[` and end where their brackets do. A brace group of a shell has no `":` in it, and what
 * stands in a here-document or in quotes that the line above opened is a request, no answer.
 */
function jsonBlocks(text: string): TextRange[] {
  const blocks: TextRange[] = [];
  let unclosed = 0;
  for (const match of text.matchAll(/^[ \t]*[{[](?=[ \t]*(?:["{[\]}]|$))/gm)) {
    const start = match.index + match[0].length - 1;
    if (start < (blocks.at(-1)?.end ?? 0) || unclosed > mostUnclosed) {
      continue;
    }
    const end = closingBracket(text, start);
    unclosed += end === undefined ? 1 : 0;
    if (end !== undefined && looksLikeJson(text.slice(start, end)) && isLineEnd(text, end) && !opensText(lineBefore(text, match.index))) {
      blocks.push({ start, end });
    }
  }
  return blocks;
}

const longestAnswer = 100_000;
/** A text with more brackets that never close is no answer, and looking for their ends would take long. */
const mostUnclosed = 50;

function looksLikeJson(block: string): boolean {
  return /"\s*:|^\[\s*["{[\]\d]/.test(block);
}

function opensText(line: string): boolean {
  return /(?:<<-?\s*['"]?\w+['"]?.*|['"(\\])\s*$/.test(line);
}

function lineBefore(text: string, at: number): string {
  return text.slice(text.lastIndexOf('\n', at - 2) + 1, Math.max(0, at - 1));
}

function closingBracket(text: string, start: number): number | undefined {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length && at < start + longestAnswer; at++) {
    const char = text[at];
    if (inString) {
      if (char === '\\') {
        at++;
      } else if (char === '"') {
        inString = false;
      }
    } else if (char === '"') {
      inString = true;
    } else if (char === '{' || char === '[') {
      depth++;
    } else if ((char === '}' || char === ']') && --depth === 0) {
      return at + 1;
    }
  }
  return undefined;
}

function isLineEnd(text: string, at: number): boolean {
  return /^[ \t]*(?:$|\n)/.test(text.slice(at, at + 200));
}

/** `REF=abc` on a line of its own: `$REF` below it is no question. */
function literalVariables(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const [, name = '', double, single, word] of text.matchAll(
    /^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)=(?:"([^"$`\\\n]*)"|'([^'\n]*)'|([^\s"'$`\\;&|<>()[\]{}]+))[ \t]*;?$/gm,
  )) {
    const value = double ?? single ?? word ?? '';
    if (findPlaceholders(value, () => false).length > 0) {
      continue;
    }
    values.set(`$${name}`, value).set(`\${${name}}`, value);
  }
  return values;
}

function blank(text: string, range: TextRange): string {
  return text.slice(0, range.start) + text.slice(range.start, range.end).replace(/[^\n]/g, ' ') + text.slice(range.end);
}
