import { OpsError } from '../../core/errors.ts';
import { placeBody } from '../../core/functions/body.ts';
import type { PlaceReader } from '../../core/functions/placeReader.ts';
import { readBody } from '../../core/functions/readBody.ts';
import { need } from '../../core/project/connection.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import type { ChangesNeeds } from './changes.ts';

export interface FileChangesNeeds extends Pick<ChangesNeeds, 'session' | 'editors' | 'ui' | 'tools'> {
  readonly places: Pick<PlaceReader, 'entrypoint'>;
}

/** One file of the place as it is live ⇄ as it is here; whose it is is asked for one that functions share. `path` is within the place. */
export async function showFileChanges(needs: FileChangesNeeds, path: string | undefined, askFunction: () => Promise<{ readonly slug: string }>): Promise<void> {
  const { session, editors, ui, tools, places } = needs;
  const connection = session.connection();
  const { place, project } = connection;
  const management = need(connection.management, l10n.t('Reading what is live'));
  if (!place || path === undefined) {
    throw new OpsError('notFound', { what: l10n.t('A file of supabase/functions in an editor') });
  }
  const own = /^supabase\/functions\/([^/_][^/]*)\//.exec(path)?.[1];
  const slug = own ?? (await askFunction()).slug;
  const { version, live, local } = await ui.progress(l10n.t('Comparing {0}', visible(path)), async (signal) => {
    const fn = (await management.functions(project.ref, { signal, priority: 'user' })).find((known) => known.slug === slug);
    if (!fn) {
      throw new OpsError('notFound', { what: l10n.t('The deployed function {0}', visible(slug)) });
    }
    const { bodies, files } = await tools(connection, signal);
    const [body, entrypoint, here] = await Promise.all([readBody(management, bodies, project.ref, fn, { signal, priority: 'user' }), places.entrypoint(place, slug, signal), files.read(path, signal)]);
    return { version: fn.version, live: placeBody(body, slug, entrypoint).files.get(path), local: here };
  });
  if (live === undefined) {
    ui.tell(l10n.t('{0} is no part of {1} v{2}.', visible(path), visible(slug), version));
    return;
  }
  const text = (content: Uint8Array | undefined) => content && new TextDecoder().decode(content);
  const title = l10n.t('{0}: live v{1} of {2} ⇄ working tree', visible(path.slice(path.lastIndexOf('/') + 1)), version, visible(slug));
  if (!(await editors.compare(place, `${project.ref}/${slug}/file`, title, [{ path, left: text(live), right: text(local), isLocal: true }]))) {
    ui.tell(l10n.t('{0}: nothing differs.', title));
  }
}
