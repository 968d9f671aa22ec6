import * as vscode from 'vscode';
import { OpsError } from '../../core/errors.ts';
import type { Deployment } from '../../core/functions/ledger.ts';
import { placeBody } from '../../core/functions/body.ts';
import { readBody, type LiveTools } from '../../core/functions/liveKnowledge.ts';
import { collectFunction } from '../../core/functions/source.ts';
import { CommitTree, workingTree } from '../../core/functions/sourceTree.ts';
import type { Clock, Commit } from '../../core/ports.ts';
import { need, type Connection } from '../../core/project/connection.ts';
import type { Session } from '../../core/project/session.ts';
import type { Documents } from '../../host/documents.ts';
import { nodeOf } from '../../host/row.ts';
import type { Choice, Ui } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import { isCommitNode, type FunctionNode } from './tree.ts';

export interface ChangesNeeds {
  readonly session: Session;
  readonly documents: Documents;
  readonly ui: Ui;
  readonly clock: Clock;
  /** Throws `untrusted`: reading the history runs git. */
  readonly tools: (connection: Connection, signal: AbortSignal) => Promise<LiveTools>;
}

/** What the live function is held against. */
type Against = { readonly kind: 'workingTree' } | { readonly kind: 'commit'; readonly commit: Pick<Commit, 'hash' | 'subject'>; readonly formerSlug?: string };

/** Live ⇄ working tree, HEAD or a commit: all files of the function in one editor. Nothing is changed by looking. */
export const showChanges =
  (needs: ChangesNeeds, functionOf: (argument: unknown) => Promise<FunctionNode>) =>
  async (argument?: unknown): Promise<void> => {
    const connection = needs.session.connection();
    const node = nodeOf(argument);
    const slug = isCommitNode(node) ? node.slug : (await functionOf(argument)).slug;
    const against = isCommitNode(node) ? { kind: 'commit' as const, commit: node.commit, ...(node.formerSlug === undefined ? {} : { formerSlug: node.formerSlug }) } : await chooseAgainst(needs, connection);
    const { title, files } = await needs.ui.progress(l10n.t('Comparing {0}', visible(slug)), async (signal) => compare(needs, connection, slug, against, signal));
    if (files.every(({ live, other }) => live === other)) {
      needs.ui.tell(l10n.t('{0}: nothing differs.', title));
      return;
    }
    const place = `${connection.project.ref}/${slug}`;
    const resources = files
      .filter(({ live, other }) => live !== other)
      .map(({ path, live, other, otherUri }): [vscode.Uri, vscode.Uri | undefined, vscode.Uri | undefined] => {
        const left = live === undefined ? undefined : needs.documents.hold(`${place}/live/${path}`, live);
        const right = other === undefined ? undefined : (otherUri ?? needs.documents.hold(`${place}/${against.kind === 'commit' ? against.commit.hash.slice(0, 7) : 'tree'}/${path}`, other));
        return [right ?? left ?? needs.documents.hold(`${place}/none/${path}`, ''), left, right];
      });
    await vscode.commands.executeCommand('vscode.changes', title, resources);
  };

async function chooseAgainst({ tools, ui }: ChangesNeeds, connection: Connection): Promise<Against> {
  const head = await ui.progress(l10n.t('Reading the history'), async (signal) => (await tools(connection, signal)).git?.head(signal));
  const choices: Choice<Against>[] = [
    { label: l10n.t('Live ⇄ working tree'), icon: 'files', description: l10n.t('with what is not committed'), value: { kind: 'workingTree' } },
    ...(head ? [{ label: l10n.t('Live ⇄ HEAD'), icon: 'git-commit', description: visible(`${head.hash.slice(0, 7)} ${head.subject}`), value: { kind: 'commit' as const, commit: head } }] : []),
  ];
  return ui.pick(l10n.t('Compare what is live with'), choices);
}

interface ComparedFile {
  readonly path: string;
  /** Absent: not live. */
  readonly live: string | undefined;
  /** Absent: not on the other side. */
  readonly other: string | undefined;
  /** A file that can be edited. */
  readonly otherUri?: vscode.Uri;
}

