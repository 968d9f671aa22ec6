/** Selecting with the pointer: a cell, a rectangle by dragging, rows by their numbers. */
import type { GridSelection } from './selection.ts';

export interface PointedGrid {
  readonly element: HTMLElement;
  readonly selection: GridSelection;
  /** Moves the focus to where the selection says it is; what the pointer is on stays under it, so that a second click finds the same cell. */
  focusCell(options: { readonly reveals: boolean }): void;
}

export function followPointer(grid: PointedGrid): void {
  const { element } = grid;
  element.addEventListener('pointerdown', (event) => {
    const hit = hitOf(event.target);
    if (!hit || (event.button !== 0 && isSelected(grid, hit))) {
      return;
    }
    event.preventDefault();
    select(grid, hit, { extend: event.shiftKey, reveals: false });
    if (event.button === 0) {
      drag(grid, hit.column === undefined);
    }
  });
}

interface Hit {
  readonly row: number;
  /** `undefined` for the row's number. */
  readonly column: number | undefined;
}

function hitOf(target: EventTarget | null): Hit | undefined {
  const cell = target instanceof Element ? target.closest<HTMLElement>('.canvas .cell') : null;
  const row = cell?.closest<HTMLElement>('.row')?.dataset['row'];
  if (!cell || row === undefined) {
    return undefined;
  }
  const { column } = cell.dataset;
  return { row: Number(row), column: column === undefined ? undefined : Number(column) };
}

function isSelected(grid: PointedGrid, { row, column }: Hit): boolean {
  const { fromRow, toRow, fromColumn, toColumn } = grid.selection.span;
  return row >= fromRow && row < toRow && (column === undefined || (column >= fromColumn && column < toColumn));
}

function select(grid: PointedGrid, { row, column }: Hit, { extend, reveals }: { readonly extend: boolean; readonly reveals: boolean }): void {
  if (column === undefined) {
    grid.selection.selectRow(row, extend);
  } else {
    grid.selection.moveTo({ row, column }, extend);
  }
  grid.focusCell({ reveals });
}

/** Until the button is released; beyond the upper and lower edge the grid follows. */
function drag(grid: PointedGrid, wholeRows: boolean): void {
  const over = new AbortController();
  const { signal } = over;
  let last = '';
  document.addEventListener(
    'pointermove',
    ({ clientX, clientY }) => {
      const box = grid.element.getBoundingClientRect();
      const y = Math.min(Math.max(clientY, box.top + 30), box.bottom - 20);
      const hit = hitOf(document.elementFromPoint(clientX, y));
      const edge = clientY < box.top ? -1 : clientY > box.bottom ? 1 : 0;
      if (hit && (last !== `${hit.row} ${hit.column}` || edge !== 0)) {
        last = `${hit.row} ${hit.column}`;
        select(grid, { row: hit.row + edge, column: wholeRows ? undefined : hit.column }, { extend: true, reveals: true });
      }
    },
    { signal },
  );
  document.addEventListener('pointerup', () => over.abort(), { signal });
}
