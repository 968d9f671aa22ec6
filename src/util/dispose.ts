/** Whatever must be let go of. Structurally the same as VS Code's, so that core needs no editor types. */
export interface Disposable {
  dispose(): void;
}

/** Owns what it is given and lets go of it in reverse order; what is added after disposal is disposed at once. */
export class DisposableStore implements Disposable {
  private owned: Disposable[] = [];
  private disposed = false;

  add<T extends Disposable>(item: T): T {
    if (this.disposed) {
      item.dispose();
    } else {
      this.owned.push(item);
    }
    return item;
  }

  /** Lets go of everything, and stays usable: for what belongs to a session that is replaced as a whole. */
  clear(): void {
    const owned = this.owned.reverse();
    this.owned = [];
    const errors: unknown[] = [];
    for (const item of owned) {
      try {
        item.dispose();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) {
      throw new AggregateError(errors, 'disposing failed');
    }
  }

  dispose(): void {
    this.disposed = true;
    this.clear();
  }
}

export function disposable(dispose: () => void): Disposable {
  return { dispose };
}
