import { isOpsError } from '../../core/errors.ts';
import type { Place } from '../../core/project/project.ts';
import { selectByRef, type ProjectNeeds } from './select.ts';
import { l10n } from '../../util/l10n.ts';

/**
 * The project that a place's files name is offered once; the answer lives in the workspace's state (SAFETY 6). Nothing is asked of
 * the network before the person agrees.
 */
export async function offerLinkedProject(needs: ProjectNeeds): Promise<void> {
  const { session, accounts, storage, ui, commands } = needs;
  const { place } = session;
  if (!place?.linked || session.state.kind !== 'noProject' || accounts.list().length === 0 || storage.get<boolean>(askedKey(place)) === true) {
    return;
  }
  const { ref, from } = place.linked;
  ui.tell(
    l10n.t('{0} names the project {1}. Use it for {2}?', from, ref, place.name),
    {
      label: l10n.t('Use {0}', ref),
      run: async () => {
        await storage.set(askedKey(place), true);
        await commands.guard('use the linked project', async () => {
          try {
            await ui.progress(l10n.t('Opening {0}', ref), async (signal) => selectByRef(needs, ref, signal));
          } catch (error) {
            if (isOpsError(error, 'projectNotFound', 'permissionMissing')) {
              await storage.set(askedKey(place), false);
            }
            throw error;
          }
        });
      },
    },
    {
      label: l10n.t('Select Another'),
      run: async () => {
        await storage.set(askedKey(place), true);
        await commands.run('project.select');
      },
    },
    { label: l10n.t('Not Now'), run: async () => storage.set(askedKey(place), true) },
  );
}

/** The offer counts as made: something else says which project it is. */
export async function declineOffer({ session, storage }: Pick<ProjectNeeds, 'session' | 'storage'>): Promise<void> {
  if (session.place) {
    await storage.set(askedKey(session.place), true);
  }
}

function askedKey(place: Place): string {
  return `offered ${place.id}`;
}
