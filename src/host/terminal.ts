import * as vscode from 'vscode';
import type { ProgramCall } from '../core/ports.ts';

/**
 * Runs a program in a terminal of the editor, in the user's own environment, and gives its exit code; `undefined` when it was ended from
 * outside. Between the program and its arguments is no shell, so nothing needs quoting.
 */
export async function runInTerminal(title: string, { program, args, folder }: ProgramCall): Promise<number | undefined> {
  const task = new vscode.Task({ type: 'process' }, vscode.TaskScope.Workspace, title, 'Opsbook', new vscode.ProcessExecution(program, [...args], { cwd: folder }));
  task.presentationOptions = { reveal: vscode.TaskRevealKind.Always, panel: vscode.TaskPanelKind.Dedicated, clear: true };
  // A program may end before it is known which execution is ours: all ends are kept until then.
  const codes = new Map<vscode.TaskExecution, number | undefined>();
  let notice: () => void = () => undefined;
  const end = (execution: vscode.TaskExecution, code?: number) => {
    codes.set(execution, codes.get(execution) ?? code);
    notice();
  };
  const subscriptions = [vscode.tasks.onDidEndTaskProcess((event) => end(event.execution, event.exitCode)), vscode.tasks.onDidEndTask((event) => end(event.execution))];
  try {
    const execution = await vscode.tasks.executeTask(task);
    while (!codes.has(execution)) {
      await new Promise<void>((resolve) => {
        notice = resolve;
      });
    }
    return codes.get(execution);
  } finally {
    for (const subscription of subscriptions) {
      subscription.dispose();
    }
  }
}
