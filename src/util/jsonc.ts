/**
 * JSON as configuration files write it: comments and commas before a closing bracket are blanked out, positions stay. Throws the
 * `SyntaxError` of `JSON.parse`.
 */
export function parseJsonc(text: string): unknown {
  const plain = text.replace(/"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[^]*?\*\//g, (piece) => (piece.startsWith('"') ? piece : blank(piece)));
  const bare = plain.replace(/"(?:[^"\\\n]|\\.)*"|,(?=\s*[}\]])/g, (piece) => (piece === ',' ? ' ' : piece));
  return JSON.parse(bare.replace(/^\uFEFF/, ' '));
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ');
}
