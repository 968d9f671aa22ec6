import * as vscode from 'vscode';
import { OpsError } from '../../core/errors.ts';
import { functionCommits } from '../../core/functions/commits.ts';
import { applyDeploy, type DeployOutcome } from '../../core/functions/deploy.ts';
import type { DeployAction } from '../../core/functions/ledger.ts';
import type { DeployPlan } from '../../core/functions/plan.ts';
import { prepareDeploy, type DeployFrom } from '../../core/functions/prepare.ts';
import { reconcile } from '../../core/functions/reconcile.ts';
import type { LiveState } from '../../core/functions/verify.ts';
import { need, type Connection } from '../../core/project/connection.ts';
import { errorMessage } from '../../host/errorMessage.ts';
import { nodeOf } from '../../host/row.ts';
import type { Choice, Ui } from '../../host/ui.ts';
import { age } from '../../util/age.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import type { ApplyNeeds, DeployFeatureNeeds, DeployTools, PrepareNeeds } from './needs.ts';
import { planText } from './planText.ts';

/** What a row, the palette or a manual asks for. */
interface Wanted {
  readonly slugs: readonly string[] | '*';
  readonly noVerifyJwt: boolean;
  readonly intent: 'deploy' | 'restart';
}

/** Deploys that a window left behind when it died are looked at again, once a project is there to ask (SAFETY 21). */
export async function settleOpenDeploys(needs: DeployFeatureNeeds, connection: Connection): Promise<void> {
  if (connection.management.kind === 'absent' || !connection.place || !vscode.workspace.isTrusted) {
    return;
  }
  const management = connection.management.use;
  const signal = AbortSignal.timeout(60_000);
  try {
    const tools = await needs.tools(connection, signal);
    await tools.staging.sweep();
    for (const { intent, found } of await reconcile(connection.project.ref, { ...tools, management }, { signal, priority: 'check' })) {
      needs.log.warn('a deploy that was interrupted was looked up', { slug: intent.slug, result: found.result });
      needs.ui.warn(
        found.result === 'deployed'
          ? l10n.t('The interrupted deploy of {0} had gone through: version {1} is live.', visible(intent.slug), found.versionAfter ?? 0)
          : found.result === 'unchanged'
            ? l10n.t('The interrupted deploy of {0} had changed nothing.', visible(intent.slug))
            : l10n.t('What became of the interrupted deploy of {0} is not known: {1}', visible(intent.slug), found.because ?? ''),
      );
    }
  } catch (error) {
    needs.log.warn('interrupted deploys could not be looked up', { error: String(error) });
  }
}

/** Deploys what the argument names; what it leaves open is asked for. */
export async function deployWanted(needs: DeployFeatureNeeds, argument: unknown, several: boolean): Promise<void> {
  await deploy(needs, await wantedOf(needs, argument, several));
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
  const connection = needs.session.connection();
  const local = await needs.places.functions(connection.place, AbortSignal.timeout(30_000));
  if (local.length === 0) {
    throw new OpsError('notFound', { what: l10n.t('A function in supabase/functions of this folder') });
  }
  const choices: Choice<string>[] = local.map((name) => ({ label: visible(name), icon: 'symbol-function', value: name }));
  const slugs = several ? await needs.ui.pickMany(l10n.t('Deploy which functions?'), choices) : [await needs.ui.pick(l10n.t('Deploy which function?'), choices)];
  return { slugs, noVerifyJwt: false, intent: 'deploy' };
}

function slugOf(node: unknown): string | undefined {
  return typeof node === 'string' ? node : typeof node === 'object' && node !== null && 'slug' in node && typeof node.slug === 'string' ? node.slug : undefined;
}

async function deploy(needs: DeployFeatureNeeds, wanted: Wanted): Promise<void> {
  const connection = needs.session.connection();
  const slugs = wanted.slugs === '*' ? await needs.places.functions(connection.place, AbortSignal.timeout(30_000)) : wanted.slugs;
  const from = wanted.intent === 'restart' ? liveBody : workingTree;
  await planAndApply(needs, connection, slugs, 'deploy', from, wanted.noVerifyJwt);
}

type ChooseSource = (slug: string, context: DeployContext, signal: AbortSignal) => Promise<DeployFrom>;

const workingTree: ChooseSource = async () => ({ kind: 'workingTree' });

