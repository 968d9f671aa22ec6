import * as vscode from 'vscode';
import { views } from '../../contributions.ts';
import { OpsError } from '../../core/errors.ts';
import type { Library } from '../../core/runbook/library.ts';
import type { CommandRegistry } from '../../host/commands.ts';
import type { Documents } from '../../host/documents.ts';
import { nodeOf } from '../../host/row.ts';
import { registerTree } from '../../host/tree.ts';
import type { SettingsSource } from '../../host/settings.ts';
import type { Ui } from '../../host/ui.ts';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import { describeOperation, isRunnable, riskIcon } from './describe.ts';
import { registerLenses } from './lenses.ts';
import type { RunNeeds } from './run.ts';
import { inDocument, isRunbookNode, runbooksTree, type RunbookNode } from './tree.ts';

export interface RunbooksNeeds extends RunNeeds {
  readonly library: Library;
  readonly commands: CommandRegistry;
  readonly documents: Documents;
  readonly settings: SettingsSource;
  readonly ui: Ui;
}

export function registerRunbooks(needs: RunbooksNeeds): Disposable {
  const owned = new DisposableStore();
  owned.add(registerTree(views.runbooks, runbooksTree(needs)));
  owned.add(registerLenses(needs));
  owned.add(needs.commands.register('runbooks.open', open(needs)));
  owned.add(needs.commands.register('runbooks.runStep', runStep(needs)));
  return owned;
}

/** Opens a document where the row stands. */
const open =
  (needs: RunbooksNeeds) =>
  async (argument?: unknown): Promise<void> => {
    const given = nodeOf(argument);
    const node = isRunbookNode(given) ? given : await pickDocument(needs);
    await needs.documents.openAt(vscode.Uri.parse(node.uri, true), node.range.start);
  };

async function pickDocument({ library, ui }: RunbooksNeeds): Promise<RunbookNode> {
  return ui.pick(
    l10n.t('Open which runbook?'),
    library
      .documents()
      .then((list) =>
        list.map(({ document, label, origin }) => ({
          label: visible(document.title),
          description: visible(label),
          icon: 'book',
          group: origin === 'bundled' ? 'Opsbook' : l10n.t('This folder'),
          value: { kind: 'document' as const, uri: document.uri, label, origin, title: document.title, range: { start: 0, end: 0 } },
        })),
      ),
  );
}

/** Runs one command, or those of a step one after the other; the first that fails or is declined ends it. */
const runStep =
  (needs: RunbooksNeeds) =>
  async (argument?: unknown): Promise<void> => {
    const given = nodeOf(argument);
    const node = isRunbookNode(given) ? given : isPlace(given) ? await instructionAt(needs, given) : await pickStep(needs);
    const { runInstruction } = await import('./run.ts');
    switch (node.kind) {
      case 'instruction':
        await runInstruction(needs, node.step, node.instruction);
        break;
      case 'step':
        for (const instruction of node.instructions.filter(isRunnable)) {
          await runInstruction(needs, node.step, instruction);
        }
        break;
      default:
        throw new OpsError('notFound', { what: l10n.t('A command to run') });
    }
  };

/** The command that stands there in the document as it is now. Throws `notFound`. */
async function instructionAt({ library, interpret }: RunbooksNeeds, { uri, offset }: { readonly uri: string; readonly offset: number }): Promise<RunbookNode> {
  const document = vscode.workspace.textDocuments.find((each) => each.uri.toString() === uri);
  const listed = await library.find(uri);
  const parsed = listed && (document ? await library.parse(uri, document.getText()) : listed.document);
  const step = parsed?.sections.flatMap(({ steps }) => steps).find(({ range }) => range.start <= offset && offset <= range.end);
  const nodes = step ? (await interpret(step)).map((instruction, index): RunbookNode => ({ kind: 'instruction', uri, step, instruction, index, range: inDocument(step, instruction.range) })) : [];
  const found = nodes.findLast(({ range }) => range.start <= offset) ?? nodes[0];
  if (!found) {
    throw new OpsError('notFound', { what: l10n.t('A command at the cursor') });
  }
  return found;
}

function isPlace(value: unknown): value is { readonly uri: string; readonly offset: number } {
  return typeof value === 'object' && value !== null && 'uri' in value && typeof value.uri === 'string' && 'offset' in value && typeof value.offset === 'number';
}

async function pickStep(needs: RunbooksNeeds): Promise<RunbookNode> {
  const document = await pickDocument(needs);
  const listed = await needs.library.find(document.uri);
  const steps = listed?.document.sections.flatMap((section) => section.steps) ?? [];
  const choices = await Promise.all(
    steps.map(async (step) =>
      (await needs.interpret(step)).map((instruction, index) => ({
        label: visible(instruction.text.split('\n')[0] ?? ''),
        description: describeOperation(instruction),
        icon: riskIcon(instruction.risk).name,
        group: visible(step.sectionPath.join(' › ')),
        value: { kind: 'instruction' as const, uri: document.uri, step, instruction, index, range: inDocument(step, instruction.range) },
      })),
    ),
  );
  return needs.ui.pick(l10n.t('Run which step?'), choices.flat().filter(({ value }) => isRunnable(value.instruction)));
}
