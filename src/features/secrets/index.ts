import * as vscode from 'vscode';
import { views } from '../../contributions.ts';
import { OpsError } from '../../core/errors.ts';
import { need, type Connection } from '../../core/project/connection.ts';
import { isReservedSecretName, secretLimits } from '../../core/secrets/secret.ts';
import type { CommandRegistry } from '../../host/commands.ts';
import type { Consent } from '../../host/consent.ts';
import { nodeOf } from '../../host/row.ts';
import { registerTree } from '../../host/tree.ts';
import type { Ui } from '../../host/ui.ts';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import { isSecretNode, listSecrets, secretsTree, type SecretNode, type SecretsTreeNeeds } from './tree.ts';

export interface SecretsNeeds extends SecretsTreeNeeds {
  readonly commands: CommandRegistry;
  readonly consent: Consent;
  readonly ui: Ui;
}

export function registerSecrets(needs: SecretsNeeds): Disposable {
  const owned = new DisposableStore();
  owned.add(registerTree(views.secrets, secretsTree(needs)));
  owned.add(needs.commands.register('secrets.set', setSecret(needs)));
  owned.add(needs.commands.register('secrets.unset', unsetSecret(needs)));
  owned.add(needs.commands.register('secrets.showReaders', showReaders(needs)));
  return owned;
}

/** Several names are one form and one request; an offered value stands in the box, to be kept or replaced. */
export interface SecretsToSet {
  readonly secrets: readonly { readonly name: string; readonly value?: string; readonly template?: ValueTemplate }[];
}

/** The literal text around what is asked for: `https://…?api-key=` before the key. */
interface ValueTemplate {
  readonly before: string;
  readonly after: string;
}

function isSecretsToSet(value: unknown): value is SecretsToSet {
  return typeof value === 'object' && value !== null && 'secrets' in value && Array.isArray(value.secrets);
}

/** Values go from the input box into the HTTPS body, and nowhere else (SAFETY 10). */
export const setSecret =
  ({ session, ui, consent, clock }: SecretsNeeds) =>
  async (argument?: unknown): Promise<void> => {
    const connection = session.connection();
    const management = need(connection.management, l10n.t('Setting secrets'));
    const wanted = await secretsToSet(argument, ui);
    const secrets: { name: string; value: string }[] = [];
    for (const { name, value, template } of wanted) {
      secrets.push({ name, value: await askValue(ui, name, value, template) });
    }
    const names = secrets.map((secret) => secret.name);
    const before = await replaced(connection, names, clock.now());
    await consent.ask(
      connection.project,
      {
        question: l10n.t('Set {0} on {1}?', names.join(', '), connection.project.name),
        detail: [
          ...before,
          l10n.t('Functions read the new value at their next start, without a deploy.'),
          ...(before.length === 0 ? [] : [l10n.t('The value before cannot be read back: setting it again is the only way to undo this.')]),
        ],
        action: l10n.t('Set'),
      },
      'secret',
    );
    await ui.progress(l10n.t('Setting {0}', names.join(', ')), async (signal) => management.setSecrets(connection.project.ref, secrets, { signal, priority: 'user' }));
    session.forget(connection, 'secrets');
    ui.tell(l10n.t('{0} is set on {1}.', names.join(', '), connection.project.name));
  };

async function secretsToSet(argument: unknown, ui: Ui): Promise<SecretsToSet['secrets']> {
  const node = nodeOf(argument);
  if (isSecretsToSet(node)) {
    return node.secrets;
  }
  const name = isSecretNode(node) ? node.name : await ui.ask({ title: l10n.t('Set Secret'), prompt: l10n.t('Name'), placeholder: 'OPENAI_API_KEY', check: nameProblem });
  return [{ name }];
}

function nameProblem(name: string): string | undefined {
  if (isReservedSecretName(name)) {
    return l10n.t('The platform sets this name itself.');
  }
  if (name.length > secretLimits.name) {
    return l10n.t('At most {0} characters.', secretLimits.name);
  }
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? undefined : l10n.t('Letters, digits and underscores.');
}

