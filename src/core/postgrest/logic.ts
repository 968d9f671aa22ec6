/** Conditions put together by `or` and `and`, as supabase-js' `.or(…)` takes them: https://docs.postgrest.org/en/stable/references/api/tables_views.html#logical-operators */
import type { PlacedName } from './select.ts';

/** The columns that a list of conditions names, each without its path into JSON; `undefined` for what does not follow the grammar. */
export function columnsOfLogic(text: string): readonly PlacedName[] | undefined {
  const columns: PlacedName[] = [];
  return readList(text, 0, text.length, columns) ? columns : undefined;
}

function readList(text: string, start: number, end: number, columns: PlacedName[]): boolean {
  let from = start;
  for (const to of [...commasIn(text, start, end), end]) {
    if (!readCondition(text, from, to, columns)) {
      return false;
    }
    from = to + 1;
  }
  return true;
}

function readCondition(text: string, start: number, end: number, columns: PlacedName[]): boolean {
  const written = text.slice(start, end);
  const group = /^\s*(?:not\.)?(?:and|or)\s*\((.*)\)\s*$/s.exec(written);
  if (group !== null) {
    return readList(text, start + written.indexOf('(') + 1, start + written.lastIndexOf(')'), columns);
  }
  const [, space = '', quoted, plain = '', operator = ''] = /^(\s*)(?:"([^"]*)"|([\p{L}_][\p{L}\p{N}_$]*))(?:->>?[^.,]+)*\.(?:not\.)?([a-z]+)(?:\((?:any|all|\w+)\))?\./su.exec(written) ?? [];
  if (!operators.has(operator)) {
    return false;
  }
  const name = quoted ?? plain;
  const at = start + space.length + (quoted === undefined ? 0 : 1);
  columns.push({ name, range: { start: at, end: at + name.length } });
  return true;
}

/** Those that stand in no brackets and no quotes. */
function commasIn(text: string, start: number, end: number): number[] {
  const found: number[] = [];
  let depth = 0;
  let inQuotes = false;
  for (let at = start; at < end; at++) {
    const sign = text.charAt(at);
    if (inQuotes) {
      inQuotes = sign !== '"';
      at += sign === '\\' ? 1 : 0;
    } else if (sign === '"') {
      inQuotes = true;
    } else {
      depth += '({['.includes(sign) ? 1 : ')}]'.includes(sign) ? -1 : 0;
      if (sign === ',' && depth === 0) {
        found.push(at);
      }
    }
  }
  return found;
}

/** https://docs.postgrest.org/en/stable/references/api/tables_views.html#operators */
const operators: ReadonlySet<string> = new Set('eq neq gt gte lt lte like ilike match imatch in is isdistinct fts plfts phfts wfts cs cd ov sl sr nxr nxl adj'.split(' '));
