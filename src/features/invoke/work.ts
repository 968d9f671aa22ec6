import * as vscode from 'vscode';
import { OpsError } from '../../core/errors.ts';
import { RequestCredentials, roleCredentials } from '../../core/http/credentials.ts';
import { RequestHistory } from '../../core/http/history.ts';
import { parseRequests, requestAt } from '../../core/http/requestDocument.ts';
import { functionOfFile } from '../../core/http/savedRequests.ts';
import { slugOf } from '../../core/http/prepare.ts';
import { secretName } from '../../core/http/signature.ts';
import { need, type Connection } from '../../core/project/connection.ts';
import { nodeOf } from '../../host/row.ts';
import type { Choice } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import { Answers } from './answers.ts';
import { draftUri, type Drafts } from './drafts.ts';
import { isRequestDocument, type RequestPlace } from './documents.ts';
import type { InvokeNeeds } from './needs.ts';
import { curlOf, draftText, lastRequest, pickSent, pickSignature, sentAgain } from './requests.ts';
import { refuseFaults, sendRequest, type Exchange, type RequestToSend, type SendNeeds } from './send.ts';
import { createSendingConsent } from './sendingConsent.ts';

/** What the commands do; loaded with the first of them. */
export function createWork(needs: InvokeNeeds & { readonly drafts: Drafts }) {
  const { storage, secrets, clock, documents, settings } = needs;
  const history = new RequestHistory(storage);
  const credentials = new RequestCredentials({ secrets, storage });
  const answers = new Answers({ documents, clock, mask: () => settings.current['opsbook.logs.maskSecrets'] });
  const sending: SendNeeds = { ...needs, consent: createSendingConsent(needs), credentials, history };
  const send = async (toSend: RequestToSend) => {
    const exchange = await sendRequest(sending, toSend);
    offerToForget(needs, credentials, exchange, toSend);
    await answers.show(exchange);
  };
  return {
    invoke: async (argument?: unknown) => openEditor(needs, history, argument),
    send: async (argument?: unknown) => send(requestIn((await editorOf(argument)).document, argument)),
    replay: async () => send(sentAgain(await pickSent(needs, history.entries, needs.session.connection().project.ref))),
    copyCurl: async (argument?: unknown) => {
      const { origin } = need(needs.session.connection().gateway, l10n.t('The address of a function'));
      await needs.ui.copy(await curlOf({ ...needs, lastValue: (name) => history.lastValue(name) }, requestIn((await editorOf(argument)).document, argument), origin));
      needs.ui.tell(l10n.t('Copied as curl; credentials are environment variables.'));
    },
    sign: async (argument?: unknown) => addSignature(needs, await editorOf(argument), argument),
    save: async (argument?: unknown) => saveRequests(needs, await editorOf(argument)),
    readCallLog: async (argument?: unknown) => answers.readAgain(typeof argument === 'string' ? argument : undefined),
    forgetCredentials: async () => forgetCredentials(needs, credentials),
    dispose: () => answers.dispose(),
  };
}

/** The editor of a request: where the lens stands, else the active one. Throws `notFound` when that holds no requests. */
async function editorOf(argument: unknown): Promise<vscode.TextEditor> {
  if (isPlace(argument)) {
    const open = vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === argument.uri);
    return open ?? vscode.window.showTextDocument(await vscode.workspace.openTextDocument(vscode.Uri.parse(argument.uri, true)));
  }
  const active = vscode.window.activeTextEditor;
  if (!active || !(isRequestDocument(active.document) || active.document.uri.path.endsWith('.http'))) {
    throw new OpsError('notFound', { what: l10n.t('A request in the active editor') });
  }
  return active;
}

function isPlace(value: unknown): value is RequestPlace {
  return typeof value === 'object' && value !== null && 'uri' in value && typeof value.uri === 'string' && 'offset' in value && typeof value.offset === 'number';
}

/** The request at the lens, else at the cursor. */
function requestIn(document: vscode.TextDocument, argument: unknown): RequestToSend {
  const text = document.getText();
  const parsed = parseRequests(text);
  const cursor = vscode.window.activeTextEditor?.document === document ? document.offsetAt(vscode.window.activeTextEditor.selection.active) : 0;
  const request = requestAt(parsed, isPlace(argument) ? argument.offset : cursor);
  if (!request) {
    throw new OpsError('notFound', { what: l10n.t('A request in {0}', visible(document.uri.path.slice(document.uri.path.lastIndexOf('/') + 1))) });
  }
  return { text, document: parsed, request };
}

/** Opens the function's editor, or one of its saved files when there are any. */
async function openEditor(needs: InvokeNeeds & { readonly drafts: Drafts }, history: RequestHistory, argument: unknown): Promise<void> {
  const connection = needs.session.connection();
  const slug = await slugOfArgument(needs, connection, argument);
  const { ref } = connection.project;
  const draft = draftUri(ref, slug);
  const saved = await savedFor(needs, connection, slug);
  const uri =
    saved.length === 0
      ? draft
      : await needs.ui.pick(l10n.t('Open which request?'), [
          { label: l10n.t('Request editor'), description: l10n.t('kept in this workspace’s storage'), icon: 'edit', value: draft },
          ...saved.map((file): Choice<vscode.Uri> => ({ label: visible(vscode.workspace.asRelativePath(file)), icon: 'file', value: file })),
        ]);
  if (uri === draft) {
    await needs.drafts.begin(uri, draftText(slug, lastRequest(history.entries, ref, slug)));
  }
  await needs.documents.open(uri);
}

