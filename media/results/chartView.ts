/** A chart of a result, what it is drawn of, and the same numbers as a table. */
import { ticks, type ChartChoice } from '../../src/core/results/chart.ts';
import type { PartState, ShownChart, ShownColumn, Words } from '../../src/features/results/protocol.ts';
import { colourOf, dashOf, drawChart } from './chartDrawing.ts';
import { element, fill, line } from './dom.ts';

export interface ChartViewNeeds {
  readonly words: Words;
  readonly ask: (part: number, choice: ChartChoice | undefined) => Promise<ShownChart | undefined>;
}

const height = 340;

/** Rows of the table. */
const mostListed = 500;

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
    const isOther = this.part?.id !== part.id;
    const key = `${part.id} ${part.version} ${part.rowCount} ${part.outcome}`;
    this.part = part;
    if (key !== this.drawn) {
      this.drawn = key;
      void this.load(isOther ? undefined : this.shown?.choice);
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
    const names = choice.ys.map((column) => part.columns[column]?.name ?? '');
    const cut = data.drawn < data.total ? [line('about', fill(words.chartCut, data.drawn, data.total))] : [];
    const focused = focusedKey(this.element);
    const wasOpen = this.element.querySelector('details')?.open ?? false;
    const label = fill(words.chartOf, names.join(', '), part.columns[choice.x]?.name ?? '');
    this.element.replaceChildren(this.controls(part, shown), legend(names), this.picture(shown, names, label, width), ...cut, this.table(part, shown, names, wasOpen));
    [...this.element.querySelectorAll<HTMLElement>('[data-key]')].find((each) => each.dataset['key'] === focused)?.focus();
  }

  private picture({ choice: { kind }, data }: ShownChart, names: readonly string[], label: string, width: number): Element {
    const values = data.series.flat().filter((value) => value !== null);
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

  private controls({ columns }: PartState, { choice, drawable }: ShownChart): HTMLElement {
    const { words } = this.needs;
    const kind = select(words.chartKind, [['line', words.lineChart], ['bar', words.barChart]], choice.kind, (value) => this.choose({ kind: value === 'bar' ? 'bar' : 'line' }));
    const bottom = select(words.chartBottom, drawable.bottoms.map((column) => [String(column), columns[column]?.name ?? ''] as const), String(choice.x), (value) => this.choose({ x: Number(value) }));
    const numbers = element('fieldset', '', element('legend', '', words.chartColumns), ...drawable.numbers.map((column) => this.tick(column, columns[column], choice)));
    return element('div', 'controls', kind, bottom, numbers);
  }

  private tick(column: number, shown: ShownColumn | undefined, { ys }: ChartChoice): HTMLElement {
    const box = element('input');
    box.type = 'checkbox';
    box.checked = ys.includes(column);
    box.dataset['key'] = `number ${column}`;
    box.addEventListener('change', () => this.choose({ ys: box.checked ? [...ys, column] : ys.filter((each) => each !== column) }));
    return element('label', '', box, ` ${shown?.name ?? ''}`);
  }

  private choose(change: Partial<ChartChoice>): void {
    if (this.shown) {
      void this.load({ ...this.shown.choice, ...change });
    }
  }

  private table({ columns }: PartState, { choice, data }: ShownChart, names: readonly string[], isOpen: boolean): HTMLElement {
    const head = element('tr', '', ...[columns[choice.x]?.name ?? '', ...names].map((name) => element('th', '', name)));
    head.querySelectorAll('th').forEach((cell) => (cell.scope = 'col'));
    const rows = data.labels.slice(0, mostListed).map((label, index) => {
      const first = element('th', '', label);
      first.scope = 'row';
      return element('tr', '', first, ...data.series.map((values) => element('td', '', String(values[index] ?? this.needs.words.nullValue))));
    });
    const table = element('table', '', element('thead', '', head), element('tbody', '', ...rows));
    const details = element('details', '', element('summary', '', this.needs.words.chartTable), table);
    details.open = isOpen;
    return details;
  }
}

/** Of the control with the focus; empty when the focus is elsewhere. */
function focusedKey(within: HTMLElement): string {
  const focused = document.activeElement;
  return focused instanceof HTMLElement && within.contains(focused) ? (focused.dataset['key'] ?? '') : '';
}

function legend(names: readonly string[]): HTMLElement {
  const entries = names.map((name, series) => {
    const sign = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    sign.setAttribute('width', '28');
    sign.setAttribute('height', '10');
    sign.setAttribute('aria-hidden', 'true');
    const stroke = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    stroke.setAttribute('d', 'M0 5H28');
    stroke.setAttribute('stroke-dasharray', dashOf(series));
    stroke.setAttribute('class', 'line');
    stroke.style.stroke = colourOf(series);
    sign.append(stroke);
    return element('span', 'entry', sign, ` ${name}`);
  });
  return element('div', 'legend', ...entries);
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
