import * as vscode from 'vscode';
import { isCancelled } from '../../core/errors.ts';
import type { Clock, Logger } from '../../core/ports.ts';
import { isForTrying } from '../../core/project/project.ts';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import type { LanguageServer } from './languageServer.ts';
import { requestFor, type RequestNeeds } from './request.ts';
import { languages } from './sources.ts';

export interface ServerCheckNeeds extends RequestNeeds {
  readonly languageServer: LanguageServer;
  readonly clock: Clock;
  readonly log: Logger;
}

/** After the last key, and while somebody scrolls; in milliseconds. */
const pauseMs = 400;

/** Of what can be seen of a document; the rest has its turn when it is seen. */
const mostAtOnce = 40;

/** So long a server that did not answer is left alone, in milliseconds. */
const restMs = 30_000;

/**
 * Has statements that somebody looks at prepared by the connected database, if that is nobody's production (SAFETY 12): one at a time, when
 * nothing was typed for a moment, each once for as long as the catalog counts.
 */
export class ServerChecks implements Disposable {
  private readonly needs: ServerCheckNeeds;
  private readonly answered: (document: vscode.TextDocument) => void;
  private readonly owned = new DisposableStore();
  private readonly waiting = new Set<vscode.TextDocument>();
  private timer: NodeJS.Timeout | undefined;
  private running: { readonly document: vscode.TextDocument; readonly controller: AbortController } | undefined;
  private restsUntil = 0;

  /** `answered`: the server said something new about a document. */
  constructor(needs: ServerCheckNeeds, answered: (document: vscode.TextDocument) => void) {
    this.needs = needs;
    this.answered = answered;
    const everything = () => vscode.window.visibleTextEditors.forEach(({ document }) => this.schedule(document));
    this.owned.add(vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => contentChanges.length > 0 && this.schedule(document)));
    this.owned.add(vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => this.schedule(textEditor.document)));
    this.owned.add(vscode.window.onDidChangeVisibleTextEditors(everything));
    for (const event of [needs.session.onDidChange, needs.settings.onDidChange, needs.library.onDidChange, needs.files.onDidChange, needs.languageServer.onDidChange, needs.catalogs.onDidChange]) {
      this.owned.add(event(everything));
    }
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.waiting.clear();
    this.running?.controller.abort();
    this.owned.dispose();
  }

  /** What is under way for the document is about what it was: it ends. */
  private schedule(document: vscode.TextDocument): void {
    if (!languages.includes(document.languageId) || !this.mayAsk(document)) {
      return;
    }
    this.waiting.add(document);
    if (this.running?.document === document) {
      this.running.controller.abort();
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.next(), pauseMs);
  }

  private mayAsk(document: vscode.TextDocument): boolean {
    const { settings, session, languageServer, clock } = this.needs;
    const { state } = session;
    const wanted = settings.current['opsbook.sql.squiggles'] && settings.current['opsbook.sql.serverChecks'];
    const yields = settings.current['opsbook.sql.yieldToLanguageServer'] && languageServer.dutiesIn(document)?.marks({ alsoIn: ['typecheck'] }) === true;
    return wanted && !yields && state.kind === 'connected' && isForTrying(state.connection.project) && clock.now() >= this.restsUntil;
  }

  /** One document after the other. */
  private async next(): Promise<void> {
    const [document] = this.waiting;
    if (document === undefined || this.running !== undefined) {
      return;
    }
    this.waiting.delete(document);
    const controller = new AbortController();
    this.running = { document, controller };
    try {
      if (await this.ask(document, controller.signal)) {
        this.answered(document);
      }
    } catch (error) {
      if (!isCancelled(error)) {
        this.restsUntil = this.needs.clock.now() + restMs;
        this.needs.log.info('the server could not be asked about SQL that is written', { error: String(error) });
      }
    } finally {
      this.running = undefined;
    }
    if (this.waiting.size > 0) {
      this.timer = setTimeout(() => void this.next(), controller.signal.aborted ? pauseMs : 0);
    }
  }

  /** Whether there was anything to ask. */
  private async ask(document: vscode.TextDocument, signal: AbortSignal): Promise<boolean> {
    const { analyst, session } = this.needs;
    const editors = vscode.window.visibleTextEditors.filter((editor) => editor.document === document);
    const asked = editors.length === 0 || !this.mayAsk(document) ? undefined : await requestFor(document, this.needs);
    const { state } = session;
    const catalog = asked?.request.catalog;
    if (asked === undefined || catalog === undefined || document.isClosed || state.kind !== 'connected' || state.connection.database.kind !== 'available' || !state.connection.database.use.capabilities.prepares) {
      return false;
    }
    // Only in a file of SQL do its places count as in the document.
    const within = document.languageId === 'sql' ? editors.flatMap(({ visibleRanges }) => visibleRanges.map(({ start, end }) => ({ start: document.offsetAt(start), end: document.offsetAt(end) }))) : undefined;
    const { statements } = await analyst.preparable(asked.request, { most: mostAtOnce, ...(within === undefined ? {} : { within }) }, signal);
    if (statements.length === 0) {
      return false;
    }
    const { askAbout } = await import('../../core/sql/prepared/serverQuestions.ts');
    await askAbout(statements, { database: state.connection.database.use, catalog, analyst }, { signal, priority: 'check' });
    return true;
  }
}
