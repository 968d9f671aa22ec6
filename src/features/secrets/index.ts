import * as vscode from 'vscode';
import { views } from '../../contributions.ts';
import { OpsError } from '../../core/errors.ts';
import type { CommandRegistry } from '../../host/commands.ts';
import { registerTree } from '../../host/tree.ts';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';
import { secretOf, setSecret, unsetSecret, type ChangeNeeds } from './change.ts';
import { secretsTree } from './tree.ts';

export interface SecretsNeeds extends ChangeNeeds {
  readonly commands: CommandRegistry;
}

export function registerSecrets(needs: SecretsNeeds): Disposable {
  const owned = new DisposableStore();
  owned.add(registerTree(views.secrets, secretsTree(needs)));
  owned.add(needs.commands.register('secrets.set', setSecret(needs)));
  owned.add(needs.commands.register('secrets.unset', unsetSecret(needs)));
  owned.add(needs.commands.register('secrets.showReaders', showReaders(needs)));
  return owned;
}

/** Opens the one place that reads the secret, or lets choose among several. */
const showReaders =
  (needs: SecretsNeeds) =>
  async (argument?: unknown): Promise<void> => {
    const connection = needs.session.connection();
    const secret = await secretOf(needs, connection, argument, () => true);
    const [first] = secret.readers;
    if (!first || !connection.place) {
      needs.ui.tell(l10n.t('No function of this folder reads {0}.', visibleLine(secret.name)));
      return;
    }
    const read =
      secret.readers.length === 1
        ? first
        : await needs.ui.pick(
            l10n.t('{0} is read by', visibleLine(secret.name)),
            secret.readers.map((known) => ({ label: visibleLine(known.path), icon: 'file-code', value: known })),
          );
    const uri = vscode.Uri.joinPath(vscode.Uri.parse(connection.place.id, true), read.path);
    const document = await vscode.workspace.openTextDocument(uri);
    if (document.getText().length < read.offset) {
      throw new OpsError('notFound', { what: read.path });
    }
    const position = document.positionAt(read.offset);
    await vscode.window.showTextDocument(document, { selection: new vscode.Range(position, position.translate(0, secret.name.length)) });
  };
