/**
 * What the results tab and the extension say to each other: serializable data only. The extension owns the rows; the page asks for those
 * in sight. Outside text in states has its control characters made visible already.
 */
import type { Arrangement, FoundCell } from '../../core/results/arrangement.ts';
import type { ChartChoice, ChartData, Drawable } from '../../core/results/chart.ts';
import type { FormatName } from '../../core/results/formats/format.ts';
import type { ColumnCategory } from '../../core/sql/result.ts';
import type { RequestMessage } from '../../util/requests.ts';
import type { Words } from './words.ts';

export type { Words } from './words.ts';

export interface ShownColumn {
  readonly name: string;
  readonly type: string;
  readonly category: ColumnCategory;
}

/** A text too long for the grid comes as its beginning and its whole length. */
export type ShownCell = string | null | readonly [beginning: string, length: number];

export type Outcome = 'running' | 'done' | 'cancelled' | 'failed';

export interface ShownVerdict {
  readonly state: 'ok' | 'warn' | 'critical' | 'unknown';
  readonly summary: string;
  readonly explanation: string;
  /** What the button says that does something about it. */
  readonly remedy?: string;
  /** Numbers of the rows that are the reason. */
  readonly rows: readonly number[];
}

/** A node of a plan, in words. */
export interface ShownPlanNode {
  readonly id: number;
  readonly kind: string;
  readonly subject: string;
  readonly role: string;
  /** From 0 to 1: its part in the whole. */
  readonly share: number;
  readonly isSlow: boolean;
  readonly neverRan: boolean;
  /** `12.7 ms`, or without ANALYZE the cost. */
  readonly own: string;
  /** `120,000`, or without ANALYZE what is expected. */
  readonly rows: string;
  /** `20 × fewer than expected`; empty when the estimate was good. */
  readonly off: string;
  readonly isFarOff: boolean;
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly children: readonly ShownPlanNode[];
}

export interface ShownPlan {
  readonly root: ShownPlanNode;
  readonly isAnalyzed: boolean;
  /** `Planning 0.3 ms`, … */
  readonly summary: readonly string[];
  readonly advice: readonly { readonly node: number; readonly text: string }[];
  /** As the server printed it. */
  readonly raw: string;
}

/** One statement of a run. */
export interface PartState {
  /** Never used twice in a tab. */
  readonly id: number;
  readonly statement: string;
  readonly shows: 'rows' | 'plan';
  readonly columns: readonly ShownColumn[];
  /** Rows that came. */
  readonly total: number;
  /** Rows that the filters leave. */
  readonly rowCount: number;
  readonly arrangement: Arrangement;
  /** Another one means other rows in other places. */
  readonly version: number;
  readonly outcome: Outcome;
  /** What stands below the rows: `20 rows in 3 ms.` */
  readonly message: string;
  readonly details: readonly string[];
  /** More rows are there, and they can be fetched. */
  readonly more: boolean;
  /** There is something along which numbers can be drawn. */
  readonly canDraw: boolean;
  readonly verdict?: ShownVerdict;
  /** Of a part that shows a plan, once it is there. */
  readonly plan?: ShownPlan;
}

/** What the server said, oldest first. */
export interface ShownMessage {
  readonly part: number;
  /** `NOTICE`, `WARNING`, `ERROR`, …; empty for the end of a statement. */
  readonly severity: string;
  readonly text: string;
  readonly details: readonly string[];
  /** When, as the clock shows it. */
  readonly time: string;
}

export interface TabState {
  readonly title: string;
  readonly target: string;
  /** The role and user that it ran as, when one was taken. */
  readonly as?: string;
  readonly running: boolean;
  readonly canRunAgain: boolean;
  /** Opened anew with the window: there is nothing but the statements. */
  readonly restored: boolean;
  readonly parts: readonly PartState[];
  /** Of a restored tab, which has no parts. */
  readonly statements: readonly string[];
  readonly messages: readonly ShownMessage[];
  readonly words: Words;
  /** To be kept by the page for the extension, which gets it back after the window was loaded anew. */
  readonly memory: unknown;
}

export type ToView =
  | { readonly type: 'state'; readonly state: TabState }
  /** Rows have come; nothing else has changed. */
  | { readonly type: 'grown'; readonly part: number; readonly total: number; readonly rowCount: number }
  | RequestMessage;

export type FromView =
  /** The page's script is ready to be told. */
  | { readonly type: 'ready' }
  | { readonly type: 'cancel' }
  | { readonly type: 'runAgain' }
  /** The button of a verdict was pressed. */
  | { readonly type: 'remedy'; readonly part: number }
  | RequestMessage;

export interface Selection {
  /** Places in the view; the last one is not included. */
  readonly fromRow: number;
  readonly toRow: number;
  /** In the order in which they are shown. */
  readonly columns: readonly number[];
}

export interface ShownChart {
  readonly choice: ChartChoice;
  readonly drawable: Drawable;
  readonly data: ChartData;
  /** Rows that are shown; the drawing is of the first of them when they are very many. */
  readonly total: number;
}

export type ExportFormat = FormatName | 'parquet';

interface InPart {
  readonly part: number;
}

/** What the page asks the extension. */
export type PageQuestions = {
  /** `undefined` when the arrangement is another one by now. */
  readonly rows: {
    readonly ask: InPart & { readonly version: number; readonly from: number; readonly count: number };
    readonly answer: { readonly rows: readonly (readonly ShownCell[])[]; readonly numbers: readonly number[] } | undefined;
  };
  /** The whole value, up to a megabyte of it. */
  readonly cell: { readonly ask: InPart & FoundCell; readonly answer: { readonly text: string | null; readonly length: number } };
  readonly arrange: { readonly ask: InPart & { readonly arrangement: Arrangement }; readonly answer: undefined };
  readonly find: {
    readonly ask: InPart & { readonly text: string; readonly from: FoundCell; readonly direction: 'next' | 'previous' };
    readonly answer: FoundCell | undefined;
  };
  /** Without a selection all rows that are shown. The answer is how many were copied. */
  readonly copy: { readonly ask: InPart & { readonly format: FormatName; readonly header: boolean; readonly selection?: Selection }; readonly answer: number };
  readonly copyText: { readonly ask: string; readonly answer: undefined };
  readonly export: { readonly ask: InPart & { readonly format: ExportFormat; readonly safeForSpreadsheets: boolean }; readonly answer: undefined };
  readonly fetchAll: { readonly ask: InPart; readonly answer: undefined };
  /** Without a choice the one that is probably wanted; `undefined` when there is nothing to draw. */
  readonly chart: { readonly ask: InPart & { readonly choice?: ChartChoice }; readonly answer: ShownChart | undefined };
  readonly openCell: { readonly ask: InPart & FoundCell; readonly answer: undefined };
};

/** The extension asks the page nothing. */
export type HostQuestions = Record<never, never>;
