/** The menus of columns, cells and of the toolbar. */
import type { FormatName } from '../../src/core/results/formats/format.ts';
import type { ExportFormat, Words } from '../../src/features/results/protocol.ts';
import { fill } from './dom.ts';
import type { Grid } from './grid.ts';
import type { MenuItem } from './menu.ts';

const copyFormats: readonly (readonly [FormatName, keyof Words & ('text' | 'csv' | 'json' | 'markdown' | 'insert')])[] = [
  ['text', 'text'],
  ['csv', 'csv'],
  ['json', 'json'],
  ['markdown', 'markdown'],
  ['insert', 'insert'],
];

export function copyItems(words: Words, copy: (format: FormatName, header: boolean) => void): MenuItem[] {
  const named = copyFormats.map(([format, word]) => ({ label: words[word], run: () => copy(format, true) }));
  const bare = copyFormats.slice(0, 2).map(([format, word]) => ({ label: fill(words.withoutNames, words[word]), run: () => copy(format, false) }));
  return [...named, ...bare];
}

export function exportItems(words: Words, run: (format: ExportFormat, safeForSpreadsheets: boolean) => void): MenuItem[] {
  return [
    { label: words.csv, run: () => run('csv', false) },
    { label: words.safeCsv, run: () => run('csv', true) },
    { label: words.json, run: () => run('json', false) },
    { label: words.parquet, run: () => run('parquet', false) },
    { label: words.markdown, run: () => run('markdown', false) },
    { label: words.insert, run: () => run('insert', false) },
  ];
}

export function columnItems(grid: Grid, words: Words, column: number, actions: { readonly filter: () => void; readonly copyName: () => void }): MenuItem[] {
  return [
    { label: words.sortUp, run: () => grid.sortBy(column, false, 'up') },
    { label: words.sortDown, run: () => grid.sortBy(column, false, 'down') },
    { label: words.unsort, run: () => grid.sortBy(column, true, 'none') },
    { label: words.filter, run: actions.filter },
    { label: grid.isPinned(column) ? words.unpin : words.pin, run: () => grid.togglePin(column) },
    { label: words.fit, run: () => grid.fit(column) },
    { label: words.wider, run: () => grid.widen(column, 48) },
    { label: words.narrower, run: () => grid.widen(column, -48) },
    { label: words.copyName, run: actions.copyName },
  ];
}
