/** Which columns stand where: the pinned ones first, each with its width in pixels. */
export const narrowest = 40;
export const widest = 1200;

export class ColumnLayout {
  private readonly names: readonly string[];
  private readonly widths: number[];
  private pinned: number[] = [];

  /** Columns are known by their place in the result. */
  constructor(columns: readonly { readonly name: string }[], widthOf: (column: number) => number) {
    this.names = columns.map(({ name }) => name);
    this.widths = columns.map((_, column) => bounded(widthOf(column)));
  }

  get count(): number {
    return this.widths.length;
  }

  /** All columns as they are shown. */
  get order(): readonly number[] {
    return [...this.pinned, ...this.free];
  }

  /** Those that scroll, as they are shown. */
  get free(): readonly number[] {
    return this.widths.map((_, column) => column).filter((column) => !this.pinned.includes(column));
  }

  get pinnedColumns(): readonly number[] {
    return this.pinned;
  }

  get pinnedWidth(): number {
    return this.pinned.reduce((sum, column) => sum + this.width(column), 0);
  }

  get totalWidth(): number {
    return this.widths.reduce((sum, width) => sum + width, 0);
  }

  width(column: number): number {
    return this.widths[column] ?? narrowest;
  }

  setWidth(column: number, width: number): void {
    if (column in this.widths) {
      this.widths[column] = bounded(width);
    }
  }

  isPinned(column: number): boolean {
    return this.pinned.includes(column);
  }

  pin(column: number): void {
    this.pinned = [...this.pinned.filter((other) => other !== column), column];
  }

  unpin(column: number): void {
    this.pinned = this.pinned.filter((other) => other !== column);
  }

  /** By name, for the next result with the same columns. */
  remember(): { readonly widths: Readonly<Record<string, number>>; readonly pinned: readonly string[] } {
    return {
      widths: Object.fromEntries(this.names.map((name, column) => [name, this.width(column)])),
      pinned: this.pinned.map((column) => this.names[column] ?? ''),
    };
  }
}

function bounded(width: number): number {
  return Math.round(Math.min(Math.max(width, narrowest), widest));
}
