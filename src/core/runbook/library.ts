import { Emitter } from '../../util/event.ts';
import type { Disposable } from '../../util/dispose.ts';
import type { Event } from '../../util/event.ts';
import type { RunbookDocument, Section, Step } from './document.ts';
import type { MarkdownGrammar } from './markdown.ts';

/** A Markdown file that the Runbooks view lists. */
export interface ListedFile {
  readonly uri: string;
  /** How the view names it: its path within the place, or its title within the extension. */
  readonly label: string;
  readonly origin: 'bundled' | 'repository';
  readonly read: () => Promise<string>;
}

/** Where listed files come from; none is an empty list. */
export interface FileSource {
  list(): Promise<readonly ListedFile[]>;
  readonly onDidChange: Event<void>;
}

export interface ListedDocument {
  readonly document: RunbookDocument;
  readonly label: string;
  readonly origin: 'bundled' | 'repository';
}

/** The documents of the extension and of the repository, parsed once and kept until a source says that something changed. */
export class Library implements Disposable {
  private readonly sources: readonly FileSource[];
  private readonly grammar: () => Promise<MarkdownGrammar>;
  private readonly changed = new Emitter<void>();
  private readonly subscriptions: readonly Disposable[];
  private known: Promise<readonly ListedDocument[]> | undefined;
  readonly onDidChange = this.changed.event;

  constructor({ sources, grammar }: { sources: readonly FileSource[]; grammar: () => Promise<MarkdownGrammar> }) {
    this.sources = sources;
    this.grammar = grammar;
    this.subscriptions = sources.map((source) =>
      source.onDidChange(() => {
        this.known = undefined;
        this.changed.fire();
      }),
    );
  }

  /** In the sources' order. A file that cannot be read is left out until it can: it may be gone since it was listed. */
  documents(): Promise<readonly ListedDocument[]> {
    if (this.known === undefined) {
      const loading = this.load();
      this.known = loading;
      // A failure is not kept: who asks again may be luckier.
      loading.catch(() => {
        if (this.known === loading) {
          this.known = undefined;
        }
      });
    }
    return this.known;
  }

  /** Parses a text as it stands in an editor. */
  async parse(uri: string, text: string): Promise<RunbookDocument> {
    const [{ parseDocument }, grammar] = await Promise.all([import('./parseDocument.ts'), this.grammar()]);
    return parseDocument(uri, text, grammar);
  }

  async find(uri: string): Promise<ListedDocument | undefined> {
    return (await this.documents()).find((listed) => listed.document.uri === uri);
  }

  /** Steps that have a limit: their outcome is judged. */
  async diagnostics(): Promise<readonly { readonly step: Step; readonly section: Section; readonly listed: ListedDocument }[]> {
    const documents = await this.documents();
    return documents.flatMap((listed) =>
      listed.document.sections.flatMap((section) =>
        section.steps.filter((step) => step.language === 'sql' && (step.options.warn !== undefined || step.options.critical !== undefined)).map((step) => ({ step, section, listed })),
      ),
    );
  }

  dispose(): void {
    this.subscriptions.forEach((subscription) => subscription.dispose());
    this.changed.dispose();
  }

  private async load(): Promise<readonly ListedDocument[]> {
    const [{ parseDocument }, grammar, ...lists] = await Promise.all([import('./parseDocument.ts'), this.grammar(), ...this.sources.map(async (source) => source.list())]);
    const outcomes = await Promise.allSettled(
      onceEach(lists.flat()).map(async (file) => ({ document: parseDocument(file.uri, await file.read(), grammar), label: file.label, origin: file.origin })),
    );
    return outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  }
}

/** Places that lie in each other may list the same file. */
function onceEach(files: readonly ListedFile[]): readonly ListedFile[] {
  return [...new Map(files.toReversed().map((file) => [file.uri, file])).values()].toReversed();
}
