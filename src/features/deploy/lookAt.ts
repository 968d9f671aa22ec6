import { placeBody } from '../../core/functions/body.ts';
import type { DeployPlan } from '../../core/functions/plan.ts';
import type { Connection } from '../../core/project/connection.ts';
import type { Action } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';
import type { DeployFeatureNeeds } from './needs.ts';
import { originText } from './planText.ts';

/** What the plans would change against what is live, in an editor; `undefined` when nothing would, or nobody knows. */
export function lookAt({ editors }: DeployFeatureNeeds, { place, project }: Connection, plans: readonly DeployPlan[]): Action | undefined {
  const shown = plans.filter(({ changes, action }) => action !== 'pause' && changes && changes.changed.length + changes.added.length + changes.removed.length > 0);
  if (!place || shown.length === 0) {
    return undefined;
  }
  return {
    label: l10n.t('Show Changes'),
    run: async () => {
      for (const { slug, live, liveBody, source, origin } of shown) {
        const before = liveBody ? placeBody(liveBody, slug, source.entrypoint).files : new Map<string, Uint8Array>();
        const isLocal = origin.kind === 'workingTree';
        const files = [...new Set([...source.files.keys(), ...before.keys()])].sort().map((path) => ({ path, left: text(before.get(path)), right: text(source.files.get(path)?.content), isLocal }));
        await editors.compare(place, `${project.ref}/${slug}/plan`, l10n.t('{0}: live v{1} ⇄ what is planned. {2}', visibleLine(slug), live?.version ?? 0, visibleLine(originText(origin))), files);
      }
    },
  };
}

function text(content: Uint8Array | undefined): string | undefined {
  return content && new TextDecoder().decode(content);
}
