/** Tables of reports: as Markdown, and as a file for a spreadsheet. */
import { csvFormat } from '../core/results/formats/csv.ts';
import { visibleLine } from '../util/visible.ts';

/** Lines of a table whose cells are Markdown: outside text in them has been through `plainMarkdown`. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [head, head.map((name) => '-'.repeat(Math.max(3, name.length))), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}

/** Cells are outside text: each stays on its line, and what a spreadsheet would take for a formula is none (SAFETY 18). */
export function csvTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const format = csvFormat(head.map((name) => ({ name, type: 'text', category: 'text' })), { header: true, safeForSpreadsheets: true });
  return [format.begin(), ...rows.map((cells) => format.row(cells.map(visibleLine))), format.end()].join('');
}
