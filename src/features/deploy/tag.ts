import { OpsError } from '../../core/errors.ts';
import { ownLive } from '../../core/functions/ownDeploys.ts';
import { isTagName } from '../../core/functions/tagName.ts';
import { nodeOf } from '../../host/row.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import { contextOf, deployedFunction, pickDeployed, slugOf } from './context.ts';
import type { DeployFeatureNeeds } from './needs.ts';

/** Names the commit that is live, so that it is found again in the roll-back's list: the one write into a repository, and it is asked for. */
export async function tagDeploy(needs: DeployFeatureNeeds, argument: unknown): Promise<void> {
  const connection = needs.session.connection();
  const slug = slugOf(nodeOf(argument)) ?? (await pickDeployed(needs, connection, l10n.t('Tag the live commit of which function?')));
  const { tags, commit, version } = await needs.ui.progress(l10n.t('Looking up what is live of {0}', visible(slug)), async (signal) => {
    const context = await contextOf(needs, connection, signal);
    const live = await deployedFunction(slug, context, signal);
    const origin = ownLive(live, await context.tools.ledger.deployments())?.intent.origin;
    const hash = origin?.kind === 'commit' || (origin?.kind === 'workingTree' && origin.clean) ? origin.commit : undefined;
    return { tags: context.tools.git, commit: hash, version: live.version };
  });
  if (!tags || commit === undefined) {
    throw new OpsError('notFound', { what: l10n.t('A commit that version {1} of {0} was deployed from', visible(slug), version) });
  }
  const name = await needs.ui.ask({
    title: l10n.t('Tag {0}, live as {1} v{2}', commit.slice(0, 7), visible(slug), version),
    prompt: l10n.t('A tag in your repository; it is not pushed.'),
    value: `deploy/${slug}/v${version}`,
    check: (text) => (isTagName(text) ? undefined : l10n.t('Letters, digits, and . _ + / - between them.')),
  });
  await needs.ui.progress(l10n.t('Tagging {0}', visible(name)), async (signal) => tags.tag(name, commit, signal));
  needs.ui.tell(l10n.t('{0} is tagged {1}.', commit.slice(0, 7), name));
}
