/** What changed between two texts, told from the texts alone. */

export interface TextChange {
  /** UTF-16 offset at which the texts begin to differ. */
  readonly start: number;
  /** End of the part of the old text that is no more. */
  readonly oldEnd: number;
  /** End of the part of the new text that was not there. */
  readonly newEnd: number;
}

/** The smallest change that makes the one text of the other; `undefined` when they are the same. */
export function changeBetween(old: string, text: string): TextChange | undefined {
  if (old === text) {
    return undefined;
  }
  const shorter = Math.min(old.length, text.length);
  const start = commonStart(old, text, shorter);
  const tail = commonEnd(old, text, shorter - start);
  return { start, oldEnd: old.length - tail, newEnd: text.length - tail };
}

/** Whole pieces are compared first, which the engine does many times faster than sign by sign. */
const piece = 4096;

function commonStart(old: string, text: string, limit: number): number {
  let at = 0;
  while (at + piece <= limit && old.slice(at, at + piece) === text.slice(at, at + piece)) {
    at += piece;
  }
  while (at < limit && old.charCodeAt(at) === text.charCodeAt(at)) {
    at++;
  }
  return at;
}

function commonEnd(old: string, text: string, limit: number): number {
  let length = 0;
  const pieceAt = (of: string): string => of.slice(of.length - length - piece, of.length - length);
  while (length + piece <= limit && pieceAt(old) === pieceAt(text)) {
    length += piece;
  }
  while (length < limit && old.charCodeAt(old.length - length - 1) === text.charCodeAt(text.length - length - 1)) {
    length++;
  }
  return length;
}

/** A text told by how it differs from one that is known already; without `start` it is all there. */
export interface TextDelta {
  readonly start?: number;
  readonly oldEnd?: number;
  readonly text: string;
}

export function deltaBetween(old: string | undefined, text: string): TextDelta {
  if (old === undefined) {
    return { text };
  }
  const { start, oldEnd, newEnd } = changeBetween(old, text) ?? { start: 0, oldEnd: 0, newEnd: 0 };
  return { start, oldEnd, text: text.slice(start, newEnd) };
}

export function applyDelta(old: string, { start, oldEnd, text }: TextDelta): string {
  return start === undefined ? text : old.slice(0, start) + text + old.slice(oldEnd);
}
