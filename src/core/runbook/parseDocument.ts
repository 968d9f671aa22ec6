import { shortHash } from '../../util/hash.ts';
import { readCode } from './code.ts';
import { moved, type RunbookDocument, type Section, type Step, type Task, type TextRange } from './document.ts';
import { parseInfoString } from './infoString.ts';
import { plainText } from './markdown.ts';
import type { MarkdownGrammar, MarkdownNode } from './markdown.ts';
import { languageOf, languageOfInlineCode } from './stepLanguage.ts';

/** Any text gives a document; nothing throws. Offsets count from the start of `text`, a byte-order mark included. */
export function parseDocument(uri: string, text: string, markdown: MarkdownGrammar): RunbookDocument {
  // In front of the first heading a byte-order mark would make it a paragraph.
  const shift = text.startsWith('\uFEFF') ? 1 : 0;
  const nodes = markdown.parse(text.slice(shift)).map((node) => movedNode(node, shift));
  const reader = new DocumentReader(uri, text);
  for (const node of nodes) {
    reader.take(node);
  }
  const sections = reader.finish();
  const title = sections.find((section) => section.level > 0)?.heading ?? fileName(uri);
  return { uri, text, title, sections };
}

type OpenSection = Omit<Section, 'range' | 'steps' | 'tasks'> & { readonly start: number; readonly steps: Step[]; readonly tasks: Task[] };

class DocumentReader {
  private readonly uri: string;
  private readonly text: string;
  private readonly sections: Section[] = [];
  private section: OpenSection;
  /** The headings above, from the top down: levels always grow. */
  private headings: readonly { readonly level: number; readonly heading: string }[] = [];
  /** The paragraph last seen in this section: the label of a fence. */
  private label = '';
  private readonly idCounts = new Map<string, number>();

  constructor(uri: string, text: string) {
    this.uri = uri;
    this.text = text;
    this.section = openSection([], 0, '', { start: 0, end: 0 }, 0);
  }

  take(node: MarkdownNode): void {
    switch (node.kind) {
      case 'heading':
        this.heading(node.level, node.range, plainText(this.text, node.range, node.marks));
        break;
      case 'prose':
        this.label = plainText(this.text, node.range, node.marks).replace(/:$/, '');
        break;
      case 'fence':
        this.fence(node);
        break;
      case 'inlineCode':
        if (node.inListItem) {
          this.inlineCode(node);
        }
        break;
      case 'task':
        this.task(node);
        break;
      default:
        node satisfies never;
    }
  }

  finish(): readonly Section[] {
    this.close(this.text.length);
    return this.sections;
  }

  private heading(level: number, range: TextRange, heading: string): void {
    this.close(range.start);
    this.headings = [...this.headings.filter((above) => above.level < level), { level, heading }];
    const path = this.headings.map((each) => each.heading);
    this.section = openSection(path, level, heading, range, range.start);
    this.label = '';
  }

  private close(end: number): void {
    const { start, ...section } = this.section;
    const holds = section.level > 0 || section.steps.length > 0 || section.tasks.length > 0;
    if (holds || this.text.slice(start, end).trim() !== '') {
      this.sections.push({ ...section, range: { start, end } });
    }
  }

  private fence(node: Extract<MarkdownNode, { kind: 'fence' }>): void {
    const { language: languageTag, options } = parseInfoString(this.text.slice(node.info.start, node.info.end));
    const code = readCode(this.text, node.range, node.info, node.pieces);
    const language = languageOf(languageTag, code.text);
    const title = options.title ?? (leadingComment(code.text, language) || this.label || this.section.heading);
    this.add({ origin: 'fence', language, languageTag, range: node.range, codeRange: code.range, text: code.text, lines: code.lines, options, title });
  }

  private inlineCode(node: Extract<MarkdownNode, { kind: 'inlineCode' }>): void {
    const text = this.text.slice(node.code.start, node.code.end);
    const language = languageOfInlineCode(text);
    if (language !== undefined && !text.includes('\n')) {
      const lines = [{ textStart: 0, documentStart: node.code.start }];
      const options = { other: {} };
      this.add({ origin: 'inline', language, languageTag: '', range: node.range, codeRange: node.code, text, lines, options, title: text.trim() });
    }
  }

  private task(node: Extract<MarkdownNode, { kind: 'task' }>): void {
    const text = this.text.slice(Math.min(node.textStart, node.range.end), node.range.end).trim();
    const ticked = this.text.slice(node.box.start, node.box.end).toLowerCase() === 'x';
    this.section.tasks.push({ text, ticked, range: node.range, boxRange: node.box });
  }

  private add(step: Omit<Step, 'id' | 'documentUri' | 'sectionPath'>): void {
    const { path } = this.section;
    const name = `${path.join(' / ')}#${shortHash(step.text)}`;
    const count = (this.idCounts.get(name) ?? 0) + 1;
    this.idCounts.set(name, count);
    const id = count === 1 ? name : `${name}-${count}`;
    this.section.steps.push({ id, documentUri: this.uri, sectionPath: path, ...step });
  }
}

function openSection(path: readonly string[], level: number, heading: string, headingRange: TextRange, start: number): OpenSection {
  return { path, level, heading, headingRange, start, steps: [], tasks: [] };
}

/** `# Check system health` or `-- Slow queries` on the first line. */
function leadingComment(code: string, language: Step['language']): string {
  const mark = language === 'sql' ? /^--+\s*(.+)/ : language === 'shell' ? /^#+(?!!)\s*(.+)/ : undefined;
  return mark?.exec(code.trimStart())?.[1]?.trim().replace(/:$/, '') ?? '';
}

function movedNode(node: MarkdownNode, by: number): MarkdownNode {
  if (by === 0) {
    return node;
  }
  const move = (range: TextRange): TextRange => moved(range, by);
  switch (node.kind) {
    case 'heading':
    case 'prose':
      return { ...node, range: move(node.range), marks: node.marks.map(move) };
    case 'fence':
      return { ...node, range: move(node.range), info: move(node.info), pieces: node.pieces.map(move) };
    case 'inlineCode':
      return { ...node, range: move(node.range), code: move(node.code) };
    case 'task':
      return { ...node, range: move(node.range), box: move(node.box), textStart: node.textStart + by };
  }
}

/** The last part of a URI without its ending: `OPERATIONS` of `file:///docs/OPERATIONS.md`. */
function fileName(uri: string): string {
  const name = uri.slice(uri.lastIndexOf('/') + 1).replace(/\.[^.]*$/, '');
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
