/** SQL that mends what a diagnostic found: written for the rows that broke the limit, opened in an editor, never run by itself. */
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';
import type { Section, Step } from '../runbook/document.ts';
import type { Cell, ResultSet, Row } from '../sql/result.ts';

/**
 * The `sql` fences that follow a diagnostic in its section and carry the option `repair`, up to the next diagnostic. Several are tried in
 * their order: first the gentle one.
 */
export function repairsOf(section: Section, diagnostic: Step): readonly Step[] {
  const at = section.steps.findIndex(({ id }) => id === diagnostic.id);
  const following = section.steps.slice(at + 1);
  const end = following.findIndex(({ options }) => options.warn !== undefined || options.critical !== undefined);
  return following.slice(0, end === -1 ? following.length : end).filter((step) => step.language === 'sql' && isRepair(step));
}

export function isRepair({ options }: Step): boolean {
  return 'repair' in options.other;
}

export interface RepairRequest {
  readonly repairs: readonly Step[];
  readonly result: Pick<ResultSet, 'columns' | 'rows'>;
  /** Rows that broke the limit, the gravest first. */
  readonly broken: readonly number[];
  /** Lines for the top: what was found, and where. */
  readonly head: readonly string[];
}

/** More than this nobody reads before running it. */
const mostRows = 50;

/** A text of statements with comments; `undefined` when no row gives one. */
export function repairSql({ repairs, result, broken, head }: RepairRequest): string | undefined {
  const rows = broken.slice(0, mostRows).flatMap((index): { readonly row: Row }[] => {
    const row = result.rows[index];
    return row === undefined ? [] : [{ row }];
  });
  const parts = repairs.flatMap((repair) => {
    const statements = [...new Set(rows.flatMap(({ row }) => fillRepair(repair.text, result.columns.map(({ name }) => name), row) ?? []))];
    return statements.length === 0 ? [] : [{ title: repair.title, statements }];
  });
  if (parts.length === 0) {
    return undefined;
  }
  const rest = broken.length > mostRows ? [l10n.t('The first {0} of {1} rows.', mostRows, broken.length)] : [];
  const comments = [...head, ...rest, l10n.t('Nothing of this has been run. Read each statement, and run those that you want.')].map(comment);
  const blocks = parts.map(({ title, statements }, index) => [comment(parts.length > 1 ? `${index + 1}. ${title}` : title), ...statements].join('\n'));
  return `${[comments.join('\n'), ...blocks].join('\n\n')}\n`;
}

/** Outside text never ends the comment. */
function comment(text: string): string {
  return `-- ${visibleLine(text)}`;
}

/** `"{{column}}"` becomes a quoted name, `'{{column}}'` a quoted value, and `{{column}}` alone stays as it is. */
const placeholder = /"\{\{\s*(\w+)\s*\}\}"|'\{\{\s*(\w+)\s*\}\}'|\{\{\s*(\w+)\s*\}\}/g;

/** What may stand without quotes: numbers, names and lists of them as Postgres itself quotes them. Nothing that ends a statement or hides one. */
function isHarmless(value: string): boolean {
  return /^[\p{L}\p{N}_., ()[\]]*$/u.test(value.replaceAll(/"[^"\p{C}]*"/gu, ''));
}

/** `undefined` when the row lacks a value, or has one that cannot stand where it is wanted. */
function fillRepair(template: string, columns: readonly string[], row: Row): string | undefined {
  let isWhole = true;
  const cell = (name: string): Cell => row[columns.indexOf(name)] ?? null;
  const text = template.trim().replaceAll(placeholder, (_, identifier?: string, literal?: string, bare?: string) => {
    const value = cell(identifier ?? literal ?? bare ?? '');
    if (value === null || (bare !== undefined && !isHarmless(value))) {
      isWhole = false;
      return '';
    }
    return identifier !== undefined ? `"${value.replaceAll('"', '""')}"` : literal !== undefined ? literalOf(value) : value;
  });
  return isWhole ? text : undefined;
}

/** A backslash means nothing in an ordinary literal, unless a server of long ago is set so: `E''` says it. */
function literalOf(value: string): string {
  const quoted = `'${value.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;
  return value.includes('\\') ? `E${quoted}` : quoted;
}
