import { OpsError } from '../../core/errors.ts';
import { reasonOf, type Deployment } from '../../core/functions/ledger.ts';
import type { DeployAction } from '../../core/functions/ledger.ts';
import { nodeOf } from '../../host/row.ts';
import type { Choice } from '../../host/ui.ts';
import { age } from '../../util/age.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import { slugOf } from './context.ts';
import type { DeployFeatureNeeds } from './needs.ts';
import { shareOwnDeploys } from './share.ts';

const longest = 500;

/** Why, if the setting wants it asked; undoing is never kept waiting. Left empty there is none. Throws `cancelled`. */
export async function askReason({ ui, settings }: DeployFeatureNeeds, action: DeployAction, slugs: readonly string[]): Promise<string | undefined> {
  if (action !== 'deploy' || !settings().askReason) {
    return undefined;
  }
  const text = await ui.ask({ title: l10n.t('Deploy {0}', visible(slugs.join(', '))), prompt: l10n.t('Why? Press Enter to go on without a reason.'), check: tooLong });
  return text.trim() === '' ? undefined : text.trim();
}

/** Adds a reason to a deploy that was made: of a row, the last one of a function, or one that is picked. */
export async function addReason(needs: DeployFeatureNeeds, argument: unknown): Promise<void> {
  const connection = needs.session.connection();
  const { ledger } = await needs.records(connection.project.ref);
  const own = (await ledger.deployments()).toReversed();
  const deployment = meant(nodeOf(argument), own) ?? (await pickDeploy(needs, own));
  const before = reasonOf(deployment);
  const text = await needs.ui.ask({
    title: l10n.t('Why was {0} deployed?', visible(deployment.intent.slug)),
    prompt: l10n.t('Kept with the deploy; what was said before stays in the file.'),
    ...(before === undefined ? {} : { value: before }),
    check: (typed) => (typed.trim() === '' ? l10n.t('A reason is needed.') : tooLong(typed)),
  });
  await ledger.explain(deployment.intent.id, text.trim());
  needs.session.forget(connection, 'functions');
  await shareOwnDeploys(needs, connection, ledger);
}

function tooLong(text: string): string | undefined {
  return text.length > longest ? l10n.t('At most {0} characters.', longest) : undefined;
}

/** Newest first. */
function meant(node: unknown, own: readonly Deployment[]): Deployment | undefined {
  const id = typeof node === 'object' && node !== null && 'deployment' in node && typeof node.deployment === 'object' && node.deployment !== null && 'intent' in node.deployment ? (node as { deployment: Deployment }).deployment.intent.id : undefined;
  const slug = slugOf(node);
  return own.find(({ intent }) => (id === undefined ? intent.slug === slug : intent.id === id));
}

async function pickDeploy({ ui, clock }: DeployFeatureNeeds, own: readonly Deployment[]): Promise<Deployment> {
  if (own.length === 0) {
    throw new OpsError('notFound', { what: l10n.t('A deploy from this machine') });
  }
  return ui.pick(
    l10n.t('Say why of which deploy?'),
    own.slice(0, 100).map((deployment): Choice<Deployment> => {
      const { intent, conclusion } = deployment;
      const reason = reasonOf(deployment);
      return {
        label: `${visible(intent.slug)} ${conclusion?.versionAfter === undefined ? '' : `v${conclusion.versionAfter}`}`.trim(),
        icon: 'cloud-upload',
        description: l10n.t('{0} ago', age(intent.at, clock.now())),
        ...(reason === undefined ? {} : { detail: visible(reason) }),
        value: deployment,
      };
    }),
  );
}
