import * as vscode from 'vscode';
import { randomBytes } from 'node:crypto';

/** The page of a web view: local script and style only, a nonce, nothing inline (SAFETY 17). All content arrives by messages. */
export function webviewHtml(webview: vscode.Webview, extensionUri: vscode.Uri, page: string, title: string): string {
  const nonce = randomBytes(16).toString('base64url');
  const asset = (ending: string) => webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, 'dist', 'media', `${page}.${ending}`)).toString();
  return `<!DOCTYPE html>
<html lang="${escape(vscode.env.language)}">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${webview.cspSource}; font-src ${webview.cspSource}; script-src 'nonce-${nonce}'">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <link rel="stylesheet" href="${asset('css')}">
  <title>${escape(title)}</title>
</head>
<body>
  <main id="page"></main>
  <script nonce="${nonce}" src="${asset('js')}"></script>
</body>
</html>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Options of every web view of ours. */
export function webviewOptions(extensionUri: vscode.Uri): vscode.WebviewOptions & vscode.WebviewPanelOptions {
  return { enableScripts: true, enableFindWidget: true, retainContextWhenHidden: true, localResourceRoots: [vscode.Uri.joinPath(extensionUri, 'dist', 'media')] };
}
