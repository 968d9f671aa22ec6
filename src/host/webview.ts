import * as vscode from 'vscode';
import { randomBytes } from 'node:crypto';
import { pageHtml } from './pageHtml.ts';

/** The page of a web view; all content arrives by messages. */
export function webviewHtml(webview: vscode.Webview, extensionUri: vscode.Uri, page: string, title: string): string {
  const asset = (ending: string) => webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, 'dist', 'media', `${page}.${ending}`)).toString();
  return pageHtml({ title, language: vscode.env.language, source: webview.cspSource, nonce: randomBytes(16).toString('base64url'), script: asset('js'), style: asset('css') });
}

/** Options of every web view of ours. */
export function webviewOptions(extensionUri: vscode.Uri): vscode.WebviewOptions & vscode.WebviewPanelOptions {
  return { enableScripts: true, enableFindWidget: true, retainContextWhenHidden: true, localResourceRoots: [vscode.Uri.joinPath(extensionUri, 'dist', 'media')] };
}
