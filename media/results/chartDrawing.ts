/** A chart as SVG: colours are those that the theme gives to charts, and dashes and hatching tell the series apart without them. */
import { shortTimes, type ChartData, type ChartKind } from '../../src/core/results/chart.ts';

const colours = ['blue', 'orange', 'green', 'purple', 'red'] as const;
const dashes = ['', '6 3', '2 2', '8 3 2 3', '12 4'] as const;

/** Strokes within a square of eight; the first is filled. */
const hatchings = ['', 'M-2 2L2 -2M0 8L8 0M6 10L10 6', 'M0 4H8', 'M4 0V8', 'M0 0L8 8M0 8L8 0'] as const;

export interface Drawing {
  readonly kind: ChartKind;
  readonly data: ChartData;
  readonly names: readonly string[];
  readonly width: number;
  readonly height: number;
  /** Round numbers for the side, from the lowest to the highest. */
  readonly ticks: readonly number[];
}

function colourOf(series: number): string {
  return `var(--vscode-charts-${colours[series % colours.length] ?? 'blue'}, currentColor)`;
}

function dashOf(series: number): string {
  return dashes[series % dashes.length] ?? '';
}

/** What its bars are filled with: the same in the chart and in the legend, as long as one of them holds {@link hatching}. */
function fillOf(series: number): string {
  return series % hatchings.length === 0 ? colourOf(series) : `url(#hatching-${series})`;
}

/** To be put into the picture that is there as long as the bars are. */
function hatching(count: number): SVGElement {
  const made = shape('defs', {});
  for (let series = 0; series < count; series++) {
    const pattern = shape('pattern', { id: `hatching-${series}`, width: 8, height: 8, patternUnits: 'userSpaceOnUse' });
    const strokes = shape('path', { d: hatchings[series % hatchings.length] ?? '' });
    strokes.style.stroke = colourOf(series);
    const ground = shape('rect', { width: 8, height: 8 });
    ground.style.fill = colourOf(series);
    pattern.append(ground, strokes);
    made.append(pattern);
  }
  return made;
}

/** How a series looks, beside its name. */
export function drawSign(kind: ChartKind, series: number): SVGSVGElement {
  const svg = shape('svg', { width: 28, height: 12, 'aria-hidden': 'true' });
  const sign = kind === 'line' ? shape('path', { d: 'M0 6H28', 'stroke-dasharray': dashOf(series), class: 'line' }) : shape('rect', { x: 8.5, y: 0.5, width: 16, height: 11, class: 'bar' });
  sign.style.stroke = colourOf(series);
  if (kind === 'bar') {
    sign.style.fill = fillOf(series);
  }
  svg.append(sign);
  return svg;
}

const edges = { left: 64, right: 12, top: 10, bottom: 36 };

export function drawChart(drawing: Drawing): SVGSVGElement {
  const svg = shape('svg', { viewBox: `0 0 ${drawing.width} ${drawing.height}`, width: drawing.width, height: drawing.height });
  const places = placesOf(drawing);
  svg.append(...side(drawing, places.y), ...bottom(drawing, places.x), ...(drawing.kind === 'line' ? lines(drawing, places) : bars(drawing, places)));
  return svg;
}

interface Places {
  readonly x: (index: number) => number;
  readonly y: (value: number) => number;
  /** Pixels between two labels. */
  readonly step: number;
}

/** Times stand where they belong, categories in equal distances. */
function placesOf({ kind, data, width, height, ticks }: Drawing): Places {
  const [low = 0, high = 1] = [ticks[0], ticks.at(-1)];
  const [inner, count] = [width - edges.left - edges.right, Math.max(1, data.labels.length)];
  const y = (value: number): number => height - edges.bottom - ((value - low) / (high - low || 1)) * (height - edges.top - edges.bottom);
  const [first = 0, last = 0] = [data.times?.[0], data.times?.at(-1)];
  if (kind === 'line' && data.times !== undefined && last > first) {
    return { x: (index) => edges.left + (((data.times?.[index] ?? first) - first) / (last - first)) * inner, y, step: inner / count };
  }
  return { x: (index) => edges.left + ((index + 0.5) / count) * inner, y, step: inner / count };
}

