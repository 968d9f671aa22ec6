/** Results as text, so that a numeric of forty digits and a bigint arrive as the server printed them. */
import { unpackRows, type PackedRows } from './packedRows.ts';

/** `null` is SQL's null; everything else is the server's text (booleans as `true`/`false`, JSON as its text). */
export type Cell = string | null;

export type ColumnCategory = 'number' | 'boolean' | 'time' | 'json' | 'bytes' | 'array' | 'text';

export interface Column {
  readonly name: string;
  /** Postgres' name of the type, such as `int8`; `unknown` over a way that does not tell. */
  readonly type: string;
  readonly category: ColumnCategory;
}

export type Row = readonly Cell[];

export interface Notice {
  /** `NOTICE`, `WARNING`, `INFO`, … */
  readonly severity: string;
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
}

/** What comes back while a statement runs, in this order: columns, then rows (in either form) and notices, then done. */
export type ResultEvent =
  | { readonly kind: 'columns'; readonly columns: readonly Column[] }
  | { readonly kind: 'rows'; readonly rows: readonly Row[] }
  | { readonly kind: 'packed'; readonly packed: PackedRows }
  | { readonly kind: 'notice'; readonly notice: Notice }
  | {
      readonly kind: 'done';
      /** The command tag's first words: `SELECT`, `INSERT`, `CREATE TABLE`; empty over a way that does not tell. */
      readonly command: string;
      /** Rows returned or changed; `undefined` where the way does not tell. */
      readonly rowCount: number | undefined;
      /** The row limit was reached and more rows were there. */
      readonly truncated: boolean;
      readonly durationMs: number;
    };

/** A whole small result, for diagnostics and lists; the results editor reads events instead. */
export interface ResultSet {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  readonly notices: readonly Notice[];
  readonly truncated: boolean;
  readonly durationMs: number;
}

/** Gathers events; throws what the events throw. */
export async function gather(events: AsyncIterable<ResultEvent>): Promise<ResultSet> {
  let columns: readonly Column[] = [];
  const rows: Row[] = [];
  const notices: Notice[] = [];
  let end = { truncated: false, durationMs: 0 };
  for await (const event of events) {
    switch (event.kind) {
      case 'columns':
        columns = event.columns;
        break;
      case 'rows':
        event.rows.forEach((row) => rows.push(row));
        break;
      case 'packed':
        unpackRows(event.packed).forEach((row) => rows.push(row));
        break;
      case 'notice':
        notices.push(event.notice);
        break;
      case 'done':
        end = event;
        break;
      default:
        event satisfies never;
    }
  }
  return { columns, rows, notices, truncated: end.truncated, durationMs: end.durationMs };
}
