/** The results tab's page: a header, a verdict, a grid that draws only the rows in sight, and what the server said. */
import type { FromView, ShownColumn, ToView, Words } from '../../src/features/results/protocol.ts';

declare function acquireVsCodeApi(): { postMessage(message: FromView): void };

const host = acquireVsCodeApi();
const rowHeight = 24;

const page = element('main', 'page');
const header = page.appendChild(element('header', 'header'));
const verdict = page.appendChild(element('section', 'verdict'));
const grid = page.appendChild(element('div', 'grid'));
const notices = page.appendChild(element('section', 'notices'));
const footer = page.appendChild(element('footer', 'footer'));
footer.setAttribute('role', 'status');
verdict.setAttribute('role', 'status');
verdict.hidden = true;
document.getElementById('page')?.replaceWith(page);

let words: Words | undefined;
let columns: readonly ShownColumn[] = [];
let rows: (readonly (string | null)[])[] = [];
let marked = new Set<number>();
let widths: number[] = [];
/** Columns whose values stand at the right: numbers, and texts that are one, for a way that does not tell types. */
let aligned: boolean[] = [];
let body: HTMLElement | undefined;
let drawing = 0;
/** Row and column of the cell that has the focus: the roving tab stop of the ARIA grid pattern. */
let focused = { row: 0, column: 0 };

window.addEventListener('message', ({ data }: MessageEvent<ToView>) => receive(data));
host.postMessage({ type: 'ready' });

function receive(message: ToView): void {
  switch (message.type) {
    case 'begin':
      begin(message);
      break;
    case 'columns':
      columns = message.columns;
      aligned = columns.map((column) => column.numeric);
      drawHead();
      break;
    case 'rows':
      align(message.rows);
      rows.push(...message.rows);
      widen(message.rows);
      drawSoon();
      break;
    case 'notice':
      notices.append(line('notice', message.text));
      break;
    case 'verdict':
      showVerdict(message);
      break;
    case 'end':
      end(message);
      break;
    default:
      message satisfies never;
  }
}

function begin(message: Extract<ToView, { type: 'begin' }>): void {
  words = message.words;
  columns = [];
  rows = [];
  marked = new Set();
  widths = [];
  body = undefined;
  focused = { row: 0, column: 0 };
  grid.replaceChildren();
  grid.setAttribute('aria-label', message.title);
  notices.replaceChildren();
  verdict.hidden = true;
  const title = element('h1', 'title');
  title.textContent = message.title;
  header.replaceChildren(title, line('target', message.target), buttons(true), statementOf(message.statement));
  footer.className = 'footer';
  footer.replaceChildren(message.words.running);
}

function statementOf(text: string): HTMLElement {
  const details = document.createElement('details');
  const summary = document.createElement('summary');
  summary.textContent = text.replaceAll(/\s+/g, ' ').trim();
  const code = document.createElement('pre');
  code.textContent = text;
  details.append(summary, code);
  return details;
}

function buttons(running: boolean): HTMLElement {
  const bar = element('div', 'buttons');
  if (!words) {
    return bar;
  }
  if (running) {
    bar.append(button(words.cancel, () => host.postMessage({ type: 'cancel' })));
  } else {
    bar.append(
      button(words.runAgain, () => host.postMessage({ type: 'runAgain' })),
      button(words.copy, () => host.postMessage({ type: 'copy', text: toCsv() })),
    );
  }
  return bar;
}

function showVerdict(message: Extract<ToView, { type: 'verdict' }>): void {
  marked = new Set(message.rows);
  verdict.hidden = false;
  verdict.className = `verdict ${message.state}`;
  const state = line('state', `${words?.states[message.state].toUpperCase() ?? ''} · ${message.summary}`);
  verdict.replaceChildren(state, ...message.explanation.split('\n\n').filter(Boolean).map((paragraph) => line('explanation', paragraph)));
  drawSoon();
}

function end(message: Extract<ToView, { type: 'end' }>): void {
  header.querySelector('.buttons')?.replaceWith(buttons(false));
  footer.className = `footer ${message.outcome}`;
  footer.replaceChildren(line('message', message.message), ...message.details.map((detail) => line('detail', detail)));
  if (message.outcome === 'done' && rows.length === 0 && columns.length > 0 && words) {
    grid.append(line('nothing', words.nothing));
  }
}

/** The first rows decide, once. */
function align(fresh: readonly (readonly (string | null)[])[]): void {
  if (rows.length > 0) {
    return;
  }
  for (const [index, column] of columns.entries()) {
    const values = fresh.map((row) => row[index]).filter((value) => value !== null && value !== undefined);
    aligned[index] ||= column.type === 'unknown' && values.length > 0 && values.every((value) => /^-?\d+(\.\d+)?$/.test(value));
    grid.querySelector(`.head :nth-child(${index + 1})`)?.classList.toggle('numeric', aligned[index]);
  }
}

