/** JSON to be opened member by member; digits and order stay as they were written. */
import type { JsonNode } from '../../src/util/jsonTree.ts';
import { element } from './dom.ts';

/** Of a long list so many are drawn, and so many more when asked. */
const drawnAtOnce = 200;

export function jsonView(node: JsonNode, name?: string, depth = 0): HTMLElement {
  const label = name === undefined ? [] : [element('span', 'key', name), ': '];
  if (node.kind === 'scalar') {
    return element('div', 'leaf', ...label, element('span', scalarClass(node.text), node.text));
  }
  const children: readonly (readonly [string, JsonNode])[] = node.kind === 'array' ? node.items.map((item, index) => [String(index), item] as const) : node.members;
  const [open, close] = node.kind === 'array' ? ['[', ']'] : ['{', '}'];
  const details = element('details', 'branch', element('summary', '', ...label, `${open}${children.length}${close}`));
  const fill = (): void => {
    if (details.childElementCount === 1) {
      details.append(inside(children, depth, 0));
    }
  };
  details.addEventListener('toggle', fill);
  if (depth < 2) {
    fill();
    details.open = true;
  }
  return details;
}

function inside(children: readonly (readonly [string, JsonNode])[], depth: number, from: number): DocumentFragment {
  const part = document.createDocumentFragment();
  part.append(...children.slice(from, from + drawnAtOnce).map(([name, child]) => jsonView(child, name, depth + 1)));
  if (children.length > from + drawnAtOnce) {
    const more = element('button', 'more', `… ${children.length - from - drawnAtOnce}`);
    more.addEventListener('click', () => more.replaceWith(inside(children, depth, from + drawnAtOnce)));
    part.append(more);
  }
  return part;
}

function scalarClass(text: string): string {
  return text.startsWith('"') ? 'string' : text === 'null' || text === 'true' || text === 'false' ? 'word' : 'number';
}