function side({ ticks, width }: Drawing, y: Places['y']): SVGElement[] {
  return ticks.flatMap((tick) => [
    shape('line', { x1: edges.left, x2: width - edges.right, y1: y(tick), y2: y(tick), class: tick === 0 ? 'zero' : 'rule' }),
    word(formatNumber(tick), { x: edges.left - 6, y: y(tick) + 4, 'text-anchor': 'end' }),
  ]);
}

function bottom({ data, width, height }: Drawing, x: Places['x']): SVGElement[] {
  const most = Math.max(2, Math.floor((width - edges.left - edges.right) / 110));
  const every = Math.max(1, Math.ceil(data.labels.length / most));
  const short = data.times === undefined ? data.labels : shortTimes(data.labels);
  return data.labels.flatMap((label, index) => {
    if (index % every !== 0) {
      return [];
    }
    const own = short[index] ?? label;
    const text = own.length > 16 ? `${own.slice(0, 15)}…` : own;
    const at = Math.min(Math.max(x(index), edges.left + 20), width - edges.right - 40);
    const shown = word(text, { x: at, y: height - edges.bottom + 18, 'text-anchor': 'middle' });
    shown.append(hint(label));
    return [shown];
  });
}

function lines({ data, names }: Drawing, { x, y }: Places): SVGElement[] {
  return data.series.flatMap(({ values, of }, series) => {
    const path = shape('path', { d: pathOf(values, of === undefined, { x, y }), class: 'line', 'stroke-dasharray': dashOf(series) });
    path.style.stroke = colourOf(series);
    const points = values.length > 150 ? [] : values.flatMap((value, index) => (value === null ? [] : [point(x(index), y(value), series, `${names[series] ?? ''} · ${data.labels[index] ?? ''}: ${value}`)]));
    return [path, ...points];
  });
}

/** A gap where there is no value, if it is one: a part of a split result need not have one everywhere. */
function pathOf(values: readonly (number | null)[], hasGaps: boolean, { x, y }: Pick<Places, 'x' | 'y'>): string {
  let isDrawing = false;
  return values
    .map((value, index) => {
      const command = value === null ? '' : `${isDrawing ? 'L' : 'M'}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
      isDrawing = value !== null || (isDrawing && !hasGaps);
      return command;
    })
    .join('');
}

function point(cx: number, cy: number, series: number, text: string): SVGElement {
  const made = shape('circle', { cx, cy, r: 3, class: 'point' });
  made.style.fill = colourOf(series);
  made.append(hint(text));
  return made;
}

function bars({ data, names, ticks }: Drawing, { x, y, step }: Places): SVGElement[] {
  const count = data.series.length;
  const width = Math.max(1, Math.min(40, (step * 0.8) / Math.max(1, count)));
  const zero = y(Math.max(ticks[0] ?? 0, Math.min(0, ticks.at(-1) ?? 0)));
  const drawn = data.series.flatMap(({ values }, series) =>
    values.flatMap((value, index) => {
      if (value === null) {
        return [];
      }
      const bar = shape('rect', { x: x(index) + (series - count / 2) * width, y: Math.min(zero, y(value)), width, height: Math.max(1, Math.abs(zero - y(value))), class: 'bar' });
      bar.style.fill = fillOf(series);
      bar.style.stroke = colourOf(series);
      bar.append(hint(`${names[series] ?? ''} · ${data.labels[index] ?? ''}: ${value}`));
      return [bar];
    }),
  );
  return [hatching(count), ...drawn];
}

export function formatNumber(value: number): string {
  return new Intl.NumberFormat(undefined, { notation: Math.abs(value) >= 1e5 ? 'compact' : 'standard', maximumFractionDigits: 3 }).format(value);
}

function shape<K extends keyof SVGElementTagNameMap>(name: K, attributes: Readonly<Record<string, string | number>>): SVGElementTagNameMap[K] {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) {
    made.setAttribute(key, String(value));
  }
  return made;
}

function word(text: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const made = shape('text', attributes);
  made.append(text);
  return made;
}

/** What the pointer is told. */
function hint(text: string): SVGElement {
  const made = shape('title', {});
  made.append(text);
  return made;
}