/** A restart sends exactly what is live, never unfinished work. */
const liveBody: ChooseSource = async (slug, { connection, tools, prepare }, signal) => {
  const live = (await prepare.management.functions(connection.project.ref, { signal, priority: 'user' })).find((fn) => fn.slug === slug);
  if (!live) {
    throw new OpsError('notFound', { what: l10n.t('The deployed function {0}', visible(slug)) });
  }
  const body = await prepare.management.functionBody(connection.project.ref, slug, { signal, priority: 'user' });
  await tools.bodies.put(connection.project.ref, slug, live.version, body);
  return { kind: 'recorded', version: live.version };
};

interface DeployContext {
  readonly connection: Connection;
  readonly tools: DeployTools;
  readonly prepare: PrepareNeeds;
  readonly apply: ApplyNeeds;
}

async function contextOf({ tools, clock, log }: DeployFeatureNeeds, connection: Connection, signal: AbortSignal): Promise<DeployContext> {
  const management = need(connection.management, l10n.t('Deploying functions'));
  if (!vscode.workspace.isTrusted) {
    throw new OpsError('untrusted', { what: l10n.t('Deploying functions') });
  }
  const made = await tools(connection, signal);
  return {
    connection,
    tools: made,
    prepare: { ...made, project: connection.project, management },
    apply: { ...made, management, clock, log, who: connection.account?.name ?? '' },
  };
}

