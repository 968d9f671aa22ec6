import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { runInTerminal } from '../../src/host/terminal.ts';

describe('a program in a terminal', () => {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '/';
  const run = (...args: string[]) => runInTerminal('Test', { program: '/bin/sh', args, folder });

  after(() => {
    vscode.window.terminals.forEach((terminal) => terminal.dispose());
  });

  it('gives its exit code, however fast it ends, and takes arguments as they are', async () => {
    assert.equal(await run('-c', 'exit 0'), 0);
    assert.equal(await run('-c', 'exit 3'), 3);
    assert.equal(await run('-c', 'test "$1" = "$2" && test "$PWD" = "$3"', 'sh', 'a "b" *', 'a "b" *', folder), 0);
  });

  it('gives none when it was ended from outside', async () => {
    const ended = run('-c', 'sleep 60');
    const execution = await new Promise<vscode.TaskExecution>((resolve) => {
      const subscription = vscode.tasks.onDidStartTask((event) => {
        subscription.dispose();
        resolve(event.execution);
      });
    });
    execution.terminate();
    assert.notEqual(await ended, 0);
  });
});
