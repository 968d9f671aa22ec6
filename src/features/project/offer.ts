import type { Place } from '../../core/project/project.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';
import { selectByRef, type ProjectNeeds } from './select.ts';

/** Offers the linked project where there is one and nothing is selected; to be called whenever that may have changed. */
export type Offer = () => void;

/**
 * The project that a place's files name is offered once; the answer lives in the workspace's state (SAFETY 6), and one that was
 * passed over is not repeated in the same window. Nothing is asked of the network before the person agrees.
 */
export function createOffer(needs: ProjectNeeds): Offer {
  const shown = new Set<string>();
  return () => {
    const { session, accounts, storage } = needs;
    const { place } = session;
    if (!place?.linked || session.state.kind !== 'noProject' || accounts.list().length === 0) {
      return;
    }
    if (!shown.has(place.id) && storage.get<boolean>(askedKey(place)) !== true) {
      shown.add(place.id);
      offer(needs, place, place.linked);
    }
  };
}

function offer(needs: ProjectNeeds, place: Place, { ref, from }: NonNullable<Place['linked']>): void {
  const { session, storage, ui, commands } = needs;
  const answered = async () => storage.set(askedKey(place), true);
  ui.tell(
    l10n.t('{0} names the project {1}. Use it for {2}?', from, ref, visibleLine(place.name)),
    {
      label: l10n.t('Use {0}', ref),
      run: async () =>
        commands.guard('use the linked project', async () => {
          if (session.place?.id !== place.id) {
            await session.activate(place);
          }
          await ui.progress(l10n.t('Opening {0}', ref), async (signal) => selectByRef(needs, ref, signal));
          // What could not be opened is offered again in the next window.
          await answered();
        }),
    },
    {
      label: l10n.t('Select Another'),
      run: async () => {
        await answered();
        await commands.run('project.select');
      },
    },
    { label: l10n.t('Not Now'), run: answered },
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
