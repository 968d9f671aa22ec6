/**
 * Text from outside with its control characters (C0 but tab and line feed, DEL, C1), bidirectional controls and spaces without a width
 * made visible, so that it cannot forge or reorder what stands around it, or look like another (SAFETY 16). The joiners stay: scripts
 * and emoji are written with them.
 */
export function visible(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) {
      return String.fromCharCode(0x2400 + code);
    }
    return code === 0x7f ? '\u2421' : `\\u{${code.toString(16).padStart(4, '0')}}`;
  });
}

/** The same for text that must stay in one line, such as a label or a line of a plan: line feeds and tabs are made visible too. */
export function visibleLine(text: string): string {
  return visible(text).replaceAll('\n', '\u240a').replaceAll('\t', '\u2409');
}

/** At most so many UTF-16 units, and no half of a character. */
export function beginning(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length).replace(/[\ud800-\udbff]$/, '');
}
