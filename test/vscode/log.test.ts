import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { until } from '../world/until.ts';

describe('the test world', () => {
  it('keeps what is written to a log channel', async () => {
    const extension = vscode.extensions.all.find(({ id }) => id.startsWith('opsbook.'));
    assert.ok(extension, 'Opsbook is not installed');
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
