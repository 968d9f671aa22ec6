import * as vscode from 'vscode';
import type { AdvisedObject } from '../../core/advisors/finding.ts';
import { OpsError } from '../../core/errors.ts';
import type { Place } from '../../core/project/project.ts';
import { whereMade, type MadeAt } from '../../core/sql/whereMade.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';
import { adviceOf, type AdvisorNeeds } from './advisorCommands.ts';
import { objectName } from './advisors.ts';

/** Opens the migration, or else the declared schema, at the statement that made what the finding is about. */
export const openMigration = (needs: AdvisorNeeds) => async (argument?: unknown): Promise<void> => {
  const { place } = needs.session.connection();
  const { finding } = await adviceOf(needs, argument, l10n.t('Open the migration of which finding?'), (node) => node.finding.object !== undefined);
  const { object } = finding;
  const found = object && place && (await needs.ui.progress(l10n.t('Looking through the migrations'), async (signal) => findMade(needs, place, object, signal)));
  if (!found) {
    throw new OpsError('notFound', { what: l10n.t('A migration in this folder that makes {0}', visibleLine(object ? objectName(object) : finding.title)) });
  }
  await needs.documents.openAt(vscode.Uri.joinPath(vscode.Uri.parse(place.id, true), found.path), found.offset);
};

async function findMade({ places, grammar }: AdvisorNeeds, place: Place, { schema, name, type }: AdvisedObject, signal: AbortSignal): Promise<MadeAt | undefined> {
  for (const folder of ['supabase/migrations', 'supabase/schemas']) {
    const found = await whereMade(await places.sqlFiles(place, folder, signal), { schema, name, type }, grammar, signal);
    if (found) {
      return found;
    }
  }
  return undefined;
}