/** Files of the function in the place's `supabase/requests`, by their names. */
async function savedFor({ places }: Pick<InvokeNeeds, 'places'>, connection: Connection, slug: string): Promise<vscode.Uri[]> {
  const { place } = connection;
  if (!place) {
    return [];
  }
  const pattern = new vscode.RelativePattern(vscode.Uri.parse(place.id, true), `supabase/requests/${slug}*.http`);
  const [files, others] = await Promise.all([vscode.workspace.findFiles(pattern, undefined, 50), slugsOf({ places }, connection).catch(() => [])]);
  const nameOf = ({ path }: vscode.Uri): string => path.slice(path.lastIndexOf('/') + 1);
  return files.filter((file) => functionOfFile(nameOf(file), [slug, ...others]) === slug).sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Deployed functions, and without a Management API the folder's. */
async function slugsOf({ places }: Pick<InvokeNeeds, 'places'>, connection: Connection): Promise<readonly string[]> {
  const signal = AbortSignal.timeout(30_000);
  return connection.management.kind === 'available' ? (await connection.data.functions({ signal, priority: 'user' })).map((fn) => fn.slug) : places.functions(connection.place, signal);
}

/** Of the row, as a manual names it, or picked. */
async function slugOfArgument({ ui, places }: InvokeNeeds, connection: Connection, argument: unknown): Promise<string> {
  const node = nodeOf(argument);
  if (typeof node === 'string') {
    return node;
  }
  if (typeof node === 'object' && node !== null && 'slug' in node && typeof node.slug === 'string') {
    return node.slug;
  }
  return ui.pick(l10n.t('Call which function?'), slugsOf({ places }, connection).then((list) => [...list].sort().map((slug) => ({ label: visible(slug), icon: 'symbol-function', value: slug }))));
}

async function addSignature({ ui }: InvokeNeeds, editor: vscode.TextEditor, argument: unknown): Promise<void> {
  const { request } = requestIn(editor.document, argument);
  const { comments, headers } = await pickSignature(ui);
  const start = editor.document.positionAt(request.range.start);
  await editor.edit((edit) => {
    edit.insert(start, comments);
    if (headers !== '') {
      edit.insert(new vscode.Position(start.line + 1, 0), headers);
    }
  });
}

/** Writes the editor's text where the person says, `supabase/requests/<slug>.http` unless they choose otherwise, and opens the file. */
async function saveRequests({ session, documents, ui }: InvokeNeeds, { document }: vscode.TextEditor): Promise<void> {
  const toSave = requestIn(document, undefined);
  for (const request of toSave.document.requests) {
    refuseFaults({ ...toSave, request });
  }
  const { place } = session.connection();
  const name = `${slugOf(toSave.request.target) ?? 'request'}.http`;
  const folder = place ? vscode.Uri.joinPath(vscode.Uri.parse(place.id, true), 'supabase', 'requests', name) : undefined;
  const target = await vscode.window.showSaveDialog({ title: l10n.t('Save Request'), filters: { [l10n.t('HTTP requests')]: ['http'] }, ...(folder ? { defaultUri: folder } : {}) });
  if (!target) {
    throw new OpsError('cancelled', {});
  }
  await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(document.getText()));
  await documents.open(target);
  ui.tell(l10n.t('Saved {0}. It names roles and holds no keys, so it can be committed.', visible(vscode.workspace.asRelativePath(target))));
}

/** A credential that was refused is not offered for ever. */
function offerToForget({ ui }: InvokeNeeds, credentials: RequestCredentials, { answer, connection }: Exchange, { request }: RequestToSend): void {
  const { role, signature } = request;
  const names = [roleCredentials[role] ?? '', signature ? secretName(signature) : ''].filter((name) => name !== '');
  if ((answer.status === 401 || answer.status === 403) && names.length > 0 && connection.gateway.kind === 'available') {
    const { origin } = connection.gateway.use;
    ui.warn(l10n.t('The request was refused ({0}). What is kept may be wrong or out of date: {1}.', answer.status, names.join(', ')), {
      label: l10n.t('Forget It'),
      run: async () => credentials.forget(origin, ...names),
    });
  }
}

async function forgetCredentials({ ui, session }: InvokeNeeds, credentials: RequestCredentials): Promise<void> {
  const { origin } = need(session.connection().gateway, l10n.t('Calling a function'));
  const names = credentials.names(origin);
  if (names.length === 0) {
    ui.tell(l10n.t('No credential for requests to {0} is kept.', origin));
    return;
  }
  const chosen = await ui.pickMany(l10n.t('Forget which credentials for {0}?', origin), names.map((name) => ({ label: name, icon: 'key', value: name, picked: true })));
  await credentials.forget(origin, ...chosen);
  ui.tell(l10n.t('Forgotten: {0}', chosen.join(', ')));
}
