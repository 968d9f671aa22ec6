/** One statement of a run: its rows as they come, and as they are looked at. */
import { OpsError, isCancelled, isOpsError } from '../../core/errors.ts';
import { unarranged, type Arrangement, type FoundCell } from '../../core/results/arrangement.ts';
import { chartData, drawable, suggestChart, type Drawable } from '../../core/results/chart.ts';
import { lookedAt } from '../../core/results/lookedAt.ts';
import { ResultView } from '../../core/results/resultView.ts';
import type { RowStore } from '../../core/results/rowStore.ts';
import type { Cell, Column, ResultEvent, Row } from '../../core/sql/result.ts';
import { errorMessage } from '../../host/errorMessage.ts';
import type { ShownPart } from '../../host/results.ts';
import { l10n } from '../../util/l10n.ts';
import { beginning, visible, visibleLine } from '../../util/visible.ts';
import type { Outcome, PageQuestions, PartState, ShownCell, ShownMessage, ShownPlan, ShownVerdict } from './protocol.ts';

/** Characters of a cell that the grid gets. */
const longestCell = 300;

/** What a drawing is made of. */
const mostDrawn = { rows: 50_000, characters: 50_000_000 };

/** Columns of each kind that are looked at for what one would want to see, and that can be chosen. */
const mostLikely = 20;
const mostOffered = 100;

/** Rows whose values say what the columns of a way that does not tell types hold, and what can be drawn. */
const mostSampled = 500;

/** Rows that are judged; a diagnostic has a few. */
const mostJudged = 10_000;

export interface PartEvents {
  /** Something besides the number of rows has changed. */
  changed(): void;
  grown(): void;
  said(message: Omit<ShownMessage, 'part' | 'time'>): void;
}

export class ResultPart {
  readonly id: number;
  readonly shown: ShownPart;
  readonly store: RowStore;
  private readonly events: PartEvents;
  private readonly before: { readonly names: string; readonly arrangement: Arrangement } | undefined;
  /** As they came; those of the view are as they are looked at. */
  private columns: readonly Column[] = [];
  private view: ResultView;
  private version = 0;
  private outcome: Outcome = 'running';
  /** How it ended, in a sentence. */
  message = '';
  private details: readonly string[] = [];
  private truncated = false;
  private hasRows = false;
  private verdict: ShownVerdict | undefined;
  private plan: ShownPlan | undefined;
  private drawable: Drawable | undefined;
  private arranging = new AbortController();

  /** `before`: what the same statement's rows were looked at last. */
  constructor({ id, shown, store, events, before }: { id: number; shown: ShownPart; store: RowStore; events: PartEvents; before: ResultPart | undefined }) {
    this.before = before && { names: namesOf(before.columns), arrangement: before.view.arrangement };
    this.id = id;
    this.shown = shown;
    this.store = store;
    this.events = events;
    this.view = new ResultView(store, []);
  }

  get state(): PartState {
    const { id, shown, view, version, outcome, message, details, verdict, plan } = this;
    return {
      id,
      statement: visible(shown.statement),
      shows: shown.shows ?? 'rows',
      columns: view.columns.map(({ name, type, category }) => ({ name: visible(name), type, category })),
      total: this.store.rowCount,
      rowCount: view.rowCount,
      arrangement: view.arrangement,
      version,
      outcome,
      message,
      details,
      canDraw: this.drawable !== undefined && suggestChart(view.columns, this.drawable, []) !== undefined,
      more: this.truncated && shown.runWhole !== undefined,
      ...(verdict === undefined ? {} : { verdict }),
      ...(plan === undefined ? {} : { plan }),
    };
  }

  /** The rows as they are looked at. */
  get rows(): ResultView {
    return this.view;
  }

  /** All rows that the statement has are here. */
  get isWhole(): boolean {
    return this.outcome === 'done' && !this.truncated;
  }

