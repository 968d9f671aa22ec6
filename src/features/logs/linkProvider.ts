import * as vscode from 'vscode';
import { commandId } from '../../contributions.ts';
import type { Disposable } from '../../util/dispose.ts';
import type { LineLinks, RowLink } from './lineLinks.ts';

/** Makes places in source and Opsbook's own marks in its channels something to click. */
export function provideLineLinks(links: LineLinks): Disposable {
  return vscode.languages.registerDocumentLinkProvider(
    { scheme: 'output' },
    {
      provideDocumentLinks: (document) => {
        const channel = channelOf(document.uri, links.channels);
        const rows = channel === undefined ? [] : document.getText().split('\n');
        return channel === undefined ? [] : links.links(channel, rows).map(toDocumentLink);
      },
    },
  );
}

/** VS Code names an output channel's document for the extension, a number and the channel. */
function channelOf({ path }: vscode.Uri, names: Iterable<string>): string | undefined {
  return [...names].find((name) => path.endsWith(`-${name}`));
}

function toDocumentLink({ row, start, end, command, argument, tooltip }: RowLink): vscode.DocumentLink {
  const target = vscode.Uri.from({ scheme: 'command', path: commandId(command), query: JSON.stringify([argument]) });
  const link = new vscode.DocumentLink(new vscode.Range(row, start, row, end), target);
  link.tooltip = tooltip;
  return link;
}
