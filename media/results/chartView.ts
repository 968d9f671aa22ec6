/** A chart of a result, what it is drawn of, and the same numbers as a table. */
import { ticks, type ChartChoice, type ChartKind, type Fold } from '../../src/core/results/chart.ts';
import type { PartState, ShownChart, ShownColumn, Words } from '../../src/features/results/protocol.ts';
import { drawChart, drawSign } from './chartDrawing.ts';
import { element, fill, line } from './dom.ts';
import { keepSetup, setup } from './host.ts';

export interface ChartViewNeeds {
  readonly words: Words;
  readonly ask: (part: number, choice: ChartChoice | undefined) => Promise<ShownChart | undefined>;
}

const height = 340;

/** Rows of the table. */
const mostListed = 500;

/** Choices that are remembered. */
const mostKept = 10;

export class ChartView {
  readonly element = element('div', 'chart');
  private readonly needs: ChartViewNeeds;
  private part: PartState | undefined;
  private shown: ShownChart | undefined;
  private drawn = '';

  constructor(needs: ChartViewNeeds) {
    this.needs = needs;
    new ResizeObserver(() => this.draw()).observe(this.element);
  }

  show(part: PartState): void {
    const key = `${part.id} ${part.version} ${part.rowCount} ${part.outcome}`;
    this.part = part;
    if (key !== this.drawn) {
      this.drawn = key;
      void this.load(setup().charts.find(({ columns }) => columns === columnsOf(part))?.choice);
    }
  }

  private async load(choice: ChartChoice | undefined): Promise<void> {
    const { part } = this;
    const shown = part && (await this.needs.ask(part.id, choice).catch(() => undefined));
    if (shown && part.id === this.part?.id) {
      this.shown = shown;
      this.draw();
    }
  }

  private draw(): void {
    const { part, shown } = this;
    const width = this.element.clientWidth - 4;
    if (!part || !shown || width < 50) {
      return;
    }
    const { words } = this.needs;
    const { choice, data } = shown;
    const columns = choice.ys.map((column) => part.columns[column]?.name ?? '');
    const names = data.series.map(({ of }, index) => (of === undefined ? (columns[index] ?? '') : of ?? words.nullValue));
    const focused = focusedKey(this.element);
    const wasOpen = this.element.querySelector('details')?.open ?? false;
    const label = fill(words.chartOf, (choice.by === undefined ? columns : columns.slice(0, 1)).join(', '), [choice.x, choice.by].flatMap((column) => part.columns[column ?? -1]?.name ?? []).join(', '));
    this.element.replaceChildren(this.controls(part, shown), legend(choice.kind, names), this.picture(shown, names, label, width), ...chartNotes(part, shown, words).map((note) => line('about', note)), this.table(part, shown, names, wasOpen));
    [...this.element.querySelectorAll<HTMLElement>('[data-key]')].find((each) => each.dataset['key'] === focused)?.focus();
  }

  private picture({ choice: { kind }, data }: ShownChart, names: readonly string[], label: string, width: number): Element {
    const values = data.series.flatMap((series) => series.values).filter((value) => value !== null);
    if (values.length === 0) {
      return line('nothing', this.needs.words.noNumbers);
    }
    // A bar begins at nothing.
    const all = kind === 'bar' ? [0, ...values] : values;
    const low = all.reduce((one, other) => Math.min(one, other));
    const svg = drawChart({ kind, data, names, width, height, ticks: ticks(low, all.reduce((one, other) => Math.max(one, other)), 5) });
    svg.setAttribute('role', 'img');
    svg.setAttribute('aria-label', label);
    return svg;
  }

  private controls({ columns }: PartState, { choice, drawable, data }: ShownChart): HTMLElement {
    const { words } = this.needs;
    const named = (column: number) => [String(column), columns[column]?.name ?? ''] as const;
    const kind = select(words.chartKind, [['line', words.lineChart], ['bar', words.barChart]], choice.kind, (value) => this.choose({ kind: value === 'bar' ? 'bar' : 'line' }));
    const bottom = select(words.chartBottom, drawable.bottoms.map(named), String(choice.x), (value) => this.choose({ x: Number(value) }));
    const splits = drawable.bottoms.filter((column) => column !== choice.x && !drawable.times.includes(column));
    const by = splits.length === 0 ? [] : [select(words.chartSplit, [['', words.chartNoSplit], ...splits.map(named)], String(choice.by ?? ''), (value) => this.choose({ by: value === '' ? undefined : Number(value) }))];
    const folds = Object.entries(words.chartFolds);
    const fold = data.facts.folded || choice.fold === 'each' ? [select(words.chartFold, folds, choice.fold, (value) => this.choose({ fold: value as Fold }))] : [];
    const numbers = element('fieldset', '', element('legend', '', words.chartColumns), ...drawable.numbers.map((column) => this.tick(column, columns[column], choice)));
    return element('div', 'controls', kind, bottom, ...by, ...fold, numbers);
  }

