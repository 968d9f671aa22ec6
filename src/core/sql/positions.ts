/**
 * The three ways in which a place in a text is counted, all from 0: VS Code and JavaScript count UTF-16 code units, Postgres'
 * errors count code points (from 1: subtract it first), libpg_query's statement ranges count bytes of UTF-8.
 */
export type PositionUnit = 'utf16' | 'codePoint' | 'byte';

/**
 * The same place in another unit. A place inside a character becomes the character's beginning, one behind the text its end.
 * Takes time in proportion to the position.
 */
export function convertPosition(text: string, position: number, from: PositionUnit, to: PositionUnit): number {
  const at: Record<PositionUnit, number> = { utf16: 0, codePoint: 0, byte: 0 };
  while (at.utf16 < text.length) {
    const code = text.codePointAt(at.utf16) ?? 0;
    const size: Record<PositionUnit, number> = { utf16: code > 0xffff ? 2 : 1, codePoint: 1, byte: utf8Length(code) };
    if (at[from] + size[from] > position) {
      break;
    }
    at.utf16 += size.utf16;
    at.codePoint += 1;
    at.byte += size.byte;
  }
  return at[to];
}

/** A lone surrogate is sent as U+FFFD, which has three bytes as well. */
function utf8Length(code: number): number {
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}
