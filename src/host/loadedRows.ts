import { shownChildren, shownRow, type Shown, type TreeSource } from './treeRows.ts';

export interface LoadedRowsNeeds<N> {
  readonly source: TreeSource<N>;
  readonly view: string;
  /** A view that nobody sees is filled when it is seen. */
  readonly isSeen: () => boolean;
  /** The view asks for all its rows again, or only for these and what is under them: at least one. */
  readonly tell: (rows?: readonly Shown<N>[]) => void;
  /** Shows that the view is being filled anew. */
  readonly busy: (work: Promise<void>) => void;
}

type Levels<N> = Map<string, Shown<N>[]>;

/**
 * The rows of a view, loaded anew before the view is told of a change. VS Code forgets all rows of a view that has to ask for all of
 * them, and an icon that is pressed before the new ones are there acts on none: so rows that stay keep their identity, and the view
 * asks for those alone that read differently. Rows of another scope (another project) go at once instead. Where loading fails, the rows
 * there are stay below the sentence that says so. However long a list is and however often it changes, drawing it leaves the thread to
 * others most of the time.
 */
export class LoadedRows<N> {
  readonly #needs: LoadedRowsNeeds<N>;
  #scope: unknown;
  /** Per row that was unfolded, by its id; the first level under ''. */
  #known = new Map<string, Promise<Shown<N>[]>>();
  /** The load that is under way, told apart from one whose answers nobody wants any more. */
  #loading: symbol | undefined;
  #isStale = false;
  /** By id: a row as the view got it last. */
  #told = new Map<string, string>();

  constructor(needs: LoadedRowsNeeds<N>) {
    this.#needs = needs;
    this.#scope = needs.source.scope?.();
  }

  async children(shown: Shown<N> | undefined): Promise<Shown<N>[]> {
    const id = this.#idOf(shown);
    const children = this.#known.get(id) ?? shownChildren(this.#needs.source, this.#needs.view, shown);
    this.#known.set(id, children);
    const rows = await children;
    rows.forEach((row) => this.#isNews(row));
    return rows;
  }

  /** What the source has to show has changed. */
  changed(): void {
    const { source, isSeen, tell, busy } = this.#needs;
    const scope = source.scope?.();
    if (scope !== this.#scope || this.#known.size === 0 || !isSeen()) {
      this.#scope = scope;
      this.#known = new Map();
      this.#told = new Map();
      this.#loading = undefined;
      tell();
    } else if (this.#loading) {
      this.#isStale = true;
    } else {
      busy(this.#load());
    }
  }

  async #load(): Promise<void> {
    const load = Symbol();
    this.#loading = load;
    do {
      const begun = performance.now();
      this.#isStale = false;
      const fresh: Levels<N> = new Map();
      await this.#loadLevel(undefined, fresh);
      const shown: Levels<N> = new Map();
      for (const [id, rows] of this.#known) {
        shown.set(id, await rows);
      }
      if (this.#loading !== load) {
        return;
      }
      this.#take(keepBesideFailure(fresh, shown), shown);
      if (this.#isStale) {
        await rest(performance.now() - begun);
      }
    } while (this.#isStale && this.#loading === load);
    if (this.#loading === load) {
      this.#loading = undefined;
    }
  }

  async #loadLevel(shown: Shown<N> | undefined, fresh: Levels<N>): Promise<void> {
    const children = await shownChildren(this.#needs.source, this.#needs.view, shown);
    fresh.set(this.#idOf(shown), children);
    const unfolded = children.filter((child) => this.#known.has(this.#idOf(child)));
    await Promise.all(unfolded.map(async (child) => this.#loadLevel(child, fresh)));
  }

  #take(fresh: Levels<N>, shown: Levels<N>): void {
    const ids = (rows: readonly Shown<N>[]) => rows.map((row) => this.#idOf(row)).join('\n');
    const stays = fresh.get('')?.length !== 0 && [...fresh].every(([id, rows]) => ids(rows) === ids(shown.get(id) ?? []));
    const rows = stays ? [...fresh].map(([id, news]): [string, Shown<N>[]] => [id, news.map((row, index) => Object.assign(shown.get(id)?.[index] ?? row, row))]) : [...fresh];
    this.#known = new Map(rows.map(([id, level]) => [id, Promise.resolve(level)]));
    const news = rows.flatMap(([, level]) => level).filter((row) => this.#isNews(row));
    if (!stays) {
      this.#needs.tell();
    } else if (news.length > 0) {
      this.#needs.tell(news);
    }
  }

  /** Whether a row reads otherwise than the view got it last, as it will from now on. */
  #isNews(shown: Shown<N>): boolean {
    const row = shownRow(this.#needs.source, shown);
    const text = JSON.stringify(row);
    const isNews = this.#told.get(row.id) !== text;
    this.#told.set(row.id, text);
    return isNews;
  }

  #idOf(shown: Shown<N> | undefined): string {
    return shown ? shownRow(this.#needs.source, shown).id : '';
  }
}

function keepBesideFailure<N>(fresh: Levels<N>, shown: Levels<N>): Levels<N> {
  const [failure] = fresh.get('') ?? [];
  if (!failure || 'node' in failure) {
    return fresh;
  }
  const known = (shown.get('') ?? []).filter((row) => 'node' in row);
  return new Map([...shown, ['', [failure, ...known]]]);
}

/** Four times as long as the work took, which is nothing for the lists that people have. */
async function rest(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, Math.min(2000, 4 * milliseconds), undefined));
}
