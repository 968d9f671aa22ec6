import type { Step, TextRange } from './document.ts';

/** A fence's code as one text with `\n` between lines, whatever the document has, and where each line of it stands. */
export interface Code {
  readonly text: string;
  readonly range: TextRange;
  readonly lines: Step['lines'];
}

/**
 * Reads the pieces of a fence. The indentation of lists and quotes lies between the pieces; the fence's own indentation is
 * taken off each line, as Markdown has it.
 */
export function readCode(document: string, fence: TextRange, info: TextRange, pieces: readonly TextRange[]): Code {
  const indent = columnOf(document, fence.start);
  const lines: { textStart: number; documentStart: number }[] = [];
  let text = '';
  for (const line of pieces.flatMap((piece) => linesOf(document, piece))) {
    const start = skipSpaces(document, line, indent - columnOf(document, line.start));
    if (lines.length > 0) {
      text += '\n';
    }
    lines.push({ textStart: text.length, documentStart: start });
    text += document.slice(start, line.end);
  }
  return lines.length === 0 ? emptyCode(document, fence, info) : { text, range: spanOf(lines, text), lines };
}

/** An offset in a step's `text` as an offset in its document. */
export function toDocumentOffset(step: Pick<Step, 'lines'>, offset: number): number {
  let low = 0;
  let high = step.lines.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((step.lines[middle]?.textStart ?? 0) <= offset) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  const line = step.lines[low];
  return line === undefined ? offset : line.documentStart + offset - line.textStart;
}

export function toDocumentRange(step: Pick<Step, 'lines'>, range: TextRange): TextRange {
  return { start: toDocumentOffset(step, range.start), end: toDocumentOffset(step, range.end) };
}

/** A piece's lines without their ends. A line break that ends a piece begins no line: the next piece does. */
function linesOf(document: string, piece: TextRange): TextRange[] {
  const lines: TextRange[] = [];
  let start = piece.start;
  while (start < piece.end) {
    const lineBreak = document.indexOf('\n', start);
    const end = lineBreak === -1 || lineBreak >= piece.end ? piece.end : lineBreak;
    lines.push({ start, end: end > start && document[end - 1] === '\r' ? end - 1 : end });
    start = end + 1;
  }
  return lines;
}

function emptyCode(document: string, fence: TextRange, info: TextRange): Code {
  const lineBreak = document.indexOf('\n', info.end);
  const at = lineBreak === -1 ? fence.end : Math.min(lineBreak + 1, fence.end);
  return { text: '', range: { start: at, end: at }, lines: [{ textStart: 0, documentStart: at }] };
}

function spanOf(lines: Code['lines'], text: string): TextRange {
  const first = lines[0];
  const last = lines.at(-1);
  return { start: first?.documentStart ?? 0, end: last === undefined ? 0 : last.documentStart + text.length - last.textStart };
}

function columnOf(document: string, offset: number): number {
  return offset - (document.lastIndexOf('\n', offset - 1) + 1);
}

function skipSpaces(document: string, line: TextRange, atMost: number): number {
  let at = line.start;
  while (at < line.end && at < line.start + atMost && document[at] === ' ') {
    at++;
  }
  return at;
}
