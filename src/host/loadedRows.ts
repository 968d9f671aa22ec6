import { shownChildren, shownRow, type Shown, type TreeSource } from './treeRows.ts';

export interface LoadedRowsNeeds<N> {
  readonly source: TreeSource<N>;
  readonly view: string;
  /** A view that nobody sees is filled when it is seen. */
  readonly isSeen: () => boolean;
  /** The view asks for its rows again. */
  readonly tell: () => void;
  /** Shows that the view is being filled anew. */
  readonly busy: (work: Promise<void>) => void;
}

/**
 * The rows of a view, loaded anew before the view is told of a change. VS Code forgets a view's rows when it is told: an icon that is
 * pressed before the new ones are there would act on none. Rows of another scope (another project) go at once instead.
 */
export class LoadedRows<N> {
  readonly #needs: LoadedRowsNeeds<N>;
  #scope: unknown;
  /** Per row that was unfolded, by its id; the first level under ''. */
  #known = new Map<string, Promise<Shown<N>[]>>();
  /** The load that is under way, told apart from one whose answers nobody wants any more. */
  #loading: symbol | undefined;
  #isStale = false;

  constructor(needs: LoadedRowsNeeds<N>) {
    this.#needs = needs;
    this.#scope = needs.source.scope?.();
  }

  async children(shown: Shown<N> | undefined): Promise<Shown<N>[]> {
    const id = this.#idOf(shown);
    const children = this.#known.get(id) ?? shownChildren(this.#needs.source, this.#needs.view, shown);
    this.#known.set(id, children);
    return children;
  }

  /** What the source has to show has changed. */
  changed(): void {
    const { source, isSeen, tell, busy } = this.#needs;
    const scope = source.scope?.();
    if (scope !== this.#scope || this.#known.size === 0 || !isSeen()) {
      this.#scope = scope;
      this.#known = new Map();
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
      this.#isStale = false;
      const fresh = new Map<string, Promise<Shown<N>[]>>();
      await this.#loadLevel(undefined, fresh);
      if (this.#loading !== load) {
        return;
      }
      this.#known = fresh;
      this.#needs.tell();
    } while (this.#isStale);
    this.#loading = undefined;
  }

  async #loadLevel(shown: Shown<N> | undefined, fresh: Map<string, Promise<Shown<N>[]>>): Promise<void> {
    const children = await shownChildren(this.#needs.source, this.#needs.view, shown);
    fresh.set(this.#idOf(shown), Promise.resolve(children));
    const unfolded = children.filter((child) => this.#known.has(this.#idOf(child)));
    await Promise.all(unfolded.map(async (child) => this.#loadLevel(child, fresh)));
  }

  #idOf(shown: Shown<N> | undefined): string {
    return shown ? shownRow(this.#needs.source, shown).id : '';
  }
}
