/** Which rows and which columns are in sight, by TanStack Virtual; it is told where the list is by a {@link ScrollScale}. */
import { defaultRangeExtractor, observeElementRect, Virtualizer, type VirtualItem } from '@tanstack/virtual-core';
import { ScrollScale } from './scrollScale.ts';

export const rowHeight = 24;

/** After so many milliseconds without a step the thumb is put where the list is. */
const settlePause = 150;

export interface GridWindows {
  readonly scale: ScrollScale;
  readonly rows: readonly VirtualItem[];
  /** Of the columns that scroll. */
  readonly columns: readonly VirtualItem[];
  /** The canvas must be this high. */
  readonly height: number;
  /** Rows that fit into sight. */
  readonly page: number;
  resize(rowCount: number, columnCount: number): void;
  /** Widths have changed. */
  measure(): void;
  /** Scrolls as little as is needed. */
  reveal(row: number, column: number | undefined): void;
  /** Brings a row to the top. */
  goToRow(row: number): void;
  /** The place of the first row in sight. */
  readonly top: number;
}

export interface WindowNeeds {
  readonly grid: HTMLElement;
  readonly head: HTMLElement;
  readonly widthOf: (freeColumn: number) => number;
  /** Pixels at the left that do not scroll. */
  readonly fixedWidth: () => number;
  /** This row stays although it is out of sight: it has the focus. */
  readonly keptRow: () => number;
  readonly changed: () => void;
}

export function createWindows(needs: WindowNeeds): GridWindows {
  const { grid, head, changed } = needs;
  const scale = new ScrollScale();
  const viewport = (): number => Math.max(0, grid.clientHeight - head.offsetHeight);
  const rows = new Virtualizer<HTMLElement, HTMLElement>({
    count: 0,
    getScrollElement: () => grid,
    estimateSize: () => rowHeight,
    overscan: 5,
    rangeExtractor: (range) => withKept(defaultRangeExtractor(range), needs.keptRow(), range.count),
    observeElementRect: (instance, tell) =>
      observeElementRect(instance, ({ width, height }) => {
        scale.resize(rows.options.count * rowHeight, viewport());
        tell({ width, height: Math.max(0, height - head.offsetHeight) });
      }),
    observeElementOffset: (_, tell) => observeScale(grid, scale, tell),
    scrollToFn: () => {},
    onChange: changed,
  });
  const columns: Virtualizer<HTMLElement, HTMLElement> = new Virtualizer<HTMLElement, HTMLElement>({
    count: 0,
    horizontal: true,
    getScrollElement: () => grid,
    estimateSize: needs.widthOf,
    overscan: 2,
    observeElementRect,
    observeElementOffset: (_, tell) => observeLeft(grid, tell),
    scrollToFn: () => {},
    onChange: changed,
  });
  rows._didMount();
  columns._didMount();
  const update = (rowCount: number, columnCount: number): void => {
    scale.resize(rowCount * rowHeight, viewport());
    rows.setOptions({ ...rows.options, count: rowCount });
    columns.setOptions({ ...columns.options, count: columnCount, paddingStart: needs.fixedWidth() });
    rows._willUpdate();
    columns._willUpdate();
  };
  const goTo = (offset: number): void => {
    grid.scrollTop = scale.goTo(offset);
  };
  return {
    scale,
    get rows() {
      return rows.getVirtualItems();
    },
    get columns() {
      return columns.getVirtualItems();
    },
    get height() {
      return scale.height;
    },
    get page() {
      return Math.max(1, Math.floor(viewport() / rowHeight) - 1);
    },
    get top() {
      return Math.floor(scale.offset / rowHeight);
    },
    resize: update,
    measure: () => {
      columns.setOptions({ ...columns.options, paddingStart: needs.fixedWidth() });
      columns.measure();
    },
    reveal: (row, column) => {
      const start = row * rowHeight;
      if (row >= 0 && start < scale.offset) {
        goTo(start);
      } else if (row >= 0 && start + rowHeight > scale.offset + viewport()) {
        goTo(start + rowHeight - viewport());
      }
      if (column !== undefined) {
        revealColumn(grid, columns, column, needs.fixedWidth());
      }
    },
    goToRow: (row) => goTo(row * rowHeight),
  };
}

function withKept(range: number[], kept: number, count: number): number[] {
  return kept < 0 || kept >= count || range.includes(kept) ? range : [...range, kept].sort((a, b) => a - b);
}

function observeScale(grid: HTMLElement, scale: ScrollScale, tell: (offset: number, isScrolling: boolean) => void): () => void {
  let settling = 0;
  const scrolled = (): void => {
    tell(scale.scrolled(grid.scrollTop), true);
    clearTimeout(settling);
    settling = window.setTimeout(() => {
      const position = scale.settled();
      if (Math.abs(position - grid.scrollTop) > 1) {
        grid.scrollTop = position;
      }
      tell(scale.offset, false);
    }, settlePause);
  };
  tell(scale.scrolled(grid.scrollTop), false);
  grid.addEventListener('scroll', scrolled, { passive: true });
  return () => grid.removeEventListener('scroll', scrolled);
}

function observeLeft(grid: HTMLElement, tell: (offset: number, isScrolling: boolean) => void): () => void {
  const scrolled = (): void => tell(grid.scrollLeft, false);
  scrolled();
  grid.addEventListener('scroll', scrolled, { passive: true });
  return () => grid.removeEventListener('scroll', scrolled);
}

function revealColumn(grid: HTMLElement, columns: Virtualizer<HTMLElement, HTMLElement>, column: number, fixed: number): void {
  const [item] = [columns.measurementsCache[column]];
  if (item === undefined) {
    return;
  }
  if (item.start - fixed < grid.scrollLeft) {
    grid.scrollLeft = item.start - fixed;
  } else if (item.end > grid.scrollLeft + grid.clientWidth) {
    grid.scrollLeft = Math.min(item.start - fixed, item.end - grid.clientWidth);
  }
}
