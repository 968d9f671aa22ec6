import { sinceLive, type SinceLive } from '../../core/functions/changed.ts';
import { differsFrom } from '../../core/functions/prepare.ts';
import { collectFunction } from '../../core/functions/source.ts';
import { CommitTree, workingTree } from '../../core/functions/sourceTree.ts';
import type { Commit } from '../../core/ports.ts';
import type { Connection } from '../../core/project/connection.ts';
import { errorMessage } from '../../host/errorMessage.ts';
import type { Choice } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import { fromWorkingTree, planAndApply, type ChooseSource } from './apply.ts';
import { contextOf, localChoices } from './context.ts';
import type { DeployFeatureNeeds, DeployTools } from './needs.ts';

/** Deploys those functions whose sources differ from what is live; which ones, and from where when something is not committed, is asked. */
export async function deployChanged(needs: DeployFeatureNeeds): Promise<void> {
  const connection = needs.session.connection();
  const slugs = (await localChoices(needs, connection)).map(({ value }) => value);
  const compared = await needs.ui.progress(l10n.t('Comparing {0} functions with what is live', slugs.length), async (signal) => {
    const { tools, prepare } = await contextOf(needs, connection, signal);
    return sinceLive(connection.project.ref, slugs, workingTree(tools.files), { ...tools, management: prepare.management }, signal);
  });
  const differing = compared.filter(({ kind }) => kind !== 'same');
  if (differing.length === 0) {
    needs.ui.tell(l10n.t('All {0} functions of this folder are live as they are here.', slugs.length));
    return;
  }
  const chosen = await needs.ui.pickMany(l10n.t('Deploy what differs from what is live on {0}', visible(connection.project.name)), differing.map(toChoice));
  await planAndApply(needs, connection, { slugs: chosen, action: 'deploy', from: await chooseSource(needs, connection, chosen) });
}

function toChoice(state: SinceLive): Choice<string> & { readonly picked: boolean } {
  return { label: visible(state.slug), icon: 'symbol-function', description: stateWords(state), value: state.slug, picked: state.kind === 'changed' };
}

function stateWords(state: SinceLive): string {
  switch (state.kind) {
    case 'same':
      return l10n.t('as it is live');
    case 'changed': {
      const [first, ...others] = state.paths.map((path) => visible(path.replace(/^supabase\/functions\//, '')));
      const files = first === undefined ? [] : [others.length === 0 ? first : l10n.t('{0} and {1} more', first, others.length)];
      return [...files, ...(state.settings ? ['verify_jwt'] : [])].join(', ');
    }
    case 'new':
      return l10n.t('not deployed yet');
    case 'unknown':
      return errorMessage(state.error).message;
    default:
      return state satisfies never;
  }
}

/** HEAD is offered where the working tree has more than it. */
async function chooseSource(needs: DeployFeatureNeeds, connection: Connection, slugs: readonly string[]): Promise<ChooseSource> {
  const { head, uncommitted } = await needs.ui.progress(l10n.t('Looking for what is not committed'), async (signal) => {
    const { tools } = await contextOf(needs, connection, signal);
    const at = await tools.git?.head(signal);
    return { head: at, uncommitted: tools.git && at ? await uncommittedFiles(slugs, new CommitTree(tools.git, at.hash), tools, signal) : [] };
  });
  return head && uncommitted.length > 0 ? headOrTree(needs, head, uncommitted) : fromWorkingTree;
}

async function uncommittedFiles(slugs: readonly string[], head: CommitTree, tools: DeployTools, signal: AbortSignal): Promise<readonly string[]> {
  const differing = await Promise.all(slugs.map(async (slug) => differsFrom(head, await collectFunction(slug, workingTree(tools.files), { toml: tools.toml }, signal), signal)));
  return [...new Set(differing.flat())];
}

async function headOrTree({ ui }: DeployFeatureNeeds, head: Commit, uncommitted: readonly string[]): Promise<ChooseSource> {
  return ui.pick<ChooseSource>(l10n.t('{0} files of these functions are not committed. Deploy which?', uncommitted.length), [
    { label: l10n.t('HEAD'), icon: 'git-commit', description: visible(`${head.hash.slice(0, 7)} ${head.subject}`), value: async () => ({ kind: 'commit', commit: head }) },
    { label: l10n.t('Working tree'), icon: 'files', description: l10n.t('with {0}', uncommitted.map((path) => visible(path.replace(/^supabase\/functions\//, ''))).join(', ')), value: fromWorkingTree },
  ]);
}
