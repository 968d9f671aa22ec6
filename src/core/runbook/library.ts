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
  private readonly unlisted: FileSource | undefined;
  private readonly grammar: () => Promise<MarkdownGrammar>;
  private readonly changed = new Emitter<void>();
  private readonly subscriptions: readonly Disposable[];
  private known: Promise<readonly ListedDocument[]> | undefined;
  private knownUnlisted: Promise<readonly ListedDocument[]> | undefined;
  readonly onDidChange = this.changed.event;

  /** `unlisted`: more files of the repository, which are looked through for diagnostics alone. */
  constructor({ sources, unlisted, grammar }: { sources: readonly FileSource[]; unlisted?: FileSource; grammar: () => Promise<MarkdownGrammar> }) {
    this.sources = sources;
    this.unlisted = unlisted;
    this.grammar = grammar;
    this.subscriptions = [...sources, ...(unlisted ? [unlisted] : [])].map((source) =>
      source.onDidChange(() => {
        this.known = undefined;
        this.knownUnlisted = undefined;
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

  /** Steps that have a limit: their outcome is judged. Whoever gave a fence a limit meant it for this, wherever it stands in the repository. */
  async diagnostics(): Promise<readonly { readonly step: Step; readonly section: Section; readonly listed: ListedDocument }[]> {
    const documents = await this.documents();
    const unlisted = (this.knownUnlisted ??= this.loadUnlisted(documents));
    // A failure is not kept, and keeps nobody from what is listed.
    const others = await unlisted.catch(() => {
      this.knownUnlisted = undefined;
      return [];
    });
    return [...documents, ...others].flatMap((listed) =>
      listed.document.sections.flatMap((section) =>
        section.steps.filter((step) => step.language === 'sql' && (step.options.warn !== undefined || step.options.critical !== undefined)).map((step) => ({ step, section, listed })),
      ),
    );
  }

  dispose(): void {
    this.subscriptions.forEach((subscription) => subscription.dispose());
    this.changed.dispose();
  }

  private async loadUnlisted(listed: readonly ListedDocument[]): Promise<readonly ListedDocument[]> {
    if (!this.unlisted) {
      return [];
    }
    const known = new Set(listed.map(({ document }) => document.uri));
    const files = onceEach(await this.unlisted.list()).filter(({ uri }) => !known.has(uri));
    const outcomes = await Promise.allSettled(
      files.map(async (file) => {
        const text = await file.read();
        return mayHaveDiagnostic.test(text) ? [{ document: await this.parse(file.uri, text), label: file.label, origin: file.origin }] : [];
      }),
    );
    return outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : []));
  }

  private async load(): Promise<readonly ListedDocument[]> {
    const [{ parseDocument }, grammar, ...lists] = await Promise.all([import('./parseDocument.ts'), this.grammar(), ...this.sources.map(async (source) => source.list())]);
    const outcomes = await Promise.allSettled(
      onceEach(lists.flat()).map(async (file) => ({ document: parseDocument(file.uri, await file.read(), grammar), label: file.label, origin: file.origin })),
    );
    return outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  }
}

/** The opening line of a fence that may be a diagnostic: most files have none and need not be parsed. */
const mayHaveDiagnostic = /^[ >\t*+\d.)-]*(?:`{3,}|~{3,})[ \t]*sql\b[^\n]*\b(?:warn|critical)[ \t]*=/im;

/** Places that lie in each other may list the same file. */
function onceEach(files: readonly ListedFile[]): readonly ListedFile[] {
  return [...new Map(files.toReversed().map((file) => [file.uri, file])).values()].toReversed();
}
