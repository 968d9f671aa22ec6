/**
 * Puts values in the places of names, in one pass, so that no value is searched for names itself. Names that are words count only
 * as whole words, and of two that begin alike the longer one is meant.
 */
export function replaceNames(text: string, values: ReadonlyMap<string, string>, write: (value: string, at: number) => string): string {
  const names = [...values.keys()].sort((one, other) => other.length - one.length);
  if (names.length === 0) {
    return text;
  }
  return text.replace(new RegExp(names.map(wholeWord).join('|'), 'g'), (name, at: number) => write(values.get(name) ?? '', at));
}

function wholeWord(name: string): string {
  const before = /^\w/.test(name) ? '(?<![\\w-])' : '';
  const after = /\w$/.test(name) ? '(?![\\w-])' : '';
  return before + name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&') + after;
}
