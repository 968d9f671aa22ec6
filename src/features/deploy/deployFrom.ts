import { OpsError } from '../../core/errors.ts';
import type { DeployFrom } from '../../core/functions/prepare.ts';
import type { Commit, GitHistory } from '../../core/ports.ts';
import type { Connection } from '../../core/project/connection.ts';
import { nodeOf } from '../../host/row.ts';
import type { Choice } from '../../host/ui.ts';
import { age } from '../../util/age.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import { planAndApply } from './apply.ts';
import { contextOf, slugOf } from './context.ts';
import type { DeployFeatureNeeds } from './needs.ts';

/** Deploys a function from any commit, branch or tag: HEAD instead of a dirty tree, a release, a colleague's branch. */
export async function deployFrom(needs: DeployFeatureNeeds, argument: unknown): Promise<void> {
  const connection = needs.session.connection();
  const slug = slugOf(nodeOf(argument)) ?? (await pickAny(needs, connection));
  const from = await pickCommit(needs, connection);
  await planAndApply(needs, connection, { slugs: [slug], action: 'deploy', from: async () => from });
}

/** Deployed or local: a branch may hold what neither has, so a name may be typed too. */
async function pickAny({ ui, places }: DeployFeatureNeeds, connection: Connection): Promise<string> {
  const signal = AbortSignal.timeout(30_000);
  const [local, deployed] = await Promise.all([places.functions(connection.place, signal), connection.data.functions({ signal, priority: 'user' })]);
  const known = [...new Set([...local, ...deployed.map((fn) => fn.slug)])].sort();
  const typed = Symbol('typed');
  const chosen = await ui.pick<string | typeof typed>(l10n.t('Deploy which function?'), [
    ...known.map((slug) => ({ label: visible(slug), icon: 'symbol-function', value: slug })),
    { label: l10n.t('Another Name…'), icon: 'edit', description: l10n.t('a function that only the commit has'), value: typed },
  ]);
  return chosen === typed ? ui.ask({ title: l10n.t('Deploy Function'), prompt: l10n.t('Name of the function'), placeholder: 'mint-token' }) : chosen;
}

/** How many names are offered; any other can be typed. */
const mostNames = 200;

async function pickCommit({ ui, clock, ...needs }: DeployFeatureNeeds, connection: Connection): Promise<DeployFrom> {
  const { git, head, named } = await ui.progress(l10n.t('Reading branches and tags'), async (signal) => {
    const { tools } = await contextOf({ ui, clock, ...needs }, connection, signal);
    const history = historyOf(tools.git);
    const [current, names] = await Promise.all([history.head(signal), history.namedCommits(mostNames, signal)]);
    return { git: history, head: current, named: names };
  });
  const typed = Symbol('typed');
  const chosen = await ui.pick<Commit | typeof typed>(l10n.t('Deploy from'), [
    ...(head ? [{ ...commitChoice(head, clock.now()), label: l10n.t('HEAD') }] : []),
    ...named.map((commit) => ({ ...commitChoice(commit, clock.now()), label: commit.refs.map(visible).join(', ') || commit.hash.slice(0, 7), icon: 'git-branch', group: l10n.t('Branches and tags') })),
    { label: l10n.t('Another Commit…'), icon: 'edit', description: l10n.t('a hash, branch or tag'), value: typed },
  ]);
  if (chosen !== typed) {
    return { kind: 'commit', commit: chosen };
  }
  const name = await ui.ask({ title: l10n.t('Deploy from'), prompt: l10n.t('A hash, branch or tag'), placeholder: 'v1.4.0' });
  return { kind: 'commit', commit: await ui.progress(l10n.t('Looking up {0}', visible(name)), async (signal) => git.commit(name.trim(), signal)) };
}

function historyOf(git: GitHistory | undefined): GitHistory {
  if (!git) {
    throw new OpsError('absent', { what: l10n.t('Deploying a commit'), reason: 'noGitHistory' });
  }
  return git;
}

function commitChoice(commit: Commit, now: number): Choice<Commit> {
  return {
    label: visible(commit.subject),
    icon: 'git-commit',
    description: visible(`${commit.hash.slice(0, 7)} ${commit.subject}`),
    detail: `${visible(commit.author)} · ${l10n.t('{0} ago', age(commit.time, now))}`,
    value: commit,
  };
}
