/** The rows that the page has of those that the extension holds: some pages around what is in sight. */
import type { ShownCell } from '../../src/features/results/protocol.ts';

export interface RowPage {
  readonly rows: readonly (readonly ShownCell[])[];
  /** Numbers of the rows in the result, from 0. */
  readonly numbers: readonly number[];
}

export const pageSize = 100;

/** Pages that are kept. */
const mostPages = 60;

/** Questions that are under way at once; what was asked for and is out of sight by then is not asked for any more. */
const mostAsked = 3;

/** A page that could not be had is asked for again after so many milliseconds. */
const retryPause = 1000;

export class RowPages {
  private readonly ask: (from: number, count: number) => Promise<RowPage | undefined>;
  private readonly arrived: () => void;
  private readonly pages = new Map<number, RowPage>();
  private readonly asked = new Set<number>();
  private readonly failed = new Map<number, number>();
  private wanted: number[] = [];
  private rowCount = 0;
  private generation = 0;

  constructor(ask: (from: number, count: number) => Promise<RowPage | undefined>, arrived: () => void) {
    this.ask = ask;
    this.arrived = arrived;
  }

  /** Other rows stand in these places now. */
  reset(): void {
    this.generation++;
    this.pages.clear();
    this.asked.clear();
    this.failed.clear();
  }

  /** `undefined` while it is on its way. */
  row(place: number): { readonly cells: readonly ShownCell[]; readonly number: number } | undefined {
    const page = this.pages.get(Math.floor(place / pageSize));
    const [cells, number] = [page?.rows[place % pageSize], page?.numbers[place % pageSize]];
    return cells === undefined || number === undefined ? undefined : { cells, number };
  }

  /** These rows are in sight, the ends not included. */
  want(from: number, to: number, rowCount: number): void {
    this.rowCount = rowCount;
    this.wanted = [];
    for (let page = Math.floor(from / pageSize); page * pageSize < Math.min(to, rowCount); page++) {
      if (!this.isWhole(page) && (this.failed.get(page) ?? 0) < Date.now()) {
        this.wanted.push(page);
      }
    }
    this.askNext();
  }

  private isWhole(page: number): boolean {
    return this.pages.get(page)?.rows.length === Math.min(pageSize, this.rowCount - page * pageSize);
  }

  private askNext(): void {
    while (this.asked.size < mostAsked) {
      const page = this.wanted.find((each) => !this.asked.has(each));
      if (page === undefined) {
        return;
      }
      this.wanted = this.wanted.filter((each) => each !== page);
      this.asked.add(page);
      void this.fetch(page, this.generation);
    }
  }

  private async fetch(page: number, generation: number): Promise<void> {
    const answer = await this.ask(page * pageSize, pageSize).catch(() => undefined);
    if (generation !== this.generation) {
      return;
    }
    this.asked.delete(page);
    if (answer === undefined) {
      this.failed.set(page, Date.now() + retryPause);
    } else {
      this.keep(page, answer);
      this.arrived();
    }
    this.askNext();
  }

  private keep(page: number, answer: RowPage): void {
    this.pages.delete(page);
    this.pages.set(page, answer);
    for (const oldest of [...this.pages.keys()].slice(0, Math.max(0, this.pages.size - mostPages))) {
      this.pages.delete(oldest);
    }
  }
}
