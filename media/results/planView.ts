/** A plan as a tree with columns: https://www.w3.org/WAI/ARIA/apg/patterns/treegrid/ */
import type { ShownPlan, ShownPlanNode, Words } from '../../src/features/results/protocol.ts';
import { button, element, line } from './dom.ts';

export interface PlanViewNeeds {
  readonly words: Words;
  readonly copy: (text: string) => void;
}

interface TreeRow {
  readonly node: ShownPlanNode;
  readonly level: number;
  /** Ids of the nodes above it. */
  readonly above: readonly number[];
  readonly element: HTMLElement;
}

export class PlanView {
  readonly element = element('div', 'plan');
  private readonly needs: PlanViewNeeds;
  private readonly tree = element('div', 'tree');
  private readonly details = element('dl', 'facts');
  private rows: readonly TreeRow[] = [];
  private readonly folded = new Set<number>();
  private focused = 0;
  private drawn: ShownPlan | undefined;

  constructor(needs: PlanViewNeeds) {
    this.needs = needs;
    this.tree.setAttribute('role', 'treegrid');
    this.tree.setAttribute('aria-label', needs.words.plan);
    this.tree.addEventListener('keydown', (event) => this.press(event));
    this.details.setAttribute('aria-live', 'polite');
  }

  show(plan: ShownPlan): void {
    if (this.drawn === plan || JSON.stringify(this.drawn) === JSON.stringify(plan)) {
      return;
    }
    this.drawn = plan;
    this.folded.clear();
    const { words } = this.needs;
    const raw = element('details', 'raw', element('summary', '', words.rawPlan), element('pre', '', plan.raw));
    this.rows = this.rowsOf(plan.root, 1, []);
    this.tree.replaceChildren(this.head(plan), ...this.rows.map((row) => row.element));
    const advice = plan.advice.length === 0 ? [line('about', words.noAdvice)] : [element('ul', '', ...plan.advice.map(({ node, text }) => this.adviceItem(node, text)))];
    this.element.replaceChildren(
      element('div', 'summary', line('about', plan.summary.join(' · ')), button(words.copyPlan, () => this.needs.copy(plan.raw))),
      element('section', 'advice', element('h2', '', words.advice), ...advice),
      this.tree,
      this.details,
      raw,
    );
    this.select(this.rows.find(({ node }) => node.isSlow)?.node.id ?? 0, false);
  }

  private head({ isAnalyzed }: ShownPlan): HTMLElement {
    const { planNode, ownTime, ownCost, planRows, estimate } = this.needs.words;
    const cells = [planNode, isAnalyzed ? ownTime : ownCost, planRows, isAnalyzed ? estimate : ''].map((word) => {
      const cell = element('div', 'treecell', word);
      cell.setAttribute('role', 'columnheader');
      return cell;
    });
    const head = element('div', 'treerow treehead', ...cells);
    head.setAttribute('role', 'row');
    return head;
  }

  private rowsOf(node: ShownPlanNode, level: number, above: readonly number[]): TreeRow[] {
    const row = { node, level, above, element: this.row(node, level) };
    return [row, ...node.children.flatMap((child) => this.rowsOf(child, level + 1, [...above, node.id]))];
  }

  private row(node: ShownPlanNode, level: number): HTMLElement {
    const { words } = this.needs;
    const twist = element('span', node.children.length > 0 ? 'twist' : 'twist leaf');
    twist.setAttribute('aria-hidden', 'true');
    twist.addEventListener('click', (event) => {
      event.stopPropagation();
      this.fold(node.id, !this.folded.has(node.id));
    });
    const title = element('div', 'treecell node', twist, ...(node.role === '' ? [] : [element('span', 'role', node.role), ' ']), element('b', '', node.kind), ' ', element('span', '', node.subject));
    title.style.paddingLeft = `${(level - 1) * 18 + 4}px`;
    const marks = [node.isSlow ? words.slow : '', node.neverRan ? words.neverRan : ''].filter(Boolean);
    const bar = element('span', 'bar');
    bar.style.width = `${Math.round(node.share * 100)}%`;
    const own = element('div', 'treecell own', bar, element('span', '', [node.own, ...marks].join(' · ')));
    const cells = [title, own, element('div', 'treecell number', node.rows), element('div', node.isFarOff ? 'treecell far' : 'treecell', node.off)];
    cells.forEach((cell) => {
      cell.setAttribute('role', 'gridcell');
      // Beside a document there may be no room for all of it.
      cell.title = cell.textContent ?? '';
    });
    const row = element('div', `treerow${node.isSlow ? ' slow' : ''}${node.neverRan ? ' never' : ''}`, ...cells);
    row.setAttribute('role', 'row');
    row.setAttribute('aria-level', String(level));
    if (node.children.length > 0) {
      row.setAttribute('aria-expanded', 'true');
    }
    row.tabIndex = -1;
    row.addEventListener('click', () => this.select(node.id, true));
    return row;
  }

  private adviceItem(node: number, text: string): HTMLElement {
    const of = this.rows.find((row) => row.node.id === node)?.node;
    const jump = button(`${of?.kind ?? ''} ${of?.subject ?? ''}`.trim(), () => this.select(node, true), 'link');
    return element('li', '', jump, ' ', text);
  }

  private select(id: number, takeFocus: boolean): void {
    const row = this.rows.find(({ node }) => node.id === id);
    if (!row) {
      return;
    }
    row.above.forEach((node) => this.folded.delete(node));
    this.focused = id;
    for (const each of this.rows) {
      each.element.tabIndex = each === row ? 0 : -1;
      each.element.setAttribute('aria-selected', String(each === row));
    }
    this.showFolds();
    this.details.replaceChildren(...row.node.facts.flatMap(([name, value]) => [element('dt', '', name), element('dd', '', value)]));
    if (takeFocus) {
      row.element.focus();
    }
  }

  private fold(id: number, closed: boolean): void {
    if (closed) {
      this.folded.add(id);
    } else {
      this.folded.delete(id);
    }
    this.showFolds();
    const focused = this.rows.find(({ node }) => node.id === this.focused);
    if (focused?.above.includes(id) && closed) {
      this.select(id, true);
    }
  }

  private showFolds(): void {
    for (const { node, above, element: row } of this.rows) {
      row.hidden = above.some((id) => this.folded.has(id));
      if (node.children.length > 0) {
        row.setAttribute('aria-expanded', String(!this.folded.has(node.id)));
      }
    }
  }

  private press(event: KeyboardEvent): void {
    const seen = this.rows.filter((row) => !row.element.hidden);
    const at = seen.findIndex(({ node }) => node.id === this.focused);
    const current = seen[at];
    if (!current) {
      return;
    }
    const isOpen = current.node.children.length > 0 && !this.folded.has(current.node.id);
    const isClosed = current.node.children.length > 0 && !isOpen;
    const moves: Readonly<Record<string, number | undefined>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: seen.length - 1,
      ArrowRight: isOpen ? at + 1 : undefined,
      ArrowLeft: isOpen ? undefined : seen.findIndex(({ node }) => node.id === current.above.at(-1)),
    };
    const target = seen[moves[event.key] ?? -1];
    if (target) {
      this.select(target.node.id, true);
    } else if ((event.key === 'ArrowRight' && isClosed) || (event.key === 'ArrowLeft' && isOpen)) {
      this.fold(current.node.id, isOpen);
    } else {
      return;
    }
    event.preventDefault();
  }
}
