import { isOpsError } from '../../core/errors.ts';
import { applyChange, type ChangeOutcome, type ChangePlan, type FunctionChange } from '../../core/functions/change.ts';
import { projectConfig } from '../../core/functions/source.ts';
import { workingTree } from '../../core/functions/sourceTree.ts';
import type { Connection } from '../../core/project/connection.ts';
import { isGuarded } from '../../core/project/project.ts';
import { errorMessage } from '../../host/errorMessage.ts';
import { nodeOf } from '../../host/row.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import { contextOf, deployedFunction, pickDeployed, slugOf, type DeployContext } from './context.ts';
import type { DeployFeatureNeeds } from './needs.ts';
import { shareOwnDeploys } from './share.ts';
import { actionWords } from './words.ts';

/** Takes a function away, with its body kept on this machine where it can be read. */
export async function deleteFunction(needs: DeployFeatureNeeds, argument: unknown): Promise<void> {
  const connection = needs.session.connection();
  const slug = slugOf(nodeOf(argument)) ?? (await pickDeployed(needs, connection, l10n.t('Delete which function?')));
  await planAndChange(needs, connection, slug, async () => ({ kind: 'delete' }));
}

/** Whether a JWT is asked for, without a deploy. */
export async function changeVerifyJwt(needs: DeployFeatureNeeds, argument: unknown): Promise<void> {
  const connection = needs.session.connection();
  const slug = slugOf(nodeOf(argument)) ?? (await pickDeployed(needs, connection, l10n.t('Change which function?')));
  await planAndChange(needs, connection, slug, async ({ live: { verifyJwt } }) => {
    const now = (value: boolean) => (verifyJwt === value ? l10n.t('as it is now') : '');
    return needs.ui.pick<FunctionChange>(l10n.t('Should {0} ask for a token?', visible(slug)), [
      { label: l10n.t('Ask for a token'), icon: 'lock', description: now(true), value: { kind: 'settings', verifyJwt: true } },
      { label: l10n.t('Answer without a token'), icon: 'unlock', description: now(false) || l10n.t('anybody can call it'), value: { kind: 'settings', verifyJwt: false } },
    ]);
  });
}

type Seen = Omit<ChangePlan, 'change'> & { readonly configured?: boolean };

async function planAndChange(needs: DeployFeatureNeeds, connection: Connection, slug: string, choose: (seen: Seen) => Promise<FunctionChange>): Promise<void> {
  const { context, seen } = await needs.ui.progress(l10n.t('Looking up {0}', visible(slug)), async (signal) => {
    const made = await contextOf(needs, connection, signal);
    return { context: made, seen: await look(slug, made, signal) };
  });
  const change = await choose(seen);
  const plan: ChangePlan = { ...seen, change };
  await needs.consent.ask(connection.project, planWords(plan, seen.configured, isGuarded(connection.project)), change.kind === 'delete' ? 'destroys' : 'deploys');
  const outcome = await needs.ui.progress(actionWords(change.kind).running(visible(slug)), async (signal) => applyChange(plan, { ...context.apply, management: context.prepare.management }, signal));
  needs.session.forget(connection, 'functions');
  tell(needs, plan, outcome);
  await shareOwnDeploys(needs, connection, context.apply.ledger);
  if (outcome.kind === 'stale' && outcome.live) {
    await planAndChange(needs, connection, slug, choose);
  }
}

async function look(slug: string, context: DeployContext, signal: AbortSignal): Promise<Seen> {
  const { connection, prepare, tools } = context;
  const { ref } = connection.project;
  const [live, body, config] = await Promise.all([
    deployedFunction(slug, context, signal),
    prepare.management.functionBody(ref, slug, { signal, priority: 'user' }).catch((error: unknown) => {
      if (isOpsError(error, 'badAnswer', 'notFound', 'serviceFailed', 'permissionMissing')) {
        return undefined;
      }
      throw error;
    }),
    projectConfig(workingTree(tools.files), tools.toml, signal).catch(() => undefined),
  ]);
  const configured = config?.functions.get(slug)?.verifyJwt;
  return { project: connection.project, live, ...(body ? { liveBody: body } : {}), ...(configured === undefined ? {} : { configured }) };
}

function planWords(plan: ChangePlan, configured: boolean | undefined, guarded: boolean) {
  const { live, change, project } = plan;
  const words = actionWords(change.kind);
  return {
    question: words.question(visible(live.slug), visible(project.name)),
    detail: [...(guarded ? [l10n.t('{0} counts as production.', visible(project.name))] : []), ...(change.kind === 'delete' ? deleteLines(plan) : jwtLines(plan, change.verifyJwt, configured))],
    action: words.button,
  };
}

function deleteLines({ live, liveBody }: ChangePlan): string[] {
  return [
    l10n.t('Version {0} answers no call any more; callers get 404.', live.version),
    liveBody ? l10n.t('Its files are kept on this machine: rolling back brings them back, under a new id and as version 1.') : l10n.t('Its files could not be read and are not kept: only the repository can bring it back.'),
    l10n.t('Its logs and numbers stay with the id that is deleted.'),
  ];
}

function jwtLines({ live }: ChangePlan, verifyJwt: boolean, configured: boolean | undefined): string[] {
  const slug = visible(live.slug);
  return [
    verifyJwt ? l10n.t('{0} will answer only calls with a valid JWT; webhooks that send none get 401.', slug) : l10n.t('{0} will answer WITHOUT a token: anybody can call it.', slug),
    l10n.t('Its files stay as they are.'),
    ...(configured === undefined || configured === verifyJwt ? [] : [l10n.t('config.toml says verify_jwt = {0}: the next deploy sets it back.', String(configured))]),
  ];
}

function tell({ ui, commands }: DeployFeatureNeeds, { live, change, liveBody }: ChangePlan, outcome: ChangeOutcome): void {
  const slug = visible(live.slug);
  const undo =
    change.kind === 'delete'
      ? { label: l10n.t('Bring Back'), run: async () => commands.run('functions.rollback', { slug: live.slug, version: live.version }) }
      : { label: l10n.t('Change Back'), run: async () => commands.run('functions.changeVerifyJwt', live.slug) };
  switch (outcome.kind) {
    case 'done':
      ui.tell(actionWords(change.kind).done(slug, outcome.live?.version ?? 0), ...(change.kind === 'delete' && !liveBody ? [] : [undo]));
      break;
    case 'stale':
      ui.warn(outcome.live ? l10n.t('{0} was changed by somebody else meanwhile; nothing was done. Here is the plan against what is live now.', slug) : l10n.t('{0} is gone already; nothing was done.', slug));
      break;
    case 'cancelled':
    case 'failed':
      ui.error(`${slug}: ${errorMessage(outcome.error).message} ${resultWords(outcome.result)}`, { label: l10n.t('Show Log'), run: async () => commands.run('showLog') });
      break;
    default:
      outcome satisfies never;
  }
}

function resultWords(result: 'deployed' | 'unchanged' | 'unknown'): string {
  return {
    deployed: l10n.t('It had gone through all the same.'),
    unchanged: l10n.t('Nothing was changed.'),
    unknown: l10n.t('What is the case now could not be looked up.'),
  }[result];
}