async function compare(needs: ChangesNeeds, connection: Connection, slug: string, against: Against, signal: AbortSignal): Promise<{ title: string; files: readonly ComparedFile[] }> {
  const management = need(connection.management, l10n.t('Reading what is live'));
  const { place, project } = connection;
  const tools = await needs.tools(connection, signal);
  const fn = (await management.functions(project.ref, { signal, priority: 'user' })).find((known) => known.slug === slug);
  if (!fn || !place) {
    throw new OpsError('notFound', { what: l10n.t('The deployed function {0}', visible(slug)) });
  }
  const body = await readBody(management, tools.bodies, project.ref, fn, signal);
  const source = await sourceOf(tools, slug, against, signal);
  const live = placeBody(body, slug, source.entrypoint).files;
  const text = (content: Uint8Array | undefined) => content && new TextDecoder().decode(content);
  const paths = [...new Set([...source.files.keys(), ...live.keys()])].sort();
  const root = vscode.Uri.parse(place.id, true);
  return {
    title: l10n.t('{0}: live v{1} ⇄ {2}', slug, fn.version, against.kind === 'workingTree' ? l10n.t('working tree') : against.commit.hash.slice(0, 7)),
    files: paths.map((path) => ({
      path,
      live: text(live.get(path)),
      other: text(source.files.get(path)?.content),
      ...(against.kind === 'workingTree' ? { otherUri: vscode.Uri.joinPath(root, path) } : {}),
    })),
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

/** The ledger of this project as a Markdown report, newest first; the same as CSV on request. */
export const showLedger =
  ({ session, tools, documents, ui }: ChangesNeeds) =>
  async (): Promise<void> => {
    const connection = session.connection();
    const { project } = connection;
    const deployments = await ui.progress(l10n.t('Reading the ledger'), async (signal) => (await tools(connection, signal)).ledger.deployments());
    const newest = deployments.filter(({ intent }) => intent.ref === project.ref).reverse();
    const format = await ui.pick(l10n.t('Deploys of {0} made from this machine: {1}', visible(project.name), newest.length), [
      { label: 'Markdown', icon: 'markdown', value: 'md' as const },
      { label: 'CSV', icon: 'table', value: 'csv' as const },
    ]);
    await documents.showReport(`Deploys of ${project.name}.${format}`, format === 'md' ? ledgerMarkdown(project.name, newest) : ledgerCsv(newest));
  };

const columns = ['time', 'function', 'action', 'from', 'version before', 'version after', 'result', 'who', 'reason'] as const;

function cells({ intent, conclusion }: Deployment): string[] {
  const { origin } = intent;
  return [
    new Date(intent.at).toISOString(),
    intent.slug,
    intent.action,
    'commit' in origin && origin.commit !== undefined ? origin.commit : origin.kind,
    String(intent.versionBefore ?? ''),
    String(conclusion?.versionAfter ?? ''),
    conclusion?.result ?? l10n.t('open'),
    intent.who,
    intent.reason ?? '',
  ];
}

function ledgerMarkdown(project: string, deployments: readonly Deployment[]): string {
  const escape = (text: string) => visible(text).replace(/[\\`*_{}[\]<>#|]/g, (mark) => `\\${mark}`);
  const row = (texts: readonly string[]) => `| ${texts.map(escape).join(' | ')} |`;
  return [`# ${l10n.t('Deploys of {0} from this machine', escape(project))}`, '', row(columns), row(columns.map(() => '---')), ...deployments.map((deployment) => row(cells(deployment))), ''].join('\n');
}

/** What a spreadsheet would take for a formula gets an apostrophe before it (SAFETY 18). */
function ledgerCsv(deployments: readonly Deployment[]): string {
  const cell = (text: string) => `"${(/^[=+\-@\t]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
  return [columns.map(cell), ...deployments.map((deployment) => cells(deployment).map(cell))].map((row) => row.join(',')).join('\r\n');
}
