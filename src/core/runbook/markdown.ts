import type { TextRange } from './document.ts';

/** The Markdown grammar that core asks of the outside: GitHub's flavour, with exact offsets. */
export interface MarkdownGrammar {
  /** What a runbook is made of, in document order. Any text is Markdown: nothing throws. */
  parse(text: string): readonly MarkdownNode[];
}

export type MarkdownNode =
  /** A heading that stands in no list and no quote. */
  | { readonly kind: 'heading'; readonly level: number; readonly range: TextRange; readonly marks: readonly TextRange[] }
  /** A paragraph or a task's text: what may be the label of the fence after it. */
  | { readonly kind: 'prose'; readonly range: TextRange; readonly marks: readonly TextRange[] }
  | {
      readonly kind: 'fence';
      /** From the opening mark to the end of the closing line, or to where the text ends. */
      readonly range: TextRange;
      /** The rest of the opening line; empty when nothing stands there. */
      readonly info: TextRange;
      /** The code in pieces: marks of lists and quotes lie between them, line breaks inside. Empty for a fence without code. */
      readonly pieces: readonly TextRange[];
    }
  /** Code within backticks; `code` is what stands between them. */
  | { readonly kind: 'inlineCode'; readonly range: TextRange; readonly code: TextRange; readonly inListItem: boolean }
  /** `- [ ] …`: from the list's mark to the end of the item's first line, and the character between the brackets. */
  | { readonly kind: 'task'; readonly range: TextRange; readonly box: TextRange; readonly textStart: number };

/** A range's text without the marks in it (`**`, backticks, link targets), in one line. */
export function plainText(text: string, range: TextRange, marks: readonly TextRange[]): string {
  let plain = '';
  let at = range.start;
  for (const mark of marks) {
    if (mark.start >= at && mark.end <= range.end) {
      plain += text.slice(at, mark.start);
      at = mark.end;
    }
  }
  return (plain + text.slice(at, range.end)).replace(/\s+/g, ' ').trim();
}
