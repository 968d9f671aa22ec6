import type { Disposable } from '../../util/dispose.ts';
import type { CommandRegistry } from '../../host/commands.ts';
import type { TryNeeds } from './tryMigrations.ts';

/** Migrations before they are applied. */
export function registerMigrations(needs: TryNeeds & { readonly commands: CommandRegistry }): Disposable {
  return needs.commands.register('migrations.try', async () => {
    const [{ tryPendingMigrations }, { openMigrations }] = await Promise.all([import('./tryMigrations.ts'), import('./documents.ts')]);
    await tryPendingMigrations(needs, openMigrations);
  });
}
