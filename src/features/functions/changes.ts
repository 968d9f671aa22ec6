import { OpsError } from '../../core/errors.ts';
import { placeBody } from '../../core/functions/body.ts';
import type { EdgeFunction } from '../../core/functions/edgeFunction.ts';
import type { LiveTools } from '../../core/functions/liveKnowledge.ts';
import { readBody } from '../../core/functions/readBody.ts';
import type { MarkedCommit } from '../../core/functions/past.ts';
import { collectFunction } from '../../core/functions/source.ts';
import { CommitTree, workingTree } from '../../core/functions/sourceTree.ts';
import type { Clock, Commit } from '../../core/ports.ts';
import { need, type Connection } from '../../core/project/connection.ts';
import type { Place } from '../../core/project/project.ts';
import type { Session } from '../../core/project/session.ts';
import type { ComparedFile, PlaceEditors } from '../../host/placeEditors.ts';
import { nodeOf } from '../../host/row.ts';
import type { Choice, Ui } from '../../host/ui.ts';
import { age } from '../../util/age.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import { isCommitNode, type FunctionNode } from './nodes.ts';

export interface ChangesNeeds {
  readonly session: Pick<Session, 'connection'>;
  readonly editors: PlaceEditors;
  readonly ui: Ui;
  readonly clock: Clock;
  /** Throws `untrusted`: reading the history runs git. */
  readonly tools: (connection: Connection, signal: AbortSignal) => Promise<LiveTools>;
  /** Commits that changed a function, newest first; `undefined` without a history or trust. */
  readonly commits: (connection: Connection, slug: string, deployed: EdgeFunction | undefined, signal: AbortSignal) => Promise<readonly MarkedCommit[] | undefined>;
}

/** What the live function is held against. */
type Against = { readonly kind: 'workingTree' } | { readonly kind: 'commit'; readonly commit: Pick<Commit, 'hash' | 'subject'>; readonly formerSlug?: string };

/** Live ⇄ working tree, HEAD or any commit: all files of the function in one editor. Nothing is changed by looking. */
export const showChanges =
  (needs: ChangesNeeds, functionOf: (argument: unknown) => Promise<Pick<FunctionNode, 'slug' | 'deployed'>>) =>
  async (argument?: unknown): Promise<void> => {
    const connection = needs.session.connection();
    const node = nodeOf(argument);
    const fn: Pick<FunctionNode, 'slug' | 'deployed'> = isCommitNode(node) ? node : await functionOf(argument);
    const against = isCommitNode(node) ? toAgainst(node) : await chooseAgainst(needs, connection, fn);
    const compared = await needs.ui.progress(l10n.t('Comparing {0}', visible(fn.slug)), async (signal) => compare(needs, connection, fn.slug, against, signal));
    if (!(await needs.editors.compare(compared.place, `${connection.project.ref}/${fn.slug}/${against.kind === 'commit' ? against.commit.hash.slice(0, 7) : 'tree'}`, compared.title, compared.files))) {
      needs.ui.tell(l10n.t('{0}: nothing differs.', compared.title));
    }
  };

function toAgainst({ commit, formerSlug }: { readonly commit: Pick<Commit, 'hash' | 'subject'>; readonly formerSlug?: string }): Against {
  return { kind: 'commit', commit, ...(formerSlug === undefined ? {} : { formerSlug }) };
}

async function chooseAgainst({ tools, ui, commits, clock }: ChangesNeeds, connection: Connection, fn: Pick<FunctionNode, 'slug' | 'deployed'>): Promise<Against> {
  const { head, found } = await ui.progress(l10n.t('Reading the history'), async (signal) => {
    const [current, all] = await Promise.all([tools(connection, signal).then(async ({ git }) => git?.head(signal)), commits(connection, fn.slug, fn.deployed, signal)]);
    return { head: current, found: all ?? [] };
  });
  const choices: Choice<Against>[] = [
    { label: l10n.t('Live ⇄ working tree'), icon: 'files', description: l10n.t('with what is not committed'), value: { kind: 'workingTree' } },
    ...(head ? [{ label: l10n.t('Live ⇄ HEAD'), icon: 'git-commit', description: visible(`${head.hash.slice(0, 7)} ${head.subject}`), value: toAgainst({ commit: head }) }] : []),
    ...found.map((one): Choice<Against> => ({
      label: visible(one.commit.subject),
      icon: 'git-commit',
      description: [...(one.isLive ? [l10n.t('live')] : one.liveUntil === undefined ? [] : [l10n.t('was live until {0} ago', age(one.liveUntil, clock.now()))]), one.commit.hash.slice(0, 7), ...one.commit.refs].map(visible).join(' · '),
      detail: `${visible(one.commit.author)} · ${l10n.t('{0} ago', age(one.commit.time, clock.now()))}`,
      group: l10n.t('Commits that changed {0}', visible(fn.slug)),
      value: toAgainst(one),
    })),
  ];
  return ui.pick(l10n.t('Compare what is live with'), choices);
}

async function compare(needs: ChangesNeeds, connection: Connection, slug: string, against: Against, signal: AbortSignal): Promise<{ place: Place; title: string; files: readonly ComparedFile[] }> {
  const management = need(connection.management, l10n.t('Reading what is live'));
  const { place, project } = connection;
  const tools = await needs.tools(connection, signal);
  const fn = (await management.functions(project.ref, { signal, priority: 'user' })).find((known) => known.slug === slug);
  if (!fn || !place) {
    throw new OpsError('notFound', { what: l10n.t('The deployed function {0}', visible(slug)) });
  }
  const body = await readBody(management, tools.bodies, project.ref, fn, { signal, priority: 'user' });
  const source = await sourceOf(tools, slug, against, signal);
  const live = placeBody(body, slug, source.entrypoint).files;
  const text = (content: Uint8Array | undefined) => content && new TextDecoder().decode(content);
  return {
    place,
    title: l10n.t('{0}: live v{1} ⇄ {2}', slug, fn.version, against.kind === 'workingTree' ? l10n.t('working tree') : against.commit.hash.slice(0, 7)),
    files: [...new Set([...source.files.keys(), ...live.keys()])]
      .sort()
      .map((path) => ({ path, left: text(live.get(path)), right: text(source.files.get(path)?.content), isLocal: against.kind === 'workingTree' })),
  };
}

async function sourceOf({ git, files, toml }: LiveTools, slug: string, against: Against, signal: AbortSignal) {
  if (against.kind === 'workingTree') {
    return collectFunction(slug, workingTree(files), { toml }, signal);
  }
  if (!git) {
    throw new OpsError('absent', { what: l10n.t('Comparing with a commit'), reason: 'noGitHistory' });
  }
  const at = against.commit.hash.slice(0, 7);
  return collectFunction(slug, new CommitTree(git, against.commit.hash), { toml, at, ...(against.formerSlug === undefined ? {} : { formerSlug: against.formerSlug }) }, signal);
}