/** Plan, show, apply; a plan that somebody's deploy has overtaken is made and shown again. */
async function planAndApply(needs: DeployFeatureNeeds, connection: Connection, slugs: readonly string[], action: DeployAction, choose: ChooseSource, noVerifyJwt = false): Promise<void> {
  const { ui, consent } = needs;
  const { context, plans } = await ui.progress(l10n.t('Preparing {0}', visible(slugs.join(', '))), async (signal) => {
    const made = await contextOf(needs, connection, signal);
    return { context: made, plans: await Promise.all(slugs.map(async (slug) => prepareDeploy(slug, action, await choose(slug, made, signal), made.prepare, signal))) };
  });
  const settled = noVerifyJwt ? await withoutJwt(ui, plans) : plans;
  await consent.ask(connection.project, planText(settled), 'deploys');
  const outcomes = await applyAll(needs, context, settled);
  needs.session.forget(connection, 'functions');
  const stale = settled.filter((plan) => outcomes.get(plan.slug)?.kind === 'stale').map((plan) => plan.slug);
  settled.forEach((plan) => tell(needs, plan, outcomes.get(plan.slug)));
  if (stale.length > 0) {
    ui.warn(l10n.t('{0} was deployed by somebody else meanwhile; nothing was sent. Here is the plan against what is live now.', visible(stale.join(', '))));
    await planAndApply(needs, connection, stale, action, choose, noVerifyJwt);
  }
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

/** Several at once, each by itself: one that fails keeps no other from going through. */
async function applyAll({ ui, log }: DeployFeatureNeeds, { apply }: DeployContext, plans: readonly DeployPlan[]): Promise<ReadonlyMap<string, DeployOutcome>> {
  const outcomes = new Map<string, DeployOutcome>();
  const title = plans.length === 1 ? plans.map((plan) => plan.slug).join() : l10n.t('{0} functions', plans.length);
  await ui.progress(plans[0]?.action === 'rollback' ? l10n.t('Rolling {0} back', visible(title)) : l10n.t('Deploying {0}', visible(title)), async (signal, report) => {
    const waiting = [...plans];
    const worker = async (): Promise<void> => {
      for (let plan = waiting.shift(); plan; plan = waiting.shift()) {
        const { slug } = plan;
        const outcome = await applyDeploy(
          plan,
          apply,
          (event) => {
            if (event.kind === 'output') {
              log.info(`${slug}: ${event.line}`);
            } else {
              report(`${visible(slug)}: ${stepWord(event.step)}`);
            }
          },
          signal,
        ).catch((error: unknown): DeployOutcome => ({ kind: 'failed', error, state: { kind: 'unchanged', problem: 'nothing was sent' } }));
        outcomes.set(slug, outcome);
      }
    };
    await Promise.all([worker(), worker()]);
  });
  return outcomes;
}

function stepWord(step: 'checking' | 'staging' | 'sending' | 'verifying'): string {
  return { checking: l10n.t('checking what is live'), staging: l10n.t('laying the files out'), sending: l10n.t('sending'), verifying: l10n.t('verifying') }[step];
}

/** The truthful end state, with the two things wanted next. */
function tell({ ui, commands }: DeployFeatureNeeds, plan: DeployPlan, outcome: DeployOutcome | undefined): void {
  const slug = visible(plan.slug);
  const tailLogs = { label: l10n.t('Tail Logs'), run: async () => commands.run('functions.tailLogs', { functions: [plan.slug], sinceMinutes: 1 }) };
  const rollBack = { label: l10n.t('Roll Back'), run: async () => commands.run('functions.rollback', plan.slug) };
  switch (outcome?.kind) {
    case 'deployed':
      ui.tell(plan.action === 'rollback' ? l10n.t('{0} is rolled back: version {1} is live and verified.', slug, outcome.version) : l10n.t('{0} is deployed: version {1} is live and verified.', slug, outcome.version), tailLogs, ...(plan.action === 'deploy' && plan.live ? [rollBack] : []));
      break;
    case 'cancelled':
      ui.warn(l10n.t('Cancelled. {0}: {1}', slug, stateText(outcome.state)), tailLogs);
      break;
    case 'failed':
      ui.error(`${slug}: ${errorMessage(outcome.error).message} ${stateText(outcome.state)}`, { label: l10n.t('Show Log'), run: async () => commands.run('showLog') }, ...(outcome.state.kind === 'other' ? [rollBack] : []));
      break;
    case 'stale':
    case undefined:
      break;
    default:
      outcome satisfies never;
  }
}

function stateText(state: LiveState): string {
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

/** A commit that changed what would be deployed, or a body that was live before; then the one way that every deploy takes. */
export async function rollBack(needs: DeployFeatureNeeds, argument: unknown): Promise<void> {
  const connection = needs.session.connection();
  const node = nodeOf(argument);
  const slug = slugOf(node) ?? (await pickDeployed(needs, connection));
  const named = typeof node === 'object' && node !== null && 'commit' in node && typeof node.commit === 'string' ? node.commit : undefined;
  const from = named === undefined ? await pickSource(needs, connection, slug) : await sourceNamed(needs, connection, named);
  await planAndApply(needs, connection, [slug], 'rollback', async () => from);
}

async function sourceNamed(needs: DeployFeatureNeeds, connection: Connection, name: string): Promise<DeployFrom> {
  return needs.ui.progress(l10n.t('Looking up {0}', visible(name)), async (signal) => {
    const { tools } = await contextOf(needs, connection, signal);
    if (!tools.git) {
      throw new OpsError('absent', { what: l10n.t('Rolling back to a commit'), reason: 'noGitHistory' });
    }
    return { kind: 'commit', commit: await tools.git.commit(name, signal) };
  });
}

async function pickDeployed({ ui }: DeployFeatureNeeds, connection: Connection): Promise<string> {
  const list = connection.data.functions({ signal: AbortSignal.timeout(30_000), priority: 'user' });
  return ui.pick(
    l10n.t('Roll back which function?'),
    list.then((all) => all.map((fn) => ({ label: visible(fn.slug), description: `v${fn.version}`, icon: 'symbol-function', value: fn.slug }))),
  );
}

async function pickSource(needs: DeployFeatureNeeds, connection: Connection, slug: string): Promise<DeployFrom> {
  const { ui, clock } = needs;
  const choices = await ui.progress(l10n.t('Reading the history of {0}', visible(slug)), async (signal): Promise<Choice<DeployFrom>[]> => {
    const { tools, prepare } = await contextOf(needs, connection, signal);
    const [commits, versions, functions] = await Promise.all([
      tools.git ? functionCommits(slug, { git: tools.git, toml: tools.toml }, signal) : [],
      tools.bodies.versions(connection.project.ref, slug),
      prepare.management.functions(connection.project.ref, { signal, priority: 'user' }),
    ]);
    const live = functions.find((fn) => fn.slug === slug);
    return [
      ...versions
        .filter((version) => version !== live?.version)
        .map((version): Choice<DeployFrom> => ({ label: l10n.t('Version {0}', version), icon: 'versions', description: l10n.t('as it was live, kept on this machine'), group: l10n.t('Bodies that were live'), value: { kind: 'recorded', version } })),
      ...commits.map(({ commit, formerSlug }): Choice<DeployFrom> => ({
        label: visible(commit.subject),
        icon: 'git-commit',
        description: [commit.hash.slice(0, 7), ...commit.refs].map(visible).join(' '),
        detail: `${visible(commit.author)} · ${l10n.t('{0} ago', age(commit.time, clock.now()))} · ${new Date(commit.time).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
        group: l10n.t('Commits that changed {0}', visible(slug)),
        value: { kind: 'commit', commit, ...(formerSlug === undefined ? {} : { formerSlug }) },
      })),
    ];
  });
  if (choices.length === 0) {
    throw new OpsError('notFound', { what: l10n.t('A commit or kept version of {0}', visible(slug)) });
  }
  return ui.pick(l10n.t('Roll {0} back to', visible(slug)), choices, l10n.t('Your files are not touched'));
}
