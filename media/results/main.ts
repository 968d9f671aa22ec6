/** The results tab's page: what was run, its rows in a grid, what the server said. */
import { filterFor } from '../../src/core/results/filter.ts';
import type { FormatName } from '../../src/core/results/formats/format.ts';
import type { ExportFormat, PartState, TabState, ToView } from '../../src/features/results/protocol.ts';
import { isRequestMessage } from '../../src/util/requests.ts';
import { CellPanel } from './cellPanel.ts';
import { ChartView } from './chartView.ts';
import { button, element, fill, line } from './dom.ts';
import { FindBar } from './findBar.ts';
import { Grid } from './grid.ts';
import { HeaderView, showVerdict } from './headerView.ts';
import { keepSetup, keepTab, port, setup, tell } from './host.ts';
import { openMenu } from './menu.ts';
import { messagesView } from './messagesView.ts';
import { PlanView } from './planView.ts';
import { columnItems, copyItems, exportItems } from './rowMenus.ts';
import { Toolbar } from './toolbar.ts';

/** The page once it knows the words. */
class ResultsPage {
  private state: TabState;
  private readonly header = new HeaderView();
  private readonly verdict = element('section', 'verdict');
  private readonly toolbar: Toolbar;
  private readonly find: FindBar;
  private readonly panel = element('div', 'panel');
  private readonly grid: Grid;
  private readonly value: CellPanel;
  private readonly plan: PlanView;
  private readonly chart: ChartView;
  private readonly footer = element('footer', 'footer');
  private readonly said = element('div', 'said');
  private readonly offers = element('div', 'offers');
  private readonly status = element('div', 'status');
  private shownSaid = '';
  private shownMessages: TabState['messages'] | undefined;

  constructor(state: TabState) {
    const { words } = state;
    this.state = state;
    this.toolbar = new Toolbar(words.rows);
    this.find = new FindBar({ words, find: async (text, direction) => this.search(text, direction), closed: () => this.grid.focusCell() });
    this.grid = new Grid({
      words,
      ask: async ({ id, version }, from, count) => port.ask('rows', { part: id, version, from, count }),
      arrange: ({ id }, arrangement) => void this.ask(port.ask('arrange', { part: id, arrangement })),
      columnMenu: (column, at) => this.openColumnMenu(column, at),
      cellMenu: (at) => this.openCellMenu(at),
      openCell: () => void this.ask(this.openCell()),
      selected: () => this.showSelection(),
    });
    this.value = new CellPanel({
      words,
      copy: () => void this.copy('text', false, 'cell'),
      openInEditor: () => void this.ask(port.ask('openCell', { part: this.part?.id ?? 0, ...this.focusedCell })),
      closed: () => this.grid.focusCell(),
    });
    this.plan = new PlanView({ words, copy: (text) => void this.ask(port.ask('copyText', text)) });
    this.chart = new ChartView({ words, ask: async (part, choice) => port.ask('chart', { part, ...(choice === undefined ? {} : { choice }) }) });
    this.panel.id = 'panel';
    this.panel.setAttribute('role', 'tabpanel');
    this.verdict.setAttribute('role', 'status');
    // They stay where they are: what is put into them is read out, and a region that comes with its text is not.
    this.said.setAttribute('role', 'status');
    this.status.setAttribute('role', 'status');
    this.footer.append(this.said, this.offers, this.status);
    const page = element('main', 'page', this.header.element, this.verdict, this.toolbar.element, this.find.element, this.panel, this.value.element, this.footer);
    document.getElementById('page')?.replaceWith(page);
    this.listen();
  }

  show(state: TabState): void {
    this.state = state;
    keepTab(state.memory);
    this.bringFailureForward();
    const { part } = this;
    this.header.show(state, part?.statement ?? state.statements.join(';\n'));
    showVerdict(this.verdict, part, state.words);
    this.showToolbar();
    this.showPanel();
    this.showFooter();
  }

  grown(id: number, total: number, rowCount: number): void {
    this.state = { ...this.state, parts: this.state.parts.map((part) => (part.id === id ? { ...part, total, rowCount } : part)) };
    if (this.part?.id === id && this.front === 'rows') {
      this.grid.grown(total, rowCount);
    }
  }

  private get part(): PartState | undefined {
    return this.state.parts[setup().part] ?? this.state.parts[0];
  }

  private get front(): 'rows' | 'chart' | 'messages' {
    const { view } = setup();
    return view === 'messages' ? 'messages' : view === 'chart' && this.part?.canDraw ? 'chart' : 'rows';
  }

  private get focusedCell(): { readonly row: number; readonly column: number } {
    return { row: Math.max(0, this.grid.selection.focus.row), column: this.grid.focusedColumn };
  }

