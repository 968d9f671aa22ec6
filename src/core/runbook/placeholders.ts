/**
 * Words of a manual that stand for a value of the reader's. Manuals write them in many ways: `<name>`, `[name]`, `{name}`,
 * `{{name}}`, `$NAME`, `your-name`, `function_name`, `YOUR_KEY` in the middle of a longer value. They are found in the text before
 * any grammar sees it.
 */
import type { Placeholder } from './operation.ts';

/** Names that exist, so that a function which really is called `function-name` is itself. */
export type IsKnownName = (name: string) => boolean;

// Lengths are bounded, so that no text takes more than a moment.
const bracketed: readonly RegExp[] = [
  /\{\{\s{0,9}([\w .-]{1,60}?)\s{0,9}\}\}/,
  /<([a-z](?:[\w .:/|-]{0,60}\w)?)>/,
  /(?<![\w\]@[$])\[([a-z][\w -]{0,60}\w)\](?![\w*?[])/,
  /(?<![$@{\w])\{([a-z][\w-]{0,60})\}/,
];

const variables: readonly RegExp[] = [/\$\{([a-z_]\w{0,60})\}/, /\$([a-z_]\w{0,60})/];

const bareWords: readonly RegExp[] = [
  /(?:your|my|some)[-_](?:[\w-]{1,60}\.[a-z]{2,20}(?!\.?\w)(?<!\.supabase\.co)|[\w-]{0,60}[a-z0-9])/,
  /YOUR[A-Z]{0,60}/,
  /(?:new|old)[-_](?:[\w-]{0,60}[-_])?(?:key|secret|token|password|value)/,
  /(?:function|table|column|schema|bucket|branch|index|database|file|project)[-_]name/,
  /project[-_](?:id|ref)/,
  /(?:previous[-_])?commit[-_](?:hash|sha|id)|previous[-_]commit|migration[-_](?:timestamp|version|name)/,
  /(?:problem|trusted|sample|specific|suspicious|affected)[-_][a-z][a-z_-]{0,60}/,
  /(?:[\w-]{1,60}\.){0,5}example\.(?:com|org|net)/,
  /test-\d{1,20}/,
  /(?:change|replace)[-_]?me|placeholder/,
  /[a-z][a-z_-]{0,60}[-_]here/,
  /(?:[a-z]{1,20}[-_]){0,5}x{3,60}/,
  /[a-z]{2}[\w-]{0,60}(?:\.{3}|…)/,
];

/** Bare words are whole words: one that is followed by `=` is a key, by `":` a key of JSON, and one after a dash a flag. */
const pattern = new RegExp(
  [...bracketed, ...variables, ...bareWords.map(({ source }) => new RegExp(`(?<![\\w@.$-])(?:${source})(?![\\w-]{0,60}=|"\\s{0,9}:|[\\w@-])`))]
    .map(({ source }) => `(?:${source})`)
    .join('|'),
  'gi',
);

/** Variables that a shell itself has: nobody is asked for them. */
const shellVariables = new Set('HOME USER PWD OLDPWD PATH SHELL TMPDIR HOSTNAME LANG RANDOM UID EDITOR LOGNAME'.split(' '));

/** Programs of awk and git's own braces; and a plain `your` of a sentence, which only capitals make a placeholder. */
const notMeant = /^(?:\{print\}|\{upstream\}|your[a-z]*)$/;

/** All places in a shell or HTTP text, in order; the same placeholder may stand in several. */
export function findPlaceholders(text: string, isKnown: IsKnownName): Placeholder[] {
  const found: Placeholder[] = [];
  for (const match of text.matchAll(pattern)) {
    const written = match[0];
    const name = match.slice(1).find((group) => group !== undefined);
    const isReal = notMeant.test(written) || (name === undefined ? isKnown(written) || isQueryColumn(text, match.index, written) : shellVariables.has(name));
    if (!isReal) {
      found.push(placeholderAt(written, match.index, name));
    }
  }
  return found;
}

export function placeholderAt(text: string, start: number, name = text): Placeholder {
  const label = labelOf(name);
  return { text, label, range: { start, end: start + text.length }, secret: isSecretLabel(label) };
}

/** Does a bare word look like a placeholder by itself, wherever it stands? */
export function isPlaceholderWord(word: string): boolean {
  const found = findPlaceholders(word, () => false);
  return found.length === 1 && found[0]?.text === word;
}

/** The manual means the selected project; nobody need be asked. */
export function meansProject(placeholder: Pick<Placeholder, 'label'>): boolean {
  return /^(?:supabase )?project(?: (?:id|ref|reference|name))?$/.test(placeholder.label);
}

/** `YOUR_API_KEY` → `api key`, `your-domain.com` → `domain`, `functionName` → `function name`. */
export function labelOf(name: string): string {
  const words = name
    .replace(/\.{3}|…/g, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/\.(?:com|org|net|io|dev|app)$/i, '')
    .replace(/[-_.]+/g, ' ')
    .toLowerCase()
    .replace(/^(?:your|my|some|enter|insert)\s+(?:own\s+)?/, '')
    .replace(/\s+here$/, '')
    .replace(/\s*x{3,}$/, '')
    .trim();
  return words === '' || words === 'your' ? 'value' : words;
}

function isSecretLabel(label: string): boolean {
  return /\b(?:api key|service role key|secret|token|password|passwd|credentials?|private key|production key|access key|new key)\b|^key$/.test(label);
}

/** `?select=table_name` names a column of the REST interface. */
function isQueryColumn(text: string, at: number, word: string): boolean {
  if (!/^[a-z]+_[a-z]+$/.test(word) || /^(?:your|my|some)_/.test(word)) {
    return false;
  }
  return /[?&][\w.,=]*$/.test(text.slice(Math.max(0, at - 200), at));
}