/** With a template the missing part is asked for; a whole value that already has the text around it is taken as it is. */
async function askValue(ui: Ui, name: string, offered: string | undefined, template: ValueTemplate | undefined): Promise<string> {
  const typed = await ui.ask({
    title: l10n.t('Set {0}', name),
    prompt: template
      ? l10n.t('What stands in {0}…{1}; the whole is sent to the project and kept nowhere else.', visible(template.before), visible(template.after))
      : l10n.t('Value; it is sent to the project and kept nowhere else.'),
    secret: true,
    ...(offered === undefined ? {} : { value: offered }),
    check: (text) =>
      text === '' ? l10n.t('A value is needed.') : text.length > secretLimits.value ? l10n.t('At most {0} characters.', secretLimits.value) : undefined,
  });
  return template && !typed.startsWith(template.before) ? `${template.before}${typed}${template.after}` : typed;
}

async function replaced(connection: Connection, names: readonly string[], now: number): Promise<string[]> {
  const known = await connection.data.secrets({ signal: AbortSignal.timeout(20_000), priority: 'user' });
  return known
    .filter((secret) => names.includes(secret.name))
    .map((secret) =>
      secret.updatedAt === undefined ? l10n.t('{0} is set and will be replaced.', secret.name) : l10n.t('{0} was set {1} days ago and will be replaced.', secret.name, Math.floor((now - secret.updatedAt) / 86_400_000)),
    );
}

export const unsetSecret =
  (needs: SecretsNeeds) =>
  async (argument?: unknown): Promise<void> => {
    const { session, ui, consent } = needs;
    const connection = session.connection();
    const management = need(connection.management, l10n.t('Unsetting secrets'));
    const secret = await secretOf(needs, connection, argument, (known) => known.state === 'set' || known.state === 'unused');
    const files = [...new Set(secret.readers.map((read) => read.path))];
    await consent.ask(
      connection.project,
      {
        question: l10n.t('Unset {0} on {1}?', secret.name, connection.project.name),
        detail: [
          ...(files.length === 0 ? [l10n.t('No function of this folder reads it.')] : [l10n.t('It is read by {0}.', files.join(', '))]),
          l10n.t('Its value cannot be read back.'),
        ],
        action: l10n.t('Unset'),
      },
      'destroys',
    );
    await ui.progress(l10n.t('Unsetting {0}', secret.name), async (signal) => management.unsetSecrets(connection.project.ref, [secret.name], { signal, priority: 'user' }));
    session.forget(connection, 'secrets');
    ui.tell(l10n.t('{0} is no longer set on {1}.', secret.name, connection.project.name));
  };

/** The row's secret, or one that is picked. */
async function secretOf(needs: SecretsNeeds, connection: Connection, argument: unknown, fits: (secret: SecretNode) => boolean): Promise<SecretNode> {
  const node = nodeOf(argument);
  if (isSecretNode(node)) {
    return node;
  }
  const secrets = listSecrets(needs, connection, AbortSignal.timeout(60_000)).then((list) =>
    list.filter(fits).map((secret) => ({ label: secret.name, description: secret.state, icon: 'key', value: secret })),
  );
  return needs.ui.pick(l10n.t('Which secret?'), secrets);
}

/** Opens the one place that reads the secret, or lets choose among several. */
const showReaders =
  (needs: SecretsNeeds) =>
  async (argument?: unknown): Promise<void> => {
    const connection = needs.session.connection();
    const secret = await secretOf(needs, connection, argument, () => true);
    const [first] = secret.readers;
    if (!first || !connection.place) {
      needs.ui.tell(l10n.t('No function of this folder reads {0}.', secret.name));
      return;
    }
    const read =
      secret.readers.length === 1
        ? first
        : await needs.ui.pick(
            l10n.t('{0} is read by', secret.name),
            secret.readers.map((known) => ({ label: known.path, icon: 'file-code', value: known })),
          );
    const uri = vscode.Uri.joinPath(vscode.Uri.parse(connection.place.id, true), read.path);
    const document = await vscode.workspace.openTextDocument(uri);
    if (document.getText().length < read.offset) {
      throw new OpsError('notFound', { what: read.path });
    }
    const position = document.positionAt(read.offset);
    await vscode.window.showTextDocument(document, { selection: new vscode.Range(position, position.translate(0, secret.name.length)) });
  };
