import type { SyntaxNodeRef, Tree } from '@lezer/common';
import type { TextRange } from '../../core/runbook/document.ts';
import type { MarkdownGrammar, MarkdownNode } from '../../core/runbook/markdown.ts';

/** Lezer's Markdown with GitHub's extensions; loaded with its first use. About 170 ms per megabyte. */
export async function loadMarkdownGrammar(): Promise<MarkdownGrammar> {
  const { GFM, parser } = await import('@lezer/markdown');
  const markdown = parser.configure([GFM]);
  return { parse: (text) => new Reader(text).read(markdown.parse(text)) };
}

/** Marks that are no part of what a reader sees. */
const markNames = new Set([
  'HeaderMark',
  'EmphasisMark',
  'StrikethroughMark',
  'CodeMark',
  'LinkMark',
  'LinkTitle',
  'LinkLabel',
  'URL',
  'QuoteMark',
  'TaskMarker',
]);

type Prose = Extract<MarkdownNode, { kind: 'heading' | 'prose' }>;

/** Flattens a tree into the nodes of the port. */
class Reader {
  private readonly text: string;
  private readonly nodes: MarkdownNode[] = [];
  /** Marks of the heading or paragraph being read. */
  private marks: TextRange[] = [];
  /** Starts of the list items that are open, innermost last. */
  private readonly items: number[] = [];
  private quotes = 0;

  constructor(text: string) {
    this.text = text;
  }

  read(tree: Tree): readonly MarkdownNode[] {
    tree.iterate({ enter: (node) => this.enter(node), leave: (node) => this.leave(node) });
    return this.nodes;
  }

  /** `false` keeps out of a node whose inside says nothing more. */
  private enter(node: SyntaxNodeRef): boolean {
    const { name } = node;
    const heading = headingLevel(name);
    if (heading !== undefined) {
      this.prose(node, heading);
    } else if (name === 'Paragraph') {
      this.prose(node);
    } else if (name === 'ListItem') {
      this.items.push(node.from);
    } else if (name === 'Blockquote') {
      this.quotes++;
    } else if (name === 'Task') {
      this.task(node);
    } else if (name === 'InlineCode') {
      this.inlineCode(node);
    } else if (name === 'FencedCode') {
      this.nodes.push(fence(this.text, node));
      return false;
    } else if (markNames.has(name)) {
      this.marks.push({ start: node.from, end: node.to });
    }
    return true;
  }

  private leave(node: SyntaxNodeRef): void {
    if (node.name === 'ListItem') {
      this.items.pop();
    } else if (node.name === 'Blockquote') {
      this.quotes--;
    }
  }

  private prose(node: SyntaxNodeRef, level?: number): void {
    this.marks = [];
    const range = { start: node.from, end: withoutReturn(this.text, node.to) };
    const topLevel = this.items.length === 0 && this.quotes === 0;
    const prose: Prose =
      level === undefined || !topLevel
        ? { kind: 'prose', range, marks: this.marks }
        : { kind: 'heading', level, range, marks: this.marks };
    this.nodes.push(prose);
  }

  private task(node: SyntaxNodeRef): void {
    const textStart = node.from + '[ ] '.length;
    this.nodes.push({
      kind: 'task',
      range: { start: this.items.at(-1) ?? node.from, end: lineEnd(this.text, node.from) },
      box: { start: node.from + 1, end: node.from + 2 },
      textStart: Math.min(textStart, node.to),
    });
    this.prose(node);
  }

  private inlineCode(node: SyntaxNodeRef): void {
    const range = { start: node.from, end: node.to };
    const { firstChild, lastChild } = node.node;
    const code = { start: firstChild?.to ?? node.from, end: lastChild?.from ?? node.to };
    this.nodes.push({ kind: 'inlineCode', range, code, inListItem: this.items.length > 0 });
  }
}

function headingLevel(name: string): number | undefined {
  const match = /^(?:ATX|Setext)Heading([1-6])$/.exec(name);
  return match === null ? undefined : Number(match[1]);
}

function fence(text: string, ref: SyntaxNodeRef): MarkdownNode {
  const pieces: TextRange[] = [];
  let info: TextRange | undefined;
  for (let child = ref.node.firstChild; child !== null; child = child.nextSibling) {
    if (child.name === 'CodeInfo') {
      info = { start: child.from, end: child.to };
    } else if (child.name === 'CodeText') {
      pieces.push({ start: child.from, end: child.to });
    }
  }
  const markEnd = ref.node.firstChild?.to ?? ref.from;
  return {
    kind: 'fence',
    range: { start: ref.from, end: withoutReturn(text, ref.to) },
    info: info ?? { start: markEnd, end: markEnd },
    pieces,
  };
}

/** The grammar counts the `\r` of a line's end as part of the line. */
function withoutReturn(text: string, end: number): number {
  return text[end - 1] === '\r' ? end - 1 : end;
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return withoutReturn(text, end === -1 ? text.length : end);
}