/** Column widths follow the longest of the first texts seen, within limits, and stay, so that nothing jumps while rows come. */
function widen(fresh: readonly (readonly (string | null)[])[]): void {
  if (rows.length - fresh.length >= 200) {
    return;
  }
  for (const [index, column] of columns.entries()) {
    const longest = Math.max(column.name.length + 2, ...fresh.slice(0, 200).map((row) => Math.min(row[index]?.length ?? 4, 60)));
    widths[index] = Math.max(widths[index] ?? 6, longest);
  }
  grid.style.setProperty('--columns', widths.map((width) => `${width + 3}ch`).join(' '));
}

function drawHead(): void {
  grid.setAttribute('role', 'grid');
  grid.tabIndex = -1;
  widths = columns.map((column) => column.name.length + 2);
  const head = element('div', 'head row');
  head.setAttribute('role', 'row');
  head.setAttribute('aria-rowindex', '1');
  for (const column of columns) {
    const cell = element('div', column.numeric ? 'cell numeric' : 'cell');
    cell.setAttribute('role', 'columnheader');
    cell.textContent = column.name;
    cell.title = column.type;
    head.append(cell);
  }
  body = element('div', 'body');
  grid.replaceChildren(head, body);
  widen([]);
  grid.addEventListener('scroll', drawSoon);
  grid.onkeydown = moveFocus;
}

function drawSoon(): void {
  drawing ||= requestAnimationFrame(() => {
    drawing = 0;
    draw();
  });
}

/** Draws the rows in sight and a few more; the body keeps the height of all of them. */
function draw(): void {
  if (!body) {
    return;
  }
  grid.setAttribute('aria-rowcount', String(rows.length + 1));
  grid.setAttribute('aria-colcount', String(columns.length));
  body.style.height = `${rows.length * rowHeight}px`;
  const first = Math.max(0, Math.floor(grid.scrollTop / rowHeight) - 10);
  const last = Math.min(rows.length, first + Math.ceil(grid.clientHeight / rowHeight) + 20);
  const drawn: HTMLElement[] = [];
  for (let index = first; index < last; index++) {
    drawn.push(drawRow(index));
  }
  const hadFocus = grid.contains(document.activeElement) && document.activeElement !== grid;
  body.replaceChildren(...drawn);
  if (hadFocus) {
    focusCell();
  }
}

function drawRow(index: number): HTMLElement {
  const row = element('div', marked.has(index) ? 'row marked' : 'row');
  row.setAttribute('role', 'row');
  row.setAttribute('aria-rowindex', String(index + 2));
  row.style.top = `${index * rowHeight}px`;
  for (const [position, value] of (rows[index] ?? []).entries()) {
    const cell = element('div', aligned[position] ? 'cell numeric' : 'cell');
    cell.setAttribute('role', 'gridcell');
    cell.tabIndex = index === focused.row && position === focused.column ? 0 : -1;
    cell.onfocus = () => (focused = { row: index, column: position });
    if (value === null) {
      cell.classList.add('null');
      cell.textContent = words?.nullValue ?? '';
    } else {
      cell.textContent = value.replaceAll(/\s*\n\s*/g, ' ↵ ');
      cell.title = value.length > 60 || value.includes('\n') ? value.slice(0, 2000) : '';
    }
    row.append(cell);
  }
  return row;
}

function moveFocus(event: KeyboardEvent): void {
  const pageRows = Math.max(1, Math.floor(grid.clientHeight / rowHeight) - 2);
  const moves: Record<string, [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageUp: [-pageRows, 0], PageDown: [pageRows, 0] };
  const move = moves[event.key];
  if (!move || rows.length === 0) {
    return;
  }
  event.preventDefault();
  focused = { row: clamp(focused.row + move[0], rows.length - 1), column: clamp(focused.column + move[1], columns.length - 1) };
  const top = focused.row * rowHeight;
  if (top < grid.scrollTop) {
    grid.scrollTop = top;
  } else if (top + 2 * rowHeight > grid.scrollTop + grid.clientHeight) {
    grid.scrollTop = top + 3 * rowHeight - grid.clientHeight;
  }
  draw();
  focusCell();
}

function focusCell(): void {
  const cell = body?.querySelector<HTMLElement>(`[aria-rowindex="${focused.row + 2}"]`)?.children[focused.column];
  if (cell instanceof HTMLElement) {
    cell.focus({ preventScroll: false });
  }
}

function clamp(value: number, highest: number): number {
  return Math.min(Math.max(value, 0), highest);
}

/** RFC 4180, exact: what a spreadsheet would take for a formula stays as it is. */
function toCsv(): string {
  const quote = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return [columns.map((column) => column.name), ...rows].map((row) => row.map((cell) => (cell === null ? '' : quote(cell))).join(',')).join('\r\n');
}

function element(tag: string, className: string): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  return made;
}

function line(className: string, text: string): HTMLElement {
  const made = element('p', className);
  made.textContent = text;
  return made;
}

function button(label: string, press: () => void): HTMLElement {
  const made = document.createElement('button');
  made.textContent = label;
  made.addEventListener('click', press);
  return made;
}
