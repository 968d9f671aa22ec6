import { OpsError } from '../../core/errors.ts';
import type { Deployment } from '../../core/functions/ledger.ts';
import { lastVerifyJwt, replacedAt } from '../../core/functions/ownDeploys.ts';
import { markedCommits, type MarkedCommit } from '../../core/functions/past.ts';
import { bodyOf, type DeployFrom } from '../../core/functions/prepare.ts';
import { fromMarked, versionBefore } from '../../core/functions/versionBefore.ts';
import type { Connection } from '../../core/project/connection.ts';
import { nodeOf } from '../../host/row.ts';
import type { Choice } from '../../host/ui.ts';
import { age } from '../../util/age.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import { planAndApply } from './apply.ts';
import { contextOf, deployedFunction, pickDeployed, slugOf, type DeployContext } from './context.ts';
import { fromDeployment } from './fromLedger.ts';
import type { DeployFeatureNeeds } from './needs.ts';

/** A commit that changed what would be deployed, or a body that was live before; then the one way that every deploy takes. */
export async function rollBack(needs: DeployFeatureNeeds, argument: unknown): Promise<void> {
  const connection = needs.session.connection();
  const node = nodeOf(argument);
  const slug = slugOf(node) ?? (await pickDeployed(needs, connection, l10n.t('Roll back which function?')));
  const from = (await sourceNamed(needs, connection, node)) ?? (await pickSource(needs, connection, slug));
  await planAndApply(needs, connection, { slugs: [slug], action: 'rollback', from: async () => from });
}

/** One click and one modal: to what was live before. Where nobody can tell what that was, it is picked. */
export async function rollBackToBefore(needs: DeployFeatureNeeds, argument: unknown): Promise<void> {
  const connection = needs.session.connection();
  const slug = slugOf(nodeOf(argument)) ?? (await pickDeployed(needs, connection, l10n.t('Roll back which function?')));
  const before = await needs.ui.progress(l10n.t('Looking up what {0} was before', visible(slug)), async (signal) => {
    const context = await contextOf(needs, connection, signal);
    const live = await deployedFunction(slug, context, signal);
    const { bodies, ledger } = context.tools;
    const [deployments, body] = await Promise.all([ledger.deployments(), bodyOf(live, context.prepare, signal)]);
    return versionBefore(connection.project.ref, live, { bodies, deployments, ...(body ? { body } : {}), commits: async () => commitsOf(slug, context, signal) });
  });
  const from = before ?? (await pickSource(needs, connection, slug));
  await planAndApply(needs, connection, { slugs: [slug], action: 'rollback', from: async () => from });
}

/** What a row holds, a manual names by hash, branch or tag, or an undo by version. */
async function sourceNamed(needs: DeployFeatureNeeds, connection: Connection, node: unknown): Promise<DeployFrom | undefined> {
  if (isVersionOfFunction(node)) {
    const deployments = await needs.ui.progress(l10n.t('Reading the ledger'), async (signal) => (await needs.tools(connection, signal)).ledger.deployments());
    return recorded(node.version, lastVerifyJwt(node.slug, deployments));
  }
  if (isOwnDeploy(node)) {
    return needs.ui.progress(l10n.t('Looking up what was live'), async (signal) => fromDeployment(node.deployment, await contextOf(needs, connection, signal), signal));
  }
  const named = typeof node === 'object' && node !== null && 'deploy' in node ? node.deploy : node;
  return commitNamed(needs, connection, named);
}

/** Of a row, of a colleague’s note, or of a manual. */
async function commitNamed(needs: DeployFeatureNeeds, connection: Connection, node: unknown): Promise<DeployFrom | undefined> {
  if (typeof node !== 'object' || node === null || !('commit' in node)) {
    return undefined;
  }
  const { commit } = node;
  const name = typeof commit === 'object' && commit !== null && 'hash' in commit ? commit.hash : commit;
  if (typeof name !== 'string') {
    return undefined;
  }
  const formerSlug = 'formerSlug' in node && typeof node.formerSlug === 'string' ? { formerSlug: node.formerSlug } : {};
  return needs.ui.progress(l10n.t('Looking up {0}', visible(name)), async (signal) => {
    const { tools } = await contextOf(needs, connection, signal);
    if (!tools.git) {
      throw new OpsError('absent', { what: l10n.t('Rolling back to a commit'), reason: 'noGitHistory' });
    }
    return { kind: 'commit', commit: await tools.git.commit(name, signal), ...formerSlug };
  });
}

/** A row of the ledger. */
function isOwnDeploy(node: unknown): node is { readonly deployment: Deployment } {
  return typeof node === 'object' && node !== null && 'deployment' in node && typeof node.deployment === 'object' && node.deployment !== null && 'intent' in node.deployment;
}