  /** A result that is split has one column of numbers, else one or more. */
  private tick(column: number, shown: ShownColumn | undefined, { ys, by }: ChartChoice): HTMLElement {
    const box = element('input');
    box.type = by === undefined ? 'checkbox' : 'radio';
    box.name = 'numbers';
    box.checked = by === undefined ? ys.includes(column) : ys[0] === column;
    box.dataset['key'] = `number ${column}`;
    box.addEventListener('change', () => this.choose({ ys: by !== undefined ? [column] : box.checked ? [...ys, column] : ys.filter((each) => each !== column) }));
    return element('label', '', box, ` ${shown?.name ?? ''}`);
  }

  private choose(change: Partial<Omit<ChartChoice, 'by'>> & { readonly by?: number | undefined }): void {
    const { part, shown } = this;
    if (part && shown) {
      const { by, ...chosen } = { ...shown.choice, ...change };
      const choice = by === undefined || by === chosen.x ? chosen : { ...chosen, by };
      const columns = columnsOf(part);
      keepSetup({ charts: [{ columns, choice }, ...setup().charts.filter((each) => each.columns !== columns)].slice(0, mostKept) });
      void this.load(choice);
    }
  }

  private table({ columns }: PartState, { choice, data }: ShownChart, names: readonly string[], isOpen: boolean): HTMLElement {
    const head = element('tr', '', ...[columns[choice.x]?.name ?? '', ...names].map((name) => element('th', '', name)));
    head.querySelectorAll('th').forEach((cell) => (cell.scope = 'col'));
    const rows = data.labels.slice(0, mostListed).map((label, index) => {
      const first = element('th', '', label);
      first.scope = 'row';
      return element('tr', '', first, ...data.series.map(({ values }) => element('td', '', String(values[index] ?? this.needs.words.nullValue))));
    });
    const table = element('table', '', element('thead', '', head), element('tbody', '', ...rows));
    const details = element('details', '', element('summary', '', this.needs.words.chartTable), table);
    details.open = isOpen;
    return details;
  }
}

function columnsOf({ columns }: PartState): string {
  return JSON.stringify(columns.map(({ name }) => name));
}

/** What was done to the rows, and what is not in the drawing. */
function chartNotes({ columns, more }: PartState, { choice, data: { facts, times }, total }: ShownChart, words: Words): readonly string[] {
  const name = (column: number | undefined): string => columns[column ?? -1]?.name ?? '';
  const bars = choice.kind === 'line' ? words.chartThinned : times ? words.chartLastBars : words.chartFirstBars;
  return [
    ...(facts.folded && choice.fold !== 'each' ? [fill(words.chartFolded[choice.fold], facts.rows - facts.withoutTime, facts.places, name(choice.x))] : []),
    ...(facts.drawn < facts.places ? [fill(bars, facts.drawn, facts.places)] : []),
    ...(facts.series < facts.allSeries ? [fill(words.chartSeries, facts.series, facts.allSeries, name(choice.by))] : []),
    ...(facts.withoutTime > 0 ? [fill(words.withoutTime, facts.withoutTime)] : []),
    ...(facts.withoutNumber > 0 ? [fill(words.withoutNumber, facts.withoutNumber)] : []),
    ...(facts.rows < total ? [fill(words.chartRows, facts.rows, total)] : []),
    ...(more ? [words.chartMore] : []),
  ];
}

/** Of the control with the focus; empty when the focus is elsewhere. */
function focusedKey(within: HTMLElement): string {
  const focused = document.activeElement;
  return focused instanceof HTMLElement && within.contains(focused) ? (focused.dataset['key'] ?? '') : '';
}

function legend(kind: ChartKind, names: readonly string[]): HTMLElement {
  return element('div', 'legend', ...names.map((name, series) => element('span', 'entry', drawSign(kind, series), ` ${name}`)));
}

function select(label: string, options: readonly (readonly [value: string, text: string])[], chosen: string, choose: (value: string) => void): HTMLElement {
  const made = element('select');
  made.dataset['key'] = label;
  made.append(
    ...options.map(([value, text]) => {
      const option = element('option', '', text);
      option.value = value;
      option.selected = value === chosen;
      return option;
    }),
  );
  made.addEventListener('change', () => choose(made.value));
  return element('label', '', `${label} `, made);
}
