import { nodeOf } from '../../host/row.ts';
import { l10n } from '../../util/l10n.ts';
import { planAndApply, type ChooseSource } from './apply.ts';
import { deployedFunction, pickDeployed, slugOf } from './context.ts';
import type { DeployFeatureNeeds } from './needs.ts';

/** New workers with exactly what is live, never with unfinished work. */
export async function restart(needs: DeployFeatureNeeds, slugs: readonly string[]): Promise<void> {
  await planAndApply(needs, needs.session.connection(), { slugs, action: 'restart', from: fromLive });
}

export async function restartFunction(needs: DeployFeatureNeeds, argument: unknown): Promise<void> {
  const slug = slugOf(nodeOf(argument)) ?? (await pickDeployed(needs, needs.session.connection(), l10n.t('Restart which function?')));
  await restart(needs, [slug]);
}

/** The live body, recorded first: throws `storageFailed` when it cannot be kept. */
export const fromLive: ChooseSource = async (slug, context, signal) => {
  const { ref } = context.connection.project;
  const live = await deployedFunction(slug, context, signal);
  const body = await context.prepare.management.functionBody(ref, slug, { signal, priority: 'user' });
  await context.tools.bodies.put(ref, slug, live.version, body, live);
  return { kind: 'recorded', version: live.version };
};