/** A version of a function that was deleted. */
function isVersionOfFunction(node: unknown): node is { readonly slug: string; readonly version: number } {
  return typeof node === 'object' && node !== null && 'slug' in node && typeof node.slug === 'string' && 'version' in node && typeof node.version === 'number';
}

async function commitsOf(slug: string, { connection, tools, prepare }: DeployContext, signal: AbortSignal, leftOut: (commits: number) => void = () => {}): Promise<readonly MarkedCommit[]> {
  const { git } = tools;
  if (!git) {
    return [];
  }
  const [functions, deployments] = await Promise.all([prepare.management.functions(connection.project.ref, { signal, priority: 'user' }), tools.ledger.deployments()]);
  const live = functions.find((fn) => fn.slug === slug);
  return markedCommits(connection.project.ref, slug, live, { ...tools, git, management: prepare.management, deployments, leftOut }, signal);
}

async function pickSource(needs: DeployFeatureNeeds, connection: Connection, slug: string): Promise<DeployFrom> {
  const { ui, clock } = needs;
  let partial = 0;
  const choices = await ui.progress(l10n.t('Reading the history of {0}', visible(slug)), async (signal) => {
    const context = await contextOf(needs, connection, signal);
    // Told while the list is read; whoever needs it later says what is wrong.
    void context.tools.cli.version(new AbortController().signal).catch(() => undefined);
    const [commits, recorded] = await Promise.all([commitsOf(slug, context, signal, (commits) => (partial = commits)), recordedChoices(slug, context, clock.now(), signal)]);
    if (recorded.length === 0 && !context.tools.git) {
      throw new OpsError('absent', { what: l10n.t('Rolling {0} back to a commit', visible(slug)), reason: 'noGitHistory' });
    }
    return [...recorded, ...commits.map((commit) => commitChoice(slug, commit, clock.now()))];
  });
  if (choices.length === 0) {
    throw new OpsError('notFound', { what: partial === 0 ? l10n.t('A commit or kept version of {0}', visible(slug)) : l10n.t('A kept version of {0}, or a commit of it that this partial clone holds whole,', visible(slug)) });
  }
  return ui.pick(l10n.t('Roll {0} back to', visible(slug)), choices, partial === 0 ? l10n.t('Your files are not touched') : l10n.t('Your files are not touched; {0} commits are left out, whose files this partial clone does not hold', partial));
}

async function recordedChoices(slug: string, { connection, tools, prepare }: DeployContext, now: number, signal: AbortSignal): Promise<Choice<DeployFrom>[]> {
  const { ref } = connection.project;
  const [versions, functions, deployments] = await Promise.all([tools.bodies.versions(ref, slug), prepare.management.functions(ref, { signal, priority: 'user' }), tools.ledger.deployments()]);
  const live = functions.find((fn) => fn.slug === slug);
  const pauses = new Set(deployments.flatMap(({ intent, conclusion }) => (intent.slug === slug && intent.action === 'pause' ? [conclusion?.versionAfter] : [])));
  return versions
    .filter((version) => version !== live?.version && !pauses.has(version))
    .map((version) => {
      const until = replacedAt(slug, version, deployments);
      return {
        label: l10n.t('Version {0}', version),
        icon: 'versions',
        description: until === undefined ? l10n.t('as it was live, kept on this machine') : l10n.t('was live until {0} ago, kept on this machine', age(until, now)),
        group: l10n.t('Bodies that were live'),
        value: recorded(version, live ? undefined : lastVerifyJwt(slug, deployments)),
      };
    });
}

function recorded(version: number, verifyJwt: boolean | undefined): DeployFrom {
  return { kind: 'recorded', version, ...(verifyJwt === undefined ? {} : { verifyJwt }) };
}

function commitChoice(slug: string, marked: MarkedCommit, now: number): Choice<DeployFrom> {
  const { commit, isLive, liveUntil } = marked;
  const marks = isLive ? [l10n.t('live')] : liveUntil === undefined ? [] : [l10n.t('was live until {0} ago', age(liveUntil, now))];
  return {
    label: visible(commit.subject),
    icon: isLive ? 'pass' : 'git-commit',
    description: [...marks, commit.hash.slice(0, 7), ...commit.refs].map(visible).join(' · '),
    detail: `${visible(commit.author)} · ${l10n.t('{0} ago', age(commit.time, now))} · ${new Date(commit.time).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    group: l10n.t('Commits that changed {0}', visible(slug)),
    value: fromMarked(marked),
  };
}
