import { OpsError, isOpsError } from '../../core/errors.ts';
import { need, type Connection } from '../../core/project/connection.ts';
import { isReservedSecretName, secretLimits } from '../../core/secrets/secret.ts';
import type { Consent } from '../../host/consent.ts';
import { errorMessage } from '../../host/errorMessage.ts';
import { nodeOf } from '../../host/row.ts';
import type { Ui } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';
import { visible, visibleLine } from '../../util/visible.ts';
import { isSecretNode, listSecrets, type SecretNode, type SecretsTreeNeeds } from './tree.ts';

export interface ChangeNeeds extends SecretsTreeNeeds {
  readonly consent: Consent;
  readonly ui: Ui;
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
  ({ session, ui, consent, clock }: ChangeNeeds) =>
  async (argument?: unknown): Promise<void> => {
    const connection = session.connection();
    const { project } = connection;
    const management = need(connection.management, l10n.t('Setting secrets'));
    const wanted = await secretsToSet(argument, ui);
    const secrets: { name: string; value: string }[] = [];
    for (const { name, value, template } of wanted) {
      secrets.push({ name, value: await askValue(ui, name, value, template) });
    }
    const names = secrets.map((secret) => secret.name);
    const [listed, target] = [visibleLine(names.join(', ')), visibleLine(project.name)];
    const before = await replaced(connection, names, clock.now());
    await consent.ask(
      project,
      {
        question: l10n.t('Set {0} on {1}?', listed, target),
        detail: [
          ...before,
          l10n.t('Functions read the new value at their next start, without a deploy.'),
          ...(before.length === 0 ? [] : [l10n.t('The value before cannot be read back: setting it again is the only way to undo this.')]),
        ],
        action: l10n.t('Set'),
      },
      'secret',
    );
    await ui.progress(l10n.t('Setting {0}', listed), async (signal) => management.setSecrets(project.ref, secrets, { signal, priority: 'user' }));
    session.forget(connection, 'secrets');
    ui.tell(l10n.t('{0} is set on {1}.', listed, target));
  };

/** Names that the service would refuse are refused before a value is typed. */
async function secretsToSet(argument: unknown, ui: Ui): Promise<SecretsToSet['secrets']> {
  const node = nodeOf(argument);
  if (!isSecretsToSet(node) && !isSecretNode(node)) {
    return [{ name: await ui.ask({ title: l10n.t('Set Secret'), prompt: l10n.t('Name'), placeholder: 'OPENAI_API_KEY', check: nameProblem }) }];
  }
  const wanted = isSecretsToSet(node) ? node.secrets : [{ name: node.name }];
  for (const { name } of wanted) {
    const problem = nameProblem(name);
    if (problem !== undefined) {
      throw new OpsError('badConfig', { file: l10n.t('The name {0}', name), problem });
    }
  }
  return wanted;
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

/** What is set already; a token that may set secrets and not list them still sets them, and the plan says what it does not know. */
async function replaced({ data }: Connection, names: readonly string[], now: number): Promise<string[]> {
  try {
    const known = await data.secrets({ signal: AbortSignal.timeout(20_000), priority: 'user' });
    return known
      .filter((secret) => names.includes(secret.name))
      .map(({ name, updatedAt }) =>
        updatedAt === undefined ? l10n.t('{0} is set and will be replaced.', name) : l10n.t('{0} was set {1} days ago and will be replaced.', name, Math.floor((now - updatedAt) / 86_400_000)),
      );
  } catch (error) {
    if (isOpsError(error, 'permissionMissing')) {
      return [l10n.t('Whether a value is replaced is not known: {0}', errorMessage(error).message)];
    }
    throw error;
  }
}

export const unsetSecret =
  (needs: ChangeNeeds) =>
  async (argument?: unknown): Promise<void> => {
    const { session, ui, consent } = needs;
    const connection = session.connection();
    const { project } = connection;
    const management = need(connection.management, l10n.t('Unsetting secrets'));
    const secret = await secretOf(needs, connection, argument, (known) => known.state === 'set' || known.state === 'unused');
    const [name, target] = [visibleLine(secret.name), visibleLine(project.name)];
    const files = [...new Set(secret.readers.map((read) => visibleLine(read.path)))];
    await consent.ask(
      project,
      {
        question: l10n.t('Unset {0} on {1}?', name, target),
        detail: [files.length === 0 ? l10n.t('No function of this folder reads it.') : l10n.t('It is read by {0}.', files.join(', ')), l10n.t('Its value cannot be read back.')],
        action: l10n.t('Unset'),
      },
      'destroys',
    );
    await ui.progress(l10n.t('Unsetting {0}', name), async (signal) => management.unsetSecrets(project.ref, [secret.name], { signal, priority: 'user' }));
    session.forget(connection, 'secrets');
    ui.tell(l10n.t('{0} is no longer set on {1}.', name, target));
  };

/** The row's secret, or one that is picked; a row of another project names nothing of this one. */
export async function secretOf(needs: SecretsTreeNeeds & { readonly ui: Ui }, connection: Connection, argument: unknown, fits: (secret: SecretNode) => boolean): Promise<SecretNode> {
  const node = nodeOf(argument);
  if (isSecretNode(node) && node.ref === connection.project.ref) {
    return node;
  }
  const secrets = listSecrets(needs, connection, AbortSignal.timeout(60_000)).then((list) =>
    list.filter(fits).map((secret) => ({ label: visibleLine(secret.name), description: secret.state, icon: 'key', value: secret })),
  );
  return needs.ui.pick(l10n.t('Which secret?'), secrets);
}
