import type { DeployOutcome } from '../../core/functions/deploy.ts';
import type { DeployPlan } from '../../core/functions/plan.ts';
import type { ProbeResult } from '../../core/functions/probe.ts';
import type { LiveState } from '../../core/functions/verify.ts';
import { errorMessage } from '../../host/errorMessage.ts';
import type { Action } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import type { DeployFeatureNeeds } from './needs.ts';
import { actionWords } from './words.ts';

/** The truthful end state, with the things that are wanted next. */
export function tell({ ui, commands }: DeployFeatureNeeds, plan: DeployPlan, outcome: DeployOutcome | undefined, { answers, explained }: { readonly answers: ProbeResult | undefined; readonly explained: boolean }): void {
  const slug = visible(plan.slug);
  const tailLogs: Action = { label: l10n.t('Tail Logs'), run: async () => commands.run('functions.tailLogs', { functions: [plan.slug], sinceMinutes: 1 }) };
  const showLog: Action = { label: l10n.t('Show Log'), run: async () => commands.run('showLog') };
  const rollBack: Action = { label: l10n.t('Roll Back'), run: async () => commands.run('functions.rollbackToBefore', plan.slug) };
  const resume: Action = { label: l10n.t('Resume'), run: async () => commands.run('functions.resume', plan.slug) };
  const tag: Action = { label: l10n.t('Tag…'), run: async () => commands.run('functions.tagDeploy', plan.slug) };
  const explain: Action = { label: l10n.t('Why…'), run: async () => commands.run('functions.addReason', plan.slug) };
  switch (outcome?.kind) {
    case 'deployed':
      if (answers && answers.kind !== 'answered') {
        ui.error(`${actionWords(plan.action).done(slug, outcome.version)} ${silenceWords(plan, answers)}`, ...(plan.live ? [rollBack] : []), tailLogs);
        break;
      }
      ui.tell(`${actionWords(plan.action).done(slug, outcome.version)}${answers ? ` ${l10n.t('It answers in {0} ms.', Math.round(answers.milliseconds))}` : ''}`, tailLogs, ...(plan.action === 'deploy' && plan.live ? [rollBack] : []), ...(plan.action === 'pause' ? [resume] : []), ...(hasCommit(plan) ? [tag] : []), ...(explained ? [] : [explain]));
      break;
    case 'cancelled':
      ui.warn(l10n.t('Cancelled. {0}: {1}', slug, stateText(outcome.state)), tailLogs);
      break;
    case 'failed':
      ui.error(`${slug}: ${errorMessage(outcome.error).message} ${stateText(outcome.state)}`, showLog, ...(outcome.state.kind === 'other' ? [rollBack] : []));
      break;
    case 'stale':
    case undefined:
      break;
    default:
      outcome satisfies never;
  }
}

function silenceWords({ probe }: DeployPlan, answers: Exclude<ProbeResult, { kind: 'answered' }>): string {
  return answers.kind === 'wrong'
    ? l10n.t('But its check answers {0} in place of {1}.', answers.status, probe?.status ?? 0)
    : l10n.t('But its check fails: {0}', errorMessage(answers.error).message);
}

/** What was deployed is a commit's, and nothing else. */
function hasCommit({ action, origin, uncommitted }: DeployPlan): boolean {
  return action === 'deploy' && (origin.kind === 'commit' || (origin.kind === 'workingTree' && origin.head !== undefined && uncommitted.length === 0));
}

export function stateText(state: LiveState): string {
  switch (state.kind) {
    case 'asMeant':
      return l10n.t('It had gone through all the same: version {0} is live.', state.version);
    case 'unchanged':
      return state.version === undefined ? l10n.t('Nothing was changed.') : l10n.t('Version {0} is still live, nothing was changed.', state.version);
    case 'other':
      return l10n.t('Version {0} is live and is not what was meant: {1}', state.version, visible(state.problem));
    case 'unseen':
      return l10n.t('What is live could not be looked up.');
    default:
      return state satisfies never;
  }
}
