import { visibleLine } from '../util/visible.ts';

/**
 * Where the editor reads marks in what it shows: `$(name)` is an icon in labels of pick lists, lenses and the status bar, and
 * `[text](command:…)` a link that runs a command in messages and prompts. In text that may hold outside text they mean nothing.
 */

/** For a label, a description or a detail. */
export function plainLabel(text: string): string {
  return text.replaceAll('$(', '$ (');
}

/** For a notification, a progress title or a prompt. */
export function plainMessage(text: string): string {
  return text.replaceAll('](', '] (');
}

/**
 * For a paragraph, a list item or a cell of a report of ours, which are also read as they stand: a backslash only where a sign would mark
 * something. Underscores within words and stars between spaces do not, and `#` and `>` do only where a line begins.
 */
export function plainMarkdown(text: string): string {
  return visibleLine(text)
    .replace(/[\\`[\]<|]|(?<!\w)_|_(?!\w)|\*(?!\s|$)|(?<=\S)\*/g, (mark) => `\\${mark}`)
    .replace(/^(?:[#>]|[-+*](?=\s|$))/, (mark) => `\\${mark}`)
    .replace(/^(\d+)(?=[.)](?:\s|$))/, '$1\\');
}
