import * as vscode from 'vscode';
import { OpsError, isCancelled, isOpsError } from '../../core/errors.ts';
import type { Column, ResultEvent } from '../../core/sql/result.ts';
import type { Logger } from '../../core/ports.ts';
import { errorMessage } from '../../host/errorMessage.ts';
import { describeForLog } from '../../host/log.ts';
import { stateWord } from '../../host/row.ts';
import type { ResultsView, RunEnd, ShownRun } from '../../host/results.ts';
import { webviewHtml, webviewOptions } from '../../host/webview.ts';
import type { Disposable } from '../../util/dispose.ts';
import { visible } from '../../util/visible.ts';
import type { FromView, ToView, Words } from './protocol.ts';
import { l10n } from '../../util/l10n.ts';

export interface ResultsNeeds {
  readonly extensionUri: vscode.Uri;
  readonly log: Logger;
  readonly copy: (text: string) => Promise<void>;
}

interface Tab {
  readonly panel: vscode.WebviewPanel;
  readonly ready: Promise<void>;
  /** What the page was told since the last begin, for a page that loads anew. */
  again: () => Promise<RunEnd>;
  running: AbortController | undefined;
}

/** One editor tab per title, re-used and left where the person put it. Rows go to the page as they come. */
export function registerResults({ extensionUri, log, copy }: ResultsNeeds): ResultsView & Disposable {
  const tabs = new Map<string, Tab>();

  const openTab = (title: string): Tab => {
    const panel = vscode.window.createWebviewPanel('opsbook.results', title, { viewColumn: vscode.ViewColumn.Active, preserveFocus: true }, webviewOptions(extensionUri));
    panel.iconPath = new vscode.ThemeIcon('table');
    let isReady: () => void = () => {};
    const tab: Tab = { panel, ready: new Promise((resolve) => (isReady = resolve)), again: async () => ({ kind: 'cancelled' }), running: undefined };
    panel.webview.onDidReceiveMessage((message: FromView) => {
      switch (message.type) {
        case 'ready':
          isReady();
          break;
        case 'cancel':
          tab.running?.abort();
          break;
        case 'runAgain':
          void tab.again();
          break;
        case 'copy':
          void copy(message.text);
          break;
        default:
          message satisfies never;
      }
    });
    panel.onDidDispose(() => {
      tab.running?.abort();
      tabs.delete(title);
    });
    panel.webview.html = webviewHtml(panel.webview, extensionUri, 'results', title);
    tabs.set(title, tab);
    return tab;
  };

  const show = async (run: ShownRun): Promise<RunEnd> => {
    const tab = tabs.get(run.title) ?? openTab(run.title);
    tab.panel.reveal(undefined, true);
    tab.running?.abort();
    const controller = new AbortController();
    tab.running = controller;
    tab.again = async () => show(run);
    await tab.ready;
    const end = await stream(run, controller, (message) => {
      // A tab that was closed, or a run that another one has replaced, shows nothing any more.
      if (tab.running === controller) {
        void tab.panel.webview.postMessage(message);
      }
    });
    if (end.kind === 'failed') {
      log.warn('a run failed', { title: run.title, ...describeForLog(end.error) });
    }
    return end;
  };

  return {
    show,
    dispose: () => {
      for (const tab of [...tabs.values()]) {
        tab.panel.dispose();
      }
    },
  };
}

/** Runs, and tells the page what comes. */
async function stream(run: ShownRun, controller: AbortController, tell: (message: ToView) => void): Promise<RunEnd> {
  tell({ type: 'begin', title: run.title, statement: visible(run.statement), target: run.target, words: words() });
  const rows: (readonly (string | null)[])[] = [];
  let columns: readonly Column[] = [];
  try {
    for await (const event of run.run(controller.signal)) {
      if (event.kind === 'columns') {
        columns = event.columns;
      } else if (event.kind === 'rows') {
        rows.push(...event.rows);
      }
      tell(toMessage(event, rows.length));
    }
    if (run.judge) {
      const verdict = run.judge({ columns, rows });
      tell({ type: 'verdict', ...verdict, explanation: run.explanation ?? '' });
    }
    return { kind: 'done', rowCount: rows.length };
  } catch (error) {
    if (isCancelled(error)) {
      tell({ type: 'end', outcome: 'cancelled', message: l10n.t('Cancelled. {0} rows had come.', rows.length), details: [] });
      return { kind: 'cancelled' };
    }
    const failure = isOpsError(error) ? error : new OpsError('serviceFailed', { operation: run.title, status: 0, message: String(error) }, error);
    tell({ type: 'end', outcome: 'failed', message: errorMessage(failure).message, details: details(failure) });
    return { kind: 'failed', error: failure };
  }
}

function toMessage(event: ResultEvent, shown: number): ToView {
  switch (event.kind) {
    case 'columns':
      return { type: 'columns', columns: event.columns.map((column) => ({ name: visible(column.name), type: column.type, numeric: column.category === 'number' })) };
    case 'rows':
      return { type: 'rows', rows: event.rows.map((row) => row.map((cell) => (cell === null ? null : visible(cell)))) };
    case 'notice':
      return { type: 'notice', text: visible(`${event.notice.severity}: ${event.notice.message}`) };
    case 'done':
      return { type: 'end', outcome: 'done', message: doneMessage(event, shown), details: [] };
    default:
      return event satisfies never;
  }
}

function doneMessage(event: Extract<ResultEvent, { kind: 'done' }>, shown: number): string {
  const time = l10n.t('{0} ms', Math.round(event.durationMs));
  if (event.truncated) {
    return l10n.t('The first {0} rows in {1}; there are more (setting opsbook.sql.rowLimit).', shown, time);
  }
  if (event.rowCount !== undefined && shown === 0 && event.rowCount > 0) {
    return l10n.t('{0}: {1} rows changed in {2}.', event.command, event.rowCount, time);
  }
  return shown === 1 ? l10n.t('1 row in {0}.', time) : l10n.t('{0} rows in {1}.', shown, time);
}

function details(error: OpsError): string[] {
  if (error.code !== 'queryFailed') {
    return [];
  }
  const facts = error.facts as OpsError<'queryFailed'>['facts'];
  return [facts.detail, facts.hint].filter((line): line is string => line !== undefined).map(visible);
}

function words(): Words {
  return {
    running: l10n.t('Running…'),
    cancel: l10n.t('Cancel'),
    runAgain: l10n.t('Run Again'),
    copy: l10n.t('Copy as CSV'),
    nothing: l10n.t('No rows.'),
    nullValue: 'NULL',
    states: { ok: stateWord('ok'), warn: stateWord('warn'), critical: stateWord('critical'), unknown: stateWord('unknown') },
  };
}
