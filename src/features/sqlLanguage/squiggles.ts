import * as vscode from 'vscode';
import { isCancelled } from '../../core/errors.ts';
import type { Logger } from '../../core/ports.ts';
import type { TrialResults } from '../../core/sql/trial/results.ts';
import type { Documents } from '../../host/documents.ts';
import type { MarkedErrors } from '../../host/errorMarks.ts';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import type { Presentation, Shown } from './diagnostics.ts';
import type { LanguageServer } from './languageServer.ts';
import { requestFor, type RequestNeeds } from './request.ts';
import { languages } from './sources.ts';

export interface SquigglesNeeds extends RequestNeeds {
  readonly languageServer: LanguageServer;
  readonly documents: Documents;
  readonly log: Logger;
  /** What came of migrations that were tried. */
  readonly trials: TrialResults;
  /** What the server said of a statement that was run: that is not marked a second time. */
  readonly errorMarks: MarkedErrors;
}

/** Between the last of several edits and the look at them: what comes from one key or one paste is looked at once. */
const pauseMs = 4;

/** Marks what is wrong in every open document that is ours, while it is typed. */
export class Squiggles implements Disposable {
  private readonly needs: SquigglesNeeds;
  private readonly owned = new DisposableStore();
  private readonly collection: vscode.DiagnosticCollection;
  private readonly open = new Map<string, OpenDocument>();
  private pageUri: Presentation['pageUri'] | undefined;

  constructor(needs: SquigglesNeeds) {
    this.needs = needs;
    this.collection = this.owned.add(vscode.languages.createDiagnosticCollection('opsbook-sql'));
    this.owned.add(vscode.workspace.onDidOpenTextDocument((document) => this.look(document)));
    this.owned.add(vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => contentChanges.length > 0 && this.look(document)));
    this.owned.add(vscode.workspace.onDidCloseTextDocument((document) => this.forget(document.uri)));
    const everything = () => this.lookAtAll();
    for (const event of [needs.session.onDidChange, needs.settings.onDidChange, needs.library.onDidChange, needs.files.onDidChange, needs.languageServer.onDidChange, needs.catalogs.onDidChange, needs.trials.onDidChange]) {
      this.owned.add(event(everything));
    }
    this.owned.add(needs.errorMarks.onDidChange((document) => this.show(document)));
    this.lookAtAll();
  }

  /** What is found in a document now; its fixes are offered also where the server's word stands in its place. */
  shownIn(document: vscode.TextDocument): readonly Shown[] {
    return this.open.get(document.uri.toString())?.shown ?? [];
  }

  lookAtAll(): void {
    vscode.workspace.textDocuments.forEach((document) => this.look(document));
  }

  dispose(): void {
    this.open.forEach((each) => each.stop());
    this.open.clear();
    this.owned.dispose();
  }

  look(document: vscode.TextDocument): void {
    if (!languages.includes(document.languageId)) {
      return;
    }
    const key = document.uri.toString();
    const open = this.open.get(key) ?? new OpenDocument();
    this.open.set(key, open);
    open.schedule(pauseMs, (signal) => this.mark(document, open, signal), this.needs.log);
  }

  private forget(uri: vscode.Uri): void {
    const open = this.open.get(uri.toString());
    if (open !== undefined) {
      open.stop();
      this.open.delete(uri.toString());
      this.collection.delete(uri);
      this.needs.analyst.forget(uri.toString());
    }
  }

  private async mark(document: vscode.TextDocument, open: OpenDocument, signal: AbortSignal): Promise<void> {
    const { version } = document;
    const shown = await this.findingsOf(document, signal);
    // Later edits have scheduled a look of their own.
    if (signal.aborted || document.isClosed || document.version !== version) {
      return;
    }
    open.shown = shown;
    this.show(document);
  }

  private show(document: vscode.TextDocument): void {
    const failed = this.needs.errorMarks.rangeIn(document);
    const saysTheSame = ({ rule, diagnostic: { range } }: Shown): boolean => rule.refused === true && failed !== undefined && overlap(range, failed);
    this.collection.set(document.uri, this.shownIn(document).filter((each) => !saysTheSame(each)).map(({ diagnostic }) => diagnostic));
  }

  private async findingsOf(document: vscode.TextDocument, signal: AbortSignal): Promise<readonly Shown[]> {
    const { analyst, languageServer, settings, documents } = this.needs;
    const asked = settings.current['opsbook.sql.squiggles'] ? await requestFor(document, this.needs) : undefined;
    if (asked === undefined) {
      return [];
    }
    const { request, source } = asked;
    const found = await analyst.analyze(request, signal);
    const { present, createRulePages } = await import('./presentation.ts');
    const duties = settings.current['opsbook.sql.yieldToLanguageServer'] ? languageServer.dutiesIn(document) : undefined;
    this.pageUri ??= createRulePages(documents);
    // Migrations are files of one piece.
    const all = found.length === 1 ? found.map((list) => this.needs.trials.among(document.uri.toString(), () => document.getText(), list)) : found;
    const findings = all.flatMap((list, index) => list.map((finding) => ({ finding, toDocument: source.pieces[index]?.toDocument ?? ((offset: number) => offset) })));
    return present(document, findings, {
      severities: settings.current['opsbook.sql.lints'],
      leaves: (shared) => duties?.marks(shared) === true,
      pageUri: this.pageUri,
    });
  }
}

function overlap(one: vscode.Range, other: vscode.Range): boolean {
  return one.intersection(other)?.isEmpty === false;
}

/** One document's turn: of several looks that overtake each other only the last one counts. */
class OpenDocument {
  shown: readonly Shown[] = [];
  private timer: NodeJS.Timeout | undefined;
  private controller = new AbortController();

  schedule(pause: number, look: (signal: AbortSignal) => Promise<void>, log: Logger): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.controller.abort();
      this.controller = new AbortController();
      look(this.controller.signal).catch((error: unknown) => {
        if (!isCancelled(error)) {
          log.warn('SQL could not be looked at', { error: String(error) });
        }
      });
    }, pause);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.controller.abort();
  }
}
