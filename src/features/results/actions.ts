/** What a person does with rows: copies them, writes them to a file, looks at one value. */
import { OpsError } from '../../core/errors.ts';
import type { SqlGrammar } from '../../core/ports.ts';
import { intoFile, rowsOf, writeText } from '../../core/results/exportRows.ts';
import { createFormat, formatRows } from '../../core/results/formats/createFormat.ts';
import type { FormatName } from '../../core/results/formats/format.ts';
import { insertTarget } from '../../core/results/insertTarget.ts';
import type { FileSink, OpenFileSink, WriteParquet } from '../../core/results/outside.ts';
import { planParquet } from '../../core/results/parquetColumns.ts';
import type { FoundCell } from '../../core/results/arrangement.ts';
import type { Column, Row } from '../../core/sql/result.ts';
import type { Ui } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';
import { parseJsonTree, printJsonTree } from '../../util/jsonTree.ts';
import { beginning, visible } from '../../util/visible.ts';
import type { ResultPart } from './part.ts';
import type { ExportFormat, PageQuestions } from './protocol.ts';

export interface ActionNeeds {
  readonly ui: Ui;
  readonly grammar: SqlGrammar;
  readonly openFile: OpenFileSink;
  readonly writeParquet: WriteParquet;
  /** Asks where to write; throws `cancelled`. */
  readonly askFile: (suggestion: { readonly name: string; readonly ending: string; readonly format: string }) => Promise<string>;
  /** Shows a text in an editor of its own. */
  readonly openText: (text: string, language: string) => Promise<void>;
}

/** Rows that go to the clipboard at once. */
const mostCopied = 100_000;

/** Characters of a value that a page is given. */
const longestValue = 1_000_000;

/** What a table is called when the rows are of none. */
const unknownTable = 'my_table';

const endings: Readonly<Record<ExportFormat, string>> = { text: 'txt', csv: 'csv', json: 'json', markdown: 'md', insert: 'sql', parquet: 'parquet' };

export class ResultActions {
  private readonly needs: ActionNeeds;

  constructor(needs: ActionNeeds) {
    this.needs = needs;
  }

  async value(part: ResultPart, at: FoundCell): Promise<PageQuestions['cell']['answer']> {
    const { text } = await part.cell(at);
    return { text: text === null ? null : visible(beginning(text, longestValue)), length: text?.length ?? 0 };
  }

  async find(part: ResultPart, text: string, from: FoundCell, direction: 'next' | 'previous'): Promise<FoundCell | undefined> {
    return part.rows.find(text, from, direction, AbortSignal.timeout(30_000));
  }

  /** Exact: nothing is made visible in what is copied. */
  async copy(part: ResultPart, { format, header, selection }: PageQuestions['copy']['ask']): Promise<number> {
    const { rows: view } = part;
    const { fromRow, toRow, columns } = selection ?? { fromRow: 0, toRow: view.rowCount, columns: part.ownColumns.map((_, index) => index) };
    if (toRow - fromRow > mostCopied) {
      this.needs.ui.warn(l10n.t('{0} rows are too many for the clipboard. Export them to a file.', toRow - fromRow));
      throw new OpsError('cancelled', {});
    }
    const chosen = columns.flatMap((index) => part.ownColumns[index] ?? []);
    const { rows } = await view.rows(fromRow, toRow - fromRow);
    const cut: Row[] = rows.map((row) => columns.map((column) => row[column] ?? null));
    const table = format === 'insert' ? await this.tableOf(part) : unknownTable;
    await this.needs.ui.copy(formatRows(createFormat(format, chosen, { header, safeForSpreadsheets: false, table }), cut));
    return cut.length;
  }

  async copyText(text: string): Promise<void> {
    await this.needs.ui.copy(text);
  }

  /** To a file that the person names, with progress and cancel; ends by throwing `cancelled` when they do not. */
  async export(part: ResultPart, { format, safeForSpreadsheets }: PageQuestions['export']['ask'], title: string): Promise<void> {
    const { ui, askFile, openFile } = this.needs;
    const ending = endings[format];
    const file = await askFile({ name: `${fileName(title)}.${ending}`, ending, format: format === 'parquet' ? 'Parquet' : ending.toUpperCase() });
    const count = part.rows.rowCount;
    let done = 0;
    await ui.progress(l10n.t('Writing {0} rows to {1}', count, file), async (signal, report) => {
      const sink = await openFile(file);
      const progress = (written: number): void => {
        done = written;
        report(l10n.t('{0} of {1}', written, Math.max(written, count)));
      };
      await intoFile(sink, () => this.write(part, sink, { format, safeForSpreadsheets, progress, signal }));
    });
    const told = l10n.t('{0} rows are in {1}.', done, file);
    // Nobody should take the beginning of a result for all of it.
    ui.tell(part.isWhole ? told : `${told} ${l10n.t('That is not the whole result: {0}', part.message || l10n.t('more rows are coming.'))}`);
  }

  /** JSON is laid out, everything else is as it is. */
  async openValue(part: ResultPart, at: FoundCell): Promise<void> {
    const { text, column } = await part.cell(at);
    const tree = column?.category === 'json' ? parseJsonTree(text ?? '') : undefined;
    await this.needs.openText(tree ? printJsonTree(tree) : (text ?? ''), tree ? 'json' : 'plaintext');
  }

  private async write(
    part: ResultPart,
    sink: FileSink,
    { format, safeForSpreadsheets, progress, signal }: { format: ExportFormat; safeForSpreadsheets: boolean; progress: (written: number) => void; signal: AbortSignal },
  ): Promise<void> {
    const columns = part.ownColumns;
    const rows = rowsOf(part.rows, progress, signal);
    if (format === 'parquet') {
      await this.needs.writeParquet(sink, await planParquet(columns, part.store, signal), rows, signal);
    } else {
      await writeText(sink, await this.formatFor(part, format, columns, safeForSpreadsheets), rows);
    }
  }

  private async formatFor(part: ResultPart, format: FormatName, columns: readonly Column[], safeForSpreadsheets: boolean): Promise<ReturnType<typeof createFormat>> {
    const table = format === 'insert' ? await this.tableOf(part) : unknownTable;
    return createFormat(format, columns, { header: true, safeForSpreadsheets, table });
  }

  private async tableOf(part: ResultPart): Promise<string> {
    return (await insertTarget(part.shown.statement, this.needs.grammar, AbortSignal.timeout(5_000))) ?? unknownTable;
  }
}

/** A title as a name that every disk takes. */
function fileName(title: string): string {
  return title.replace(/\.[a-z]+$/i, '').replaceAll(/[^\p{L}\p{N} _-]+/gu, ' ').trim().slice(0, 80) || 'result';
}