  /** The columns as they came, for what leaves the editor. */
  get ownColumns(): readonly Column[] {
    return this.columns;
  }

  /** Takes what comes to its end. What goes wrong is shown here, and comes back. */
  async take(events: AsyncIterable<ResultEvent>): Promise<OpsError | undefined> {
    try {
      for await (const event of events) {
        await this.takeEvent(event);
      }
      await this.store.settle();
      await this.judge();
      await this.readPlan();
      await this.rearrange();
      return undefined;
    } catch (error) {
      return this.fail(error);
    } finally {
      this.events.changed();
    }
  }

  /** Throws `cancelled` when another arrangement overtakes it. */
  async arrange(arrangement: Arrangement): Promise<void> {
    this.arranging.abort();
    this.arranging = new AbortController();
    await this.view.arrange(arrangement, this.arranging.signal);
    this.version++;
    this.events.changed();
  }

  async page({ version, from, count }: PageQuestions['rows']['ask']): Promise<PageQuestions['rows']['answer']> {
    if (version !== this.version) {
      return undefined;
    }
    const { rows, numbers } = await this.view.rows(from, Math.min(count, 500));
    return version === this.version ? { rows: rows.map((row) => row.map(shortCell)), numbers } : undefined;
  }

  async cell({ row, column }: FoundCell): Promise<{ readonly text: Cell; readonly column: Column | undefined }> {
    return { text: await this.view.cell(row, column), column: this.columns[column] };
  }

  /** Of the rows as they are looked at. */
  async chart(choice: PageQuestions['chart']['ask']['choice']): Promise<PageQuestions['chart']['answer']> {
    const { drawable: of } = this;
    if (of === undefined) {
      return undefined;
    }
    const { x, ys, by = x } = choice ?? { x: -1, ys: [] };
    const first = (count: number): Drawable => ({ ...of, bottoms: of.bottoms.slice(0, count), numbers: of.numbers.slice(0, count) });
    const likely = first(mostLikely);
    const needed = choice ? [x, by, ...ys] : [...likely.bottoms, ...likely.numbers];
    const rows = await this.view.slim(needed, mostDrawn, this.arranging.signal);
    const chosen = choice ?? suggestChart(this.view.columns, likely, rows);
    if (chosen === undefined) {
      return undefined;
    }
    const { labels, series, ...data } = chartData(rows, chosen);
    const shown = (text: Cell): string => visibleLine(beginning(text ?? 'NULL', longestCell));
    return { choice: chosen, drawable: first(mostOffered), data: { ...data, labels: labels.map(shown), series: series.map((each) => (each.of === undefined ? each : { ...each, of: shown(each.of) })) }, total: this.view.rowCount };
  }

  /** Lets go of the rows; whatever is still being done with them ends. */
  async dispose(): Promise<void> {
    this.arranging.abort();
    await this.store.dispose();
  }

  private async takeEvent(event: ResultEvent): Promise<void> {
    switch (event.kind) {
      case 'columns':
        this.columns = event.columns;
        this.view = this.viewOf(event.columns);
        this.events.changed();
        break;
      case 'rows':
        await this.grow(this.store.append(event.rows));
        break;
      case 'packed':
        await this.grow(this.store.appendPacked(event.packed));
        break;
      case 'notice': {
        const { severity, message, detail, hint } = event.notice;
        this.events.said({ severity: visible(severity), text: visible(message), details: [detail, hint].flatMap((line) => (line === undefined ? [] : visible(line))) });
        break;
      }
      case 'done':
        this.outcome = 'done';
        this.truncated = event.truncated;
        this.message = doneMessage(event, this.store.rowCount, this.shown.runWhole !== undefined);
        this.events.said({ severity: '', text: this.message, details: [] });
        break;
      default:
        event satisfies never;
    }
  }

