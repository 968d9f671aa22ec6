import * as vscode from 'vscode';
import { views } from '../../contributions.ts';
import { OpsError } from '../../core/errors.ts';
import type { PlaceReader } from '../../core/functions/placeReader.ts';
import { need } from '../../core/project/connection.ts';
import type { Session } from '../../core/project/session.ts';
import type { CommandRegistry } from '../../host/commands.ts';
import { nodeOf } from '../../host/row.ts';
import { registerTree } from '../../host/tree.ts';
import type { Ui } from '../../host/ui.ts';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import type { ChangesNeeds } from './changes.ts';
import type { LedgerReportNeeds } from './ledgerReport.ts';
import type { WhatChangedNeeds } from './whatChanged.ts';
import { listFunctions, type FunctionsNeeds } from './list.ts';
import { isFunctionNode, type FunctionNode } from './nodes.ts';
import { keepLookingAtSettings, type SettingsLooksNeeds } from './settingsLooks.ts';
import { functionsTree } from './tree.ts';

export interface FunctionCommandNeeds extends FunctionsNeeds, ChangesNeeds, LedgerReportNeeds, WhatChangedNeeds, SettingsLooksNeeds {
  readonly session: Session;
  readonly commands: CommandRegistry;
  readonly ui: Ui;
  readonly places: Pick<PlaceReader, 'functions' | 'secretReads' | 'entrypoint'>;
}

/** The row's function, or one that is picked among those that fit. A slug alone comes from a manual. */
export async function functionOf(needs: FunctionsNeeds & { readonly ui: Ui }, argument: unknown, fits: (fn: FunctionNode) => boolean): Promise<FunctionNode> {
  const node = nodeOf(argument);
  if (isFunctionNode(node)) {
    return node;
  }
  const connection = needs.session.connection();
  const list = listFunctions(needs, connection, AbortSignal.timeout(60_000));
  if (typeof node === 'string') {
    const found = (await list).find((fn) => fn.slug === node);
    if (!found) {
      throw new OpsError('notFound', { what: l10n.t('The function {0}', visible(node)) });
    }
    return found;
  }
  return needs.ui.pick(
    l10n.t('Which function?'),
    list.then((all) =>
      all.filter(fits).map((fn) => ({ label: visible(fn.slug), description: fn.deployed ? `v${fn.deployed.version}` : l10n.t('not deployed'), icon: 'symbol-function', value: fn })),
    ),
  );
}

export function registerFunctions(needs: FunctionCommandNeeds): Disposable {
  const owned = new DisposableStore();
  owned.add(registerTree(views.functions, functionsTree(needs)));
  owned.add(keepLookingAtSettings(needs));
  owned.add(needs.commands.register('functions.openSource', openSource(needs)));
  owned.add(needs.commands.register('functions.copyUrl', copyUrl(needs)));
  owned.add(needs.commands.register('functions.showChanges', async (argument) => (await import('./changes.ts')).showChanges(needs, async (given) => functionOf(needs, given, (fn) => fn.deployed !== undefined))(argument)));
  owned.add(needs.commands.register('functions.showFileChanges', async (argument) => (await import('./fileChanges.ts')).showFileChanges(needs, pathInPlace(needs, argument), async () => functionOf(needs, undefined, (fn) => fn.deployed !== undefined))));
  owned.add(needs.commands.register('functions.showLedger', async () => (await import('./ledgerReport.ts')).showLedger(needs)()));
  owned.add(needs.commands.register('functions.showWhatChanged', async (argument) => (await import('./whatChanged.ts')).showWhatChanged(needs, argument)));
  return owned;
}

/** The file that a menu was opened on, or that of the editor in front; `undefined` outside the place. */
function pathInPlace({ session }: FunctionCommandNeeds, argument: unknown): string | undefined {
  const uri = argument instanceof vscode.Uri ? argument : vscode.window.activeTextEditor?.document.uri;
  const { place } = session.connection();
  const root = place && vscode.Uri.parse(place.id, true);
  return uri && root && uri.scheme === root.scheme && uri.path.startsWith(`${root.path}/`) ? uri.path.slice(root.path.length + 1) : undefined;
}

const openSource =
  (needs: FunctionCommandNeeds) =>
  async (argument?: unknown): Promise<void> => {
    const connection = needs.session.connection();
    const fn = await functionOf(needs, argument, (known) => known.local);
    if (!fn.local || !connection.place) {
      needs.ui.tell(l10n.t('{0} is deployed and not in this folder.', visible(fn.slug)));
      return;
    }
    const path = await needs.places.entrypoint(connection.place, fn.slug, AbortSignal.timeout(20_000));
    await vscode.window.showTextDocument(vscode.Uri.joinPath(vscode.Uri.parse(connection.place.id, true), path));
  };

const copyUrl =
  (needs: FunctionCommandNeeds) =>
  async (argument?: unknown): Promise<void> => {
    const connection = needs.session.connection();
    const gateway = need(connection.gateway, l10n.t('The address of a function'));
    const fn = await functionOf(needs, argument, (known) => known.deployed !== undefined);
    const url = `${gateway.origin}/functions/v1/${fn.slug}`;
    await needs.ui.copy(url);
    needs.ui.tell(l10n.t('Copied {0}', visible(url)));
  };
