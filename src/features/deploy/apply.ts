import { isCancelled } from '../../core/errors.ts';
import { applyDeploy, type DeployOutcome, type DeployStep } from '../../core/functions/deploy.ts';
import type { DeployAction } from '../../core/functions/ledger.ts';
import type { DeployPlan } from '../../core/functions/plan.ts';
import { prepareDeploy, type DeployFrom } from '../../core/functions/prepare.ts';
import type { Connection } from '../../core/project/connection.ts';
import { defined } from '../../util/defined.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import { contextOf, type DeployContext } from './context.ts';
import type { DeployFeatureNeeds, PrepareNeeds } from './needs.ts';
import { tell } from './outcome.ts';
import { lookAt } from './lookAt.ts';
import { planText } from './planText.ts';
import { preflight } from './preflight.ts';
import { answersOf } from './probe.ts';
import { askReason } from './reason.ts';
import { shareOwnDeploys } from './share.ts';
import { actionWords } from './words.ts';

/** Where each function comes from; asked once the project is at hand. */
export type ChooseSource = (slug: string, context: DeployContext, signal: AbortSignal) => Promise<DeployFrom>;

export const fromWorkingTree: ChooseSource = async () => ({ kind: 'workingTree' });

/** What is to be deployed. */
export interface Deploys {
  readonly slugs: readonly string[];
  readonly action: DeployAction;
  readonly from: ChooseSource;
  /** Why; asked for if it should be. */
  readonly reason?: string;
  /** Asks what the plans leave open before they are shown; may change them. */
  readonly settle?: (plans: readonly DeployPlan[]) => Promise<readonly DeployPlan[]>;
}

/** Plan, show, apply; a plan that somebody's deploy has overtaken is made and shown again. */
export async function planAndApply(needs: DeployFeatureNeeds, connection: Connection, deploys: Deploys): Promise<void> {
  const { ui, consent } = needs;
  const { slugs, action, from, settle } = deploys;
  const reason = deploys.reason ?? (await askReason(needs, action, slugs));
  const { context, plans } = await ui.progress(l10n.t('Preparing {0}', visible(slugs.join(', '))), async (signal) => {
    const made = await contextOf(needs, connection, signal);
    const facts = { ...made.prepare, management: askedOnce(made.prepare.management) };
    const prepare = async (slug: string) => preflight(needs, made, await prepareDeploy(slug, action, await from(slug, made, signal), facts, signal), signal);
    const [prepared] = await Promise.all([Promise.all(slugs.map(prepare)), made.tools.cli.requireSupported(signal)]);
    return { context: made, plans: prepared };
  });
  const settled = settle ? await settle(plans) : plans;
  const look = lookAt(needs, connection, settled);
  await consent.ask(connection.project, { ...planText(settled), ...(look ? { look } : {}) }, 'deploys');
  const outcomes = await applyAll(needs, { ...context, apply: { ...context.apply, ...defined({ reason }) } }, settled);
  needs.session.forget(connection, 'functions');
  const stale = settled.filter((plan) => outcomes.get(plan.slug)?.kind === 'stale').map((plan) => plan.slug);
  await Promise.all(settled.map(async (plan) => tell(needs, plan, outcomes.get(plan.slug), { answers: await answersOf(needs, connection, plan, outcomes.get(plan.slug)), explained: reason !== undefined })));
  await shareOwnDeploys(needs, connection, context.apply.ledger);
  if (stale.length > 0) {
    ui.warn(l10n.t('{0} was deployed by somebody else meanwhile; nothing was sent. Here is the plan against what is live now.', visible(stale.join(', '))));
    await planAndApply(needs, connection, { ...deploys, slugs: stale, reason: reason ?? '' });
  }
}

/** For many functions the lists are the same. */
function askedOnce(management: PrepareNeeds['management']): PrepareNeeds['management'] {
  let functions: ReturnType<typeof management.functions> | undefined;
  let secrets: ReturnType<typeof management.secrets> | undefined;
  return {
    functions: (...question) => (functions ??= management.functions(...question)),
    secrets: (...question) => (secrets ??= management.secrets(...question)),
    functionBody: (...question) => management.functionBody(...question),
  };
}

/** What the CLI asks the service for one function, at most (`test/cli/functionActions.test.ts`). */
const requestsOfCli = 3;

/**
 * Several at once, each by itself: one that fails keeps no other from going through. Many would run into the rate limit, at which the CLI
 * gives up: they wait for room, and one alone never does.
 */
async function applyAll(needs: DeployFeatureNeeds, context: DeployContext, plans: readonly DeployPlan[]): Promise<ReadonlyMap<string, DeployOutcome>> {
  const outcomes = new Map<string, DeployOutcome>();
  const title = plans.length === 1 ? plans.map((plan) => plan.slug).join() : l10n.t('{0} functions', plans.length);
  await needs.ui.progress(actionWords(plans[0]?.action ?? 'deploy').running(visible(title)), async (signal, report) => {
    const waiting = [...plans];
    const tell = overview(plans.length, report);
    const worker = async (): Promise<void> => {
      for (let plan = waiting.shift(); plan; plan = waiting.shift()) {
        outcomes.set(plan.slug, await applyOne(needs, context, plan, (step) => tell(plan.slug, step), signal, plans.length > 1));
        tell(plan.slug, undefined);
      }
    };
    await Promise.all([worker(), worker()]);
  });
  return outcomes;
}

/** `3 of 10 · health: sending · mint-token: verifying`: what is done, and what is under way. */
function overview(count: number, report: (message: string) => void): (slug: string, step: string | undefined) => void {
  const steps = new Map<string, string>();
  let done = 0;
  return (slug, step) => {
    if (step === undefined) {
      steps.delete(slug);
      done++;
    } else {
      steps.set(slug, step);
    }
    report([...(count > 1 ? [l10n.t('{0} of {1}', done, count)] : []), ...[...steps].map(([name, words]) => `${visible(name)}: ${words}`)].join(' · '));
  };
}

async function applyOne({ log }: DeployFeatureNeeds, { apply, prepare }: DeployContext, plan: DeployPlan, report: (step: string) => void, signal: AbortSignal, amongMany: boolean): Promise<DeployOutcome> {
  try {
    if (amongMany) {
      report(l10n.t('waiting for its turn'));
      await prepare.management.makeRoom(plan.project.ref, requestsOfCli, { signal, priority: 'check' });
    }
    return await applyDeploy(
      plan,
      apply,
      (event) => {
        if (event.kind === 'output') {
          log.info(`${plan.slug}: ${event.line}`);
        } else {
          report(stepWord(event.step));
        }
      },
      signal,
    );
  } catch (error) {
    const state = { kind: 'unchanged', problem: 'nothing was sent', ...(plan.live ? { version: plan.live.version } : {}) } as const;
    return isCancelled(error) ? { kind: 'cancelled', state } : { kind: 'failed', error, state };
  }
}

function stepWord(step: DeployStep): string {
  return { checking: l10n.t('checking what is live'), staging: l10n.t('laying the files out'), sending: l10n.t('sending'), verifying: l10n.t('verifying') }[step];
}
