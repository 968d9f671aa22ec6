/** Keys of the grid: https://www.w3.org/WAI/ARIA/apg/patterns/grid/#keyboardinteraction-settingfocusandnavigatinginsidegrids */
import type { GridSelection } from './selection.ts';

/** What keys do to a grid. */
export interface KeyedGrid {
  readonly selection: GridSelection;
  readonly rowCount: number;
  readonly columns: readonly unknown[];
  /** Rows that fit into sight. */
  readonly page: number;
  /** Of the result. */
  readonly focusedColumn: number;
  /** Moves the focus to where the selection says it is. */
  focusCell(): void;
  widen(column: number, by: number): void;
  sortBy(column: number, more: boolean): void;
  openCell(): void;
  openColumnMenu(): void;
  openCellMenu(): void;
}

/** So many pixels at a time. */
const widthStep = 16;

export function pressKey(grid: KeyedGrid, event: KeyboardEvent): void {
  if (event.target instanceof HTMLInputElement || event.target instanceof HTMLButtonElement) {
    return;
  }
  if (moveFocus(grid, event) || (grid.selection.focus.row < 0 ? pressInHeader(grid, event) : pressInCell(grid, event))) {
    event.preventDefault();
  }
}

function moveFocus(grid: KeyedGrid, event: KeyboardEvent): boolean {
  const { selection, rowCount } = grid;
  const [lastRow, lastColumn] = [rowCount - 1, grid.columns.length - 1];
  const { row, column } = selection.focus;
  const far = event.ctrlKey || event.metaKey;
  if (event.altKey) {
    return false;
  }
  const places: Readonly<Record<string, readonly [number, number]>> = {
    ArrowUp: [far ? 0 : row - 1, column],
    ArrowDown: [far ? lastRow : row + 1, column],
    ArrowLeft: [row, far ? 0 : column - 1],
    ArrowRight: [row, far ? lastColumn : column + 1],
    PageUp: [Math.max(0, row - grid.page), column],
    PageDown: [row + grid.page, column],
    Home: [far ? 0 : row, 0],
    End: [far ? lastRow : row, lastColumn],
  };
  const place = places[event.key];
  if (place === undefined) {
    return false;
  }
  selection.moveTo({ row: place[0], column: place[1] }, event.shiftKey);
  grid.focusCell();
  return true;
}

function pressInHeader(grid: KeyedGrid, event: KeyboardEvent): boolean {
  const column = grid.focusedColumn;
  if (event.altKey && (event.key === 'ArrowLeft' || event.key === 'ArrowRight')) {
    grid.widen(column, event.key === 'ArrowLeft' ? -widthStep : widthStep);
  } else if (event.key === 'Enter' || (event.key === ' ' && !event.ctrlKey)) {
    grid.sortBy(column, event.shiftKey);
  } else if (opensMenu(event) || (event.altKey && event.key === 'ArrowDown')) {
    grid.openColumnMenu();
  } else {
    return select(grid, event);
  }
  return true;
}

function pressInCell(grid: KeyedGrid, event: KeyboardEvent): boolean {
  if (event.key === 'Enter' || event.key === 'F2') {
    grid.openCell();
  } else if (opensMenu(event)) {
    grid.openCellMenu();
  } else {
    return select(grid, event);
  }
  return true;
}

function opensMenu({ key, shiftKey }: KeyboardEvent): boolean {
  return key === 'ContextMenu' || (shiftKey && key === 'F10');
}

function select(grid: KeyedGrid, event: KeyboardEvent): boolean {
  const { selection } = grid;
  const command = event.ctrlKey || event.metaKey;
  if (command && event.key.toLowerCase() === 'a') {
    selection.selectAll();
  } else if (event.key === ' ' && command) {
    selection.selectColumn(selection.focus.column);
  } else if (event.key === ' ' && event.shiftKey) {
    selection.selectRow(Math.max(0, selection.focus.row));
  } else {
    return false;
  }
  grid.focusCell();
  return true;
}
