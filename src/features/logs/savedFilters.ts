import type { TailKey } from '../../core/logs/activeTails.ts';
import { printFilter, readFilter, type LineFilter } from '../../core/logs/filterText.ts';
import type { Storage } from '../../core/ports.ts';

export interface SavedFilter {
  readonly name: string;
  /** As typed. */
  readonly text: string;
}

const savedKey = 'logs.savedFilters';

/** Filters that were given a name, and the last one of each tail; kept in the workspace's state. */
export class SavedFilters {
  private readonly storage: Storage;

  constructor(storage: Storage) {
    this.storage = storage;
  }

  list(): readonly SavedFilter[] {
    return this.storage.get<readonly SavedFilter[]>(savedKey) ?? [];
  }

  /** In place of one with the same name. */
  async save(filter: SavedFilter): Promise<void> {
    const others = this.list().filter(({ name }) => name !== filter.name);
    await this.storage.set(savedKey, [...others, filter].sort((a, b) => a.name.localeCompare(b.name)));
  }

  async forget(name: string): Promise<void> {
    await this.storage.set(savedKey, this.list().filter((filter) => filter.name !== name));
  }

  /** What a tail was narrowed by when it last ran. Its span is not kept: a moment of then says nothing now. */
  remembered(ref: string, key: TailKey): LineFilter {
    const reading = readFilter(this.storage.get<string>(lastKey(ref, key)) ?? '');
    return reading.kind === 'filter' ? reading.filter : {};
  }

  async remember(ref: string, key: TailKey, filter: LineFilter): Promise<void> {
    const { since: _since, until: _until, limit: _limit, ...lasting } = filter;
    const text = printFilter(lasting);
    await this.storage.set(lastKey(ref, key), text === '' ? undefined : text);
  }
}

function lastKey(ref: string, key: TailKey): string {
  return `logs.lastFilter ${ref} ${key}`;
}