  /** Rows have come, and are in the store; it says when there is room for more. */
  private async grow(room: Promise<void>): Promise<void> {
    if (!this.hasRows) {
      this.hasRows = true;
      const rows = await this.store.read(0, mostSampled);
      this.view = this.viewOf(lookedAt(this.columns, rows));
      this.drawable = drawable(this.view.columns, rows);
      this.events.changed();
    }
    this.events.grown();
    await room;
  }

  private viewOf(columns: readonly Column[]): ResultView {
    const view = new ResultView(this.store, columns);
    view.arrangement = this.before?.names === namesOf(columns) ? this.before.arrangement : unarranged;
    return view;
  }

  private async judge(): Promise<void> {
    const { judge, explanation, remedy } = this.shown;
    if (judge) {
      const rows: readonly Row[] = await this.store.read(0, mostJudged);
      const { state, summary, rows: marked } = judge({ columns: this.columns, rows, truncated: this.truncated });
      const isBroken = state === 'warn' || state === 'critical';
      this.verdict = { state, summary: visible(summary), explanation: explanation ?? '', ...(remedy && isBroken ? { remedy: remedy.label } : {}), rows: marked };
    }
  }

  /** Postgres prints a plan as one cell. */
  private async readPlan(): Promise<void> {
    if (this.shown.shows === 'plan') {
      const [row] = await this.store.read(0, 1);
      const { shownPlan } = await import('./planState.ts');
      this.plan = shownPlan(row?.[0] ?? '');
    }
  }

  /** Rows that came after the view was arranged find their places. */
  private async rearrange(): Promise<void> {
    if (this.view.arrangement !== unarranged) {
      await this.arrange(this.view.arrangement);
    }
  }

  private fail(error: unknown): OpsError {
    const { whenStopped = [] } = this.shown;
    if (isCancelled(error)) {
      this.outcome = 'cancelled';
      this.message = l10n.t('Cancelled. {0} rows had come.', this.store.rowCount);
      this.details = whenStopped;
      this.events.said({ severity: '', text: this.message, details: this.details });
      return new OpsError('cancelled', {}, error);
    }
    const failure = isOpsError(error) ? error : new OpsError('serviceFailed', { operation: l10n.t('show the result'), status: 0, message: String(error) }, error);
    this.outcome = 'failed';
    [this.message = '', ...this.details] = [...linesOf(failure), ...whenStopped];
    this.events.said({ severity: 'ERROR', text: this.message, details: this.details });
    return failure;
  }
}

function namesOf(columns: readonly Column[]): string {
  return JSON.stringify(columns.map(({ name }) => name));
}

function shortCell(cell: Cell): ShownCell {
  if (cell === null || cell.length <= longestCell) {
    return cell === null ? null : visible(cell);
  }
  return [visible(beginning(cell, longestCell)), cell.length];
}

function doneMessage(event: Extract<ResultEvent, { kind: 'done' }>, shown: number, canFetch: boolean): string {
  const time = l10n.t('{0} ms', Math.round(event.durationMs));
  if (event.truncated) {
    return canFetch ? l10n.t('The first {0} rows in {1}; there are more.', shown, time) : l10n.t('The first {0} rows in {1}; there are more (setting opsbook.sql.rowLimit).', shown, time);
  }
  if (event.rowCount !== undefined && shown === 0 && event.rowCount > 0) {
    return l10n.t('{0}: {1} rows changed in {2}.', event.command, event.rowCount, time);
  }
  return shown === 1 ? l10n.t('1 row in {0}.', time) : l10n.t('{0} rows in {1}.', shown, time);
}

/** What went wrong; of the server's own errors message, detail, hint and code on lines of their own. */
function linesOf(error: OpsError): string[] {
  if (!isOpsError(error, 'queryFailed')) {
    return [errorMessage(error).message];
  }
  const { message, detail, hint, sqlState } = error.facts;
  return [message, detail, hint, `SQLSTATE ${sqlState}`].flatMap((line) => (line === undefined ? [] : visible(line)));
}
