import type { Disposable } from '../../util/dispose.ts';
import type { StorageNeeds } from './needs.ts';

/** What can be done with files in buckets. */
export function registerStorage(needs: StorageNeeds): Disposable {
  return needs.commands.register('storage.cleanUp', async () => (await import('./cleanUp.ts')).cleanUp(needs)());
}
