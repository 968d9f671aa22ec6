import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { until } from '../world/until.ts';
import { sandbox } from './sandbox.ts';

describe('the test world', () => {
  it('opens the workspace of the sandbox, trusted', () => {
    assert.ok(vscode.workspace.isTrusted);
    assert.equal(vscode.workspace.workspaceFolders?.[0]?.uri.fsPath, sandbox.workspace);
    assert.equal(vscode.workspace.getConfiguration().get('opsbook.apiUrl'), sandbox.apiUrl);
  });

  it('keeps what is written to a log channel', async () => {
    const channel = vscode.window.createOutputChannel('Opsbook test', { log: true });
    channel.info('a line to be read back');
    channel.show(true);
    const shown = await until('the channel shows the line', () =>
      vscode.window.visibleTextEditors.map(({ document }) => document.getText()).find((text) => text.includes('a line to be read back')),
    );
    assert.match(shown, /\[info\] a line to be read back/);
    channel.dispose();
  });
});