  /** Once: whoever then looks at another result stays there. */
  private bringFailureForward(): void {
    const index = this.state.parts.findIndex(({ outcome }) => outcome === 'failed');
    const id = this.state.parts[index]?.id;
    if (id !== undefined && id !== setup().failed) {
      keepSetup({ failed: id, part: index });
    } else if (this.state.restored) {
      // Another window counts anew.
      keepSetup({ failed: 0 });
    }
  }

  private listen(): void {
    document.addEventListener('copy', (event) => {
      if (this.grid.element.contains(document.activeElement) && !(document.activeElement instanceof HTMLInputElement)) {
        event.preventDefault();
        void this.copy('text', false, 'selection');
      }
    });
    document.addEventListener('keydown', (event) => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'f' && this.part) {
        event.preventDefault();
        this.find.open();
      }
    });
  }

  private showToolbar(): void {
    const { words, parts, messages } = this.state;
    const rowTabs = parts.map((part, index) => ({
      key: `rows ${index}`,
      label: parts.length === 1 ? (part.plan ? words.plan : words.rows) : `${fill(words.result, index + 1)} · ${part.plan ? words.plan : tabSign(part)}`,
    }));
    const told = messages.filter(({ severity }) => severity !== '').length;
    const tabs = [...rowTabs, { key: 'messages', label: told === 0 ? words.messages : `${words.messages} · ${told}` }];
    const front = this.front === 'messages' ? 'messages' : `rows ${this.part ? parts.indexOf(this.part) : 0}`;
    this.toolbar.element.hidden = parts.length === 0;
    this.toolbar.show({ tabs, front, choose: (key) => this.choose(key), buttons: this.buttons(), panel: this.panel.id });
  }

  private buttons(): Parameters<Toolbar['show']>[0]['buttons'] {
    const { words } = this.state;
    const { part } = this;
    if (!part || this.front === 'messages' || part.columns.length === 0 || part.plan) {
      return [];
    }
    const chart = part.canDraw ? [{ label: words.chart, pressed: this.front === 'chart', run: () => this.toggleChart() }] : [];
    if (this.front === 'chart') {
      return chart;
    }
    return [
      ...chart,
      { label: words.filter, pressed: setup().filtering, run: () => this.toggleFilter() },
      { label: words.find, run: () => this.find.open() },
      { label: words.copy, opensMenu: true, run: (at) => this.openCopyMenu(at) },
      { label: words.exportRows, opensMenu: true, run: (at) => openMenu(words.exportAs, exportItems(words, (format, safe) => void this.export(format, safe)), at) },
    ];
  }

  /** Of what is selected, or of all rows. */
  private openCopyMenu(at: HTMLElement): void {
    const { words } = this.state;
    const { isRange } = this.grid.selection;
    openMenu(isRange ? words.copySelection : words.copyAll, copyItems(words, (format, header) => void this.copy(format, header, isRange ? 'selection' : 'all')), at);
  }

  private choose(key: string): void {
    keepSetup(key === 'messages' ? { view: 'messages' } : { view: setup().view === 'chart' ? 'chart' : 'rows', part: Number(key.slice('rows '.length)) });
    this.value.close();
    this.show(this.state);
  }

  private toggleChart(): void {
    keepSetup({ view: this.front === 'chart' ? 'rows' : 'chart' });
    this.value.close();
    this.show(this.state);
  }

  private toggleFilter(): void {
    this.grid.setFiltering(!setup().filtering);
    this.showToolbar();
  }

  private showPanel(): void {
    const { words, restored, messages, title } = this.state;
    const { part } = this;
    if (restored) {
      this.panel.replaceChildren(line('nothing', this.state.canRunAgain ? words.restored : words.lost));
    } else if (this.front === 'messages') {
      if (this.shownMessages !== messages || !this.panel.querySelector('.messages')) {
        this.shownMessages = messages;
        this.panel.replaceChildren(messagesView(this.state));
      }
    } else if (part && this.front === 'chart') {
      this.put(this.chart.element);
      this.chart.show(part);
    } else if (part?.plan) {
      this.plan.show(part.plan);
      this.put(this.plan.element);
    } else if (part && part.columns.length > 0) {
      this.put(this.grid.element);
      this.grid.show(part, title);
      this.grid.element.classList.toggle('empty', part.rowCount === 0 && part.outcome !== 'running');
    } else {
      this.panel.replaceChildren();
    }
  }

  private put(content: HTMLElement): void {
    if (!content.isConnected) {
      this.panel.replaceChildren(content);
    }
  }

  private showFooter(): void {
    const { words } = this.state;
    const { part } = this;
    this.footer.className = `footer ${part?.outcome ?? ''}`;
    const isFiltered = part !== undefined && part.arrangement.filters.length > 0 && part.rowCount < part.total;
    this.say(part, isFiltered);
    const more = part?.more === true && !this.state.running ? [button(words.fetchAll, () => void this.ask(port.ask('fetchAll', { part: part.id })))] : [];
    const all = isFiltered ? [button(words.clearFilters, () => this.grid.showAllRows())] : [];
    if (this.offers.childElementCount + more.length + all.length > 0) {
      this.offers.replaceChildren(...more, ...all);
    }
  }

  /** How the run ended, and how much of it is shown; the same is not said twice. */
  private say(part: PartState | undefined, isFiltered: boolean): void {
    const { words } = this.state;
    const lines: [className: string, text: string][] = [];
    if (part) {
      if (part.outcome === 'done' && part.total === 0 && part.columns.length > 0) {
        lines.push(['nothing', words.nothing]);
      }
      lines.push(['message', part.outcome === 'running' ? words.running : part.message], ...part.details.map((detail): [string, string] => ['detail', detail]));
      if (isFiltered) {
        lines.push(['detail', fill(words.filtered, part.rowCount, part.total)]);
      }
    }
    const key = JSON.stringify(lines);
    if (key !== this.shownSaid) {
      this.shownSaid = key;
      this.said.replaceChildren(...lines.map(([className, text]) => line(className, text)));
    }
  }

  private showSelection(): void {
    const { isRange, cellCount } = this.grid.selection;
    this.status.textContent = isRange ? fill(this.state.words.selected, cellCount) : '';
    this.showToolbar();
    if (this.value.isOpen) {
      void this.ask(this.openCell(false));
    }
  }

  private async openCell(takeFocus = true): Promise<void> {
    const { part, focusedCell } = this;
    const column = part?.columns[focusedCell.column];
    if (!part || !column || part.rowCount === 0) {
      return;
    }
    const answer = await port.ask('cell', { part: part.id, ...focusedCell });
    if (focusedCell.row === this.focusedCell.row && focusedCell.column === this.focusedCell.column) {
      this.value.show(column, focusedCell.row, answer);
      if (takeFocus) {
        this.value.focus();
      }
    }
  }

  private openColumnMenu(column: number, at: HTMLElement): void {
    const { words } = this.state;
    const name = this.part?.columns[column]?.name ?? '';
    const filter = (): void => {
      this.grid.setFiltering(true);
      this.grid.focusHeader(column);
      this.grid.setFiltering(true);
      this.showToolbar();
    };
    const copyName = (): void => void this.ask(port.ask('copyText', name));
    openMenu(fill(words.columnMenu, name), columnItems(this.grid, words, column, { filter, copyName }), at);
  }

  private openCellMenu(at: HTMLElement | { readonly x: number; readonly y: number }): void {
    const { words } = this.state;
    const value = this.grid.focusedValue;
    const column = this.grid.focusedColumn;
    const byValue = typeof value === 'string' || value === null ? [{ label: words.filterByValue, run: () => this.grid.filter(column, value === null ? 'null' : filterFor(value)) }] : [];
    openMenu(
      words.copySelection,
      [{ label: words.showValue, run: () => void this.ask(this.openCell()) }, ...copyItems(words, (format, header) => void this.copy(format, header, 'selection')), ...byValue],
      at,
    );
  }

  private async search(text: string, direction: 'next' | 'previous'): Promise<boolean> {
    const { part } = this;
    const found = part && (await port.ask('find', { part: part.id, text, from: this.focusedCell, direction }));
    if (found) {
      this.grid.goTo(found.row, found.column);
    }
    return found !== undefined;
  }

  private async copy(format: FormatName, header: boolean, what: 'selection' | 'cell' | 'all'): Promise<void> {
    const { part } = this;
    if (!part) {
      return;
    }
    const selection = what === 'all' ? undefined : what === 'cell' ? this.grid.focusedCell : (this.grid.selectedRange ?? this.grid.focusedCell);
    const asked = port.ask('copy', { part: part.id, format, header, ...(selection === undefined ? {} : { selection }) });
    const count = await this.ask(asked);
    if (count !== undefined) {
      this.status.textContent = fill(this.state.words.copied, count);
    }
  }

  private async export(format: ExportFormat, safeForSpreadsheets: boolean): Promise<void> {
    if (this.part) {
      await this.ask(port.ask('export', { part: this.part.id, format, safeForSpreadsheets }));
    }
  }

  /** What the extension refuses is said below the rows. */
  private async ask<T>(answer: Promise<T>): Promise<T | undefined> {
    try {
      return await answer;
    } catch (error) {
      this.status.textContent = error instanceof Error ? error.message : '';
      return undefined;
    }
  }
}

/** How many rows it has; what gives none has been done, or has failed. */
function tabSign({ outcome, columns, rowCount }: PartState): string {
  return outcome === 'failed' ? '✕' : outcome === 'done' && columns.length === 0 ? '✓' : String(rowCount);
}

let page: ResultsPage | undefined;

window.addEventListener('message', ({ data }: MessageEvent<ToView>) => {
  if (isRequestMessage(data)) {
    port.receive(data);
  } else if (data.type === 'grown') {
    page?.grown(data.part, data.total, data.rowCount);
  } else {
    page ??= new ResultsPage(data.state);
    page.show(data.state);
  }
});
tell({ type: 'ready' });
