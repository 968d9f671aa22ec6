/** JSON as it is written: numbers keep their digits, members their order and their doubles. `JSON.parse` keeps none of these. */

export type JsonNode =
  /** A number, text, `true`, `false` or `null`, as written. */
  | { readonly kind: 'scalar'; readonly text: string }
  | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
  /** Names are written as JSON texts, with quotes. */
  | { readonly kind: 'object'; readonly members: readonly (readonly [name: string, value: JsonNode])[] };

/** Deeper JSON is shown as text. */
const deepest = 500;

/** `undefined` for what is no JSON. */
export function parseJsonTree(text: string): JsonNode | undefined {
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  // The text is JSON, so its tokens are all that has to be told apart.
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/gs) ?? [];
  let at = 0;
  const read = (depth: number): JsonNode | undefined => {
    const token = tokens[at++] ?? '';
    if (depth > deepest) {
      return undefined;
    }
    return token === '[' ? readArray(depth) : token === '{' ? readObject(depth) : { kind: 'scalar', text: token };
  };
  const readArray = (depth: number): JsonNode | undefined => {
    const items: JsonNode[] = [];
    while (tokens[at] !== ']') {
      const item = read(depth + 1);
      if (item === undefined) {
        return undefined;
      }
      items.push(item);
      at += tokens[at] === ',' ? 1 : 0;
    }
    at++;
    return { kind: 'array', items };
  };
  const readObject = (depth: number): JsonNode | undefined => {
    const members: (readonly [string, JsonNode])[] = [];
    while (tokens[at] !== '}') {
      const name = tokens[at] ?? '';
      at += 2;
      const value = read(depth + 1);
      if (value === undefined) {
        return undefined;
      }
      members.push([name, value]);
      at += tokens[at] === ',' ? 1 : 0;
    }
    at++;
    return { kind: 'object', members };
  };
  return read(0);
}

/** One member or item to a line. */
export function printJsonTree(node: JsonNode, indent = ''): string {
  const inner = `${indent}  `;
  switch (node.kind) {
    case 'scalar':
      return node.text;
    case 'array':
      return node.items.length === 0 ? '[]' : `[\n${node.items.map((item) => inner + printJsonTree(item, inner)).join(',\n')}\n${indent}]`;
    case 'object':
      return node.members.length === 0 ? '{}' : `{\n${node.members.map(([name, value]) => `${inner}${name}: ${printJsonTree(value, inner)}`).join(',\n')}\n${indent}}`;
    default:
      return node satisfies never;
  }
}
