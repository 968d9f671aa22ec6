import * as vscode from 'vscode';
import { commandId } from '../../contributions.ts';
import type { Step } from '../../core/runbook/document.ts';
import type { Library } from '../../core/runbook/library.ts';
import type { Instruction } from '../../core/runbook/operation.ts';
import type { SettingsSource } from '../../host/settings.ts';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import { describeOperation, isRunnable, riskIcon, riskWord } from './describe.ts';
import { inDocument, type RunbookNode } from './tree.ts';

/** More lenses than this in one document would be a wall of them. */
const mostLenses = 500;

/** *Run* above each command and statement, in the documents that the Runbooks view lists and in no others. */
export function registerLenses({ library, interpret, settings }: { library: Library; interpret: (step: Step) => Promise<readonly Instruction[]>; settings: SettingsSource }): Disposable {
  const owned = new DisposableStore();
  const changed = owned.add(new vscode.EventEmitter<void>());
  owned.add(library.onDidChange(() => changed.fire()));
  owned.add(settings.onDidChange(() => changed.fire()));
  owned.add(
    vscode.languages.registerCodeLensProvider(
      { language: 'markdown' },
      {
        onDidChangeCodeLenses: changed.event,
        provideCodeLenses: async (document, token) => {
          const uri = document.uri.toString();
          if (!(await library.find(uri))) {
            return [];
          }
          const parsed = await library.parse(uri, document.getText());
          const lenses: vscode.CodeLens[] = [];
          for (const step of parsed.sections.flatMap((section) => section.steps)) {
            if (token.isCancellationRequested || lenses.length >= mostLenses) {
              break;
            }
            if (step.language !== 'sql' || settings.current['opsbook.sql.codeLens']) {
              lenses.push(...stepLenses(document, uri, step, await interpret(step)));
            }
          }
          return lenses;
        },
      },
    ),
  );
  return owned;
}

function stepLenses(document: vscode.TextDocument, uri: string, step: Step, instructions: readonly Instruction[]): vscode.CodeLens[] {
  const runnable = instructions.map((instruction, index) => ({ instruction, index })).filter(({ instruction }) => isRunnable(instruction));
  return runnable.map(({ instruction, index }) => {
    const range = inDocument(step, instruction.range);
    // A single command's lens stands above the fence, where it hides nothing.
    const line = document.positionAt(runnable.length === 1 ? step.range.start : range.start).line;
    const node: RunbookNode = { kind: 'instruction', uri, step, instruction, index, range };
    // A statement can be explained, run in a transaction and more; running it follows the step all the same.
    const isStatement = step.language === 'sql' && step.origin === 'fence' && instruction.operation.kind === 'sql';
    const title = `$(play) ${capitalized(describeOperation(instruction)).replaceAll('$(', '$ (')}`;
    return new vscode.CodeLens(new vscode.Range(line, 0, line, 0), {
      ...(isStatement ? { command: commandId('sql.statementMenu'), title: `${title} ▾`, arguments: [{ uri, offset: range.start }] } : { command: commandId('runbooks.runStep'), title, arguments: [node] }),
      tooltip: [`$(${riskIcon(instruction.risk).name}) ${riskWord(instruction.risk)}`, instruction.remark, instruction.reason].filter(Boolean).join('\n'),
    });
  });
}

function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
