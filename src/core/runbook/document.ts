/**
 * A Markdown document as Opsbook sees it: sections, steps, check lists, with exact places. Offsets are UTF-16 code units from the
 * start of the text, `end` excluded, so that `text.slice(start, end)` is the thing itself and an untouched part is written back
 * to the byte.
 */

export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** The same range in a text in which what was at 0 stands at `by`. */
export function moved({ start, end }: TextRange, by: number): TextRange {
  return { start: start + by, end: end + by };
}

export interface RunbookDocument {
  /** The document's URI as text; the key of everything kept about it. */
  readonly uri: string;
  readonly text: string;
  /** First heading, else the file's name without its ending. */
  readonly title: string;
  readonly sections: readonly Section[];
}

export interface Section {
  /** Headings from the top down to this one, without markup: `['Common issues', 'Slow queries']`; empty before the first heading. */
  readonly path: readonly string[];
  /** 1 to 6; 0 for text before the first heading. */
  readonly level: number;
  readonly heading: string;
  /** The heading's own line. */
  readonly headingRange: TextRange;
  /** From the heading to the next heading of any level. */
  readonly range: TextRange;
  readonly steps: readonly Step[];
  readonly tasks: readonly Task[];
}

export type StepLanguage = 'sql' | 'shell' | 'http' | 'other';

/** Something that can be run: a fence, or inline code of a list item that is a command. */
export interface Step {
  /** Stable while the section path and the text stay: `<section path>#<hash of the text>`, with `-2`, `-3` among equal texts. */
  readonly id: string;
  readonly documentUri: string;
  readonly sectionPath: readonly string[];
  readonly origin: 'fence' | 'inline';
  readonly language: StepLanguage;
  /** The info string's first word as written; empty for an untagged fence. */
  readonly languageTag: string;
  /** The whole fence, opening to closing line. */
  readonly range: TextRange;
  /** The code alone. In a list item or quote the indentation of each line stands in the document, not in `text`. */
  readonly codeRange: TextRange;
  readonly text: string;
  /** Maps an offset in `text` to one in the document: one entry per line of `text`. */
  readonly lines: readonly { readonly textStart: number; readonly documentStart: number }[];
  readonly options: StepOptions;
  /** The option `title`, else the comment at the top of the code, else the paragraph or label before the fence. */
  readonly title: string;
}

/** What stands in the info string after the language. Unknown keys are kept, with their values as written. */
export interface StepOptions {
  readonly title?: string;
  /** Limit texts such as `hit_ratio < 99%`; parsed by `diagnostics/limit.ts`. */
  readonly warn?: string;
  readonly critical?: string;
  /** Durations as written: `5m`, `10m`. */
  readonly every?: string;
  readonly for?: string;
  readonly topic?: string;
  readonly other: Readonly<Record<string, string>>;
}

/** `- [ ] text`, ticked by a person. */
export interface Task {
  readonly text: string;
  readonly ticked: boolean;
  /** The whole list item's first line. */
  readonly range: TextRange;
  /** The space or x between the brackets. */
  readonly boxRange: TextRange;
}
