import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { sandbox } from '../sandbox.ts';

describe('a folder that is not trusted', () => {
  it('is open in Restricted Mode', () => {
    assert.equal(vscode.workspace.isTrusted, false);
    assert.equal(vscode.workspace.workspaceFolders?.[0]?.uri.fsPath, sandbox.workspace);
  });

  it('does not keep Opsbook from starting', async () => {
    const extension = vscode.extensions.getExtension('opsbook.opsbook');
    assert.ok(extension, 'Opsbook is not installed, or not allowed in an untrusted folder');
    await extension.activate();
    assert.ok(extension.isActive);
  });
});
