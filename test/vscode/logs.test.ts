import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { until } from '../world/until.ts';
import { sandbox } from './sandbox.ts';

const channel = 'Function logs: mint-token · acme';
const tail = { ref: sandbox.ref, key: 'mint-token' };

/** The document of an output channel, as soon as it is shown. */
async function output(): Promise<vscode.TextDocument> {
  return until('the channel is shown', () => vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === 'output' && uri.path.endsWith(`-${channel}`)));
}

async function shows(text: RegExp): Promise<string> {
  const document = await output();
  return until(`the channel shows ${text}`, () => text.test(document.getText()) && document.getText(), 20_000);
}

async function run(command: string, ...values: unknown[]): Promise<void> {
  await vscode.commands.executeCommand(`opsbook.${command}`, ...values);
}

/** The targets of a document's links, by the text that is linked. */
async function links(): Promise<{ text: string; command: string; argument: unknown }[]> {
  const document = await output();
  const found = (await vscode.commands.executeCommand<vscode.DocumentLink[]>('vscode.executeLinkProvider', document.uri)) ?? [];
  return found.flatMap(({ range, target }) =>
    target?.scheme === 'command' ? [{ text: document.getText(range), command: target.path, argument: (JSON.parse(decodeURIComponent(target.query)) as unknown[])[0] }] : [],
  );
}

describe('the logs of a function', () => {
  before(async function () {
    this.timeout(60_000);
    // Until the project is connected a tail has nothing to follow.
    await until('the tail runs', async () => {
      await run('functions.tailLogs', { functions: ['mint-token'], text: 'TypeError' });
      return vscode.workspace.textDocuments.some(({ uri }) => uri.scheme === 'output' && uri.path.endsWith(`-${channel}`));
    }, 40_000);
  });

  after(async () => {
    await run('functions.stopTail', tail);
    await vscode.workspace.getConfiguration('opsbook').update('logs.showDetails', undefined, vscode.ConfigurationTarget.Global);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('are in a channel of the log language, with the events’ own times', async () => {
    const text = await shows(/\[error\] mint-token TypeError/);
    assert.equal((await output()).languageId, 'log');
    assert.match(text, /^\d{4}-\d\d-\d\dT[\d:.]+Z ── mint-token from .* · filter: TypeError · /m);
  });

  it('lead from a stack to the source as it was deployed, and from there to the working copy', async () => {
    const location = await until('a place in source is a link', async () => (await links()).find(({ text, command }) => command === 'opsbook.logs.openSource' && /fees\.ts:\d+:\d+$/.test(text)), 20_000);
    await run('logs.openSource', location.argument);
    const [, line, column] = /:(\d+):(\d+)$/.exec(location.text) ?? [];
    const deployed = vscode.window.activeTextEditor ?? assert.fail('no editor');
    assert.match(deployed.document.uri.path, /^\/held\/deployed\/mint-token v\d+\/supabase\/functions\/_shared\/fees\.ts$/);
    assert.deepEqual([deployed.document.uri.scheme, deployed.document.languageId], ['opsbook', 'typescript']);
    assert.deepEqual([deployed.selection.active.line + 1, deployed.selection.active.character + 1], [Number(line), Number(column)]);
    await run('logs.openWorkingCopy');
    const own = vscode.window.activeTextEditor ?? assert.fail('no editor');
    assert.equal(own.document.uri.scheme, 'file');
    assert.equal(own.selection.active.line + 1, Number(line));
  });

  it('are read again when the filter changes, keep their links, and say what the filter is', async () => {
    await run('logs.changeFilter', { ...tail, filter: 'level=error status=5xx' });
    const text = await shows(/filter: level=error status=5xx · read again/);
    assert.doesNotMatch(text, /TypeError/);
    await until('the marks can be clicked', async () => (await links()).some(({ command }) => command === 'opsbook.logs.pauseTail'), 20_000);
  });

  it('tell version, region and execution on demand', async () => {
    await run('logs.toggleDetails');
    await shows(/mint-token v\d+ [\w-]+ [\da-f-]{36} /);
    const execution = await until('an execution is a link', async () => (await links()).find(({ argument }) => /execution_id=/.test(JSON.stringify(argument))), 20_000);
    await run('logs.changeFilter', execution.argument);
    const text = await shows(new RegExp(`filter: execution_id=${execution.text} · read again[^]*\\[error\\]`));
    const executions = new Set([...text.matchAll(/ v\d+ [\w-]+ ([\da-f-]{36}) /g)].map(([, id]) => id));
    assert.deepEqual([...executions], [execution.text]);
  });

  it('pause and go on by the links of their marks', async () => {
    await run('logs.pauseTail', tail);
    await shows(/── paused; resumed, it reads on from here · ⟨resume⟩/);
    const resume = await until('the mark can be clicked', async () => (await links()).find(({ command }) => command === 'opsbook.logs.resumeTail'), 20_000);
    await run('logs.resumeTail', resume.argument);
  });
});
