import type { DeployPlan } from '../../core/functions/plan.ts';
import { nodeOf } from '../../host/row.ts';
import type { Ui } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import { fromWorkingTree, planAndApply } from './apply.ts';
import { localChoices, slugOf } from './context.ts';
import type { DeployFeatureNeeds } from './needs.ts';
import { restart } from './restart.ts';

/** What a row, the palette or a manual asks for. */
interface Wanted {
  readonly slugs: readonly string[] | '*';
  readonly noVerifyJwt: boolean;
  readonly intent: 'deploy' | 'restart';
}

/** Deploys what the argument names from the working tree; what it leaves open is asked for. */
export async function deployWanted(needs: DeployFeatureNeeds, argument: unknown, several: boolean): Promise<void> {
  const connection = needs.session.connection();
  const wanted = await wantedOf(needs, argument, several);
  const slugs = wanted.slugs === '*' ? await needs.places.functions(connection.place, AbortSignal.timeout(30_000)) : wanted.slugs;
  if (wanted.intent === 'restart') {
    await restart(needs, slugs);
    return;
  }
  const settle = async (plans: readonly DeployPlan[]) => withoutJwt(needs.ui, plans);
  await planAndApply(needs, connection, { slugs, action: 'deploy', from: fromWorkingTree, ...(wanted.noVerifyJwt ? { settle } : {}) });
}

async function wantedOf(needs: DeployFeatureNeeds, argument: unknown, several: boolean): Promise<Wanted> {
  const node = nodeOf(argument);
  if (typeof node === 'object' && node !== null && 'slugs' in node && (Array.isArray(node.slugs) || node.slugs === '*')) {
    const { slugs } = node as { slugs: string[] | '*' };
    return { slugs, noVerifyJwt: 'noVerifyJwt' in node && node.noVerifyJwt === true, intent: 'intent' in node && node.intent === 'restart' ? 'restart' : 'deploy' };
  }
  const slug = slugOf(node);
  if (slug !== undefined && !several) {
    return { slugs: [slug], noVerifyJwt: false, intent: 'deploy' };
  }
  const choices = await localChoices(needs, needs.session.connection());
  const slugs = several ? await needs.ui.pickMany(l10n.t('Deploy which functions?'), choices) : [await needs.ui.pick(l10n.t('Deploy which function?'), choices)];
  return { slugs, noVerifyJwt: false, intent: 'deploy' };
}

/** `--no-verify-jwt` of a manual is a change of its own: asked for each function that would turn public; declined keeps what is live. */
async function withoutJwt(ui: Ui, plans: readonly DeployPlan[]): Promise<readonly DeployPlan[]> {
  const settled: DeployPlan[] = [];
  for (const plan of plans) {
    const open = plan.verifyJwt.before === false || plan.verifyJwt.after === false;
    const makePublic =
      open ||
      (await ui.pick(l10n.t('The step says --no-verify-jwt. Should {0} answer without a token from now on?', visible(plan.slug)), [
        { label: l10n.t('Keep asking for a token'), icon: 'lock', value: false },
        { label: l10n.t('Answer without a token'), icon: 'unlock', description: l10n.t('anybody can call it'), value: true },
      ]));
    settled.push(makePublic ? { ...plan, verifyJwt: { ...plan.verifyJwt, after: false, becomesPublic: plan.verifyJwt.before !== false } } : plan);
  }
  return settled;
}
