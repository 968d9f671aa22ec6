/** The extension, as the page sees it, and what the page remembers. */
import { RequestPort } from '../../src/util/requests.ts';
import type { ChartChoice } from '../../src/core/results/chart.ts';
import type { FromView, HostQuestions, PageQuestions } from '../../src/features/results/protocol.ts';

declare function acquireVsCodeApi(): { postMessage(message: FromView): void; getState(): unknown; setState(state: unknown): void };

const api = acquireVsCodeApi();

export function tell(message: FromView): void {
  api.postMessage(message);
}

export const port = new RequestPort<PageQuestions, HostQuestions>({ post: tell, handlers: {} });

/** How a person has set up the page; it outlives hiding, moving and loading anew. */
export interface Setup {
  /** Pixels by the column's name. */
  readonly widths: Readonly<Record<string, number>>;
  readonly pinned: readonly string[];
  readonly filtering: boolean;
  /** Which part and which of its views is in front. */
  readonly part: number;
  readonly view: string;
  /** The id of the part that failed last and was brought to the front. */
  readonly failed: number;
  /** The place of the first row in sight. */
  readonly top: number;
  /** What was chosen to be drawn of results with these columns, the newest first. */
  readonly charts: readonly { readonly columns: string; readonly choice: ChartChoice }[];
}

const untouched: Setup = { widths: {}, pinned: [], filtering: false, part: 0, view: 'rows', failed: 0, top: 0, charts: [] };

interface Kept {
  readonly tab?: unknown;
  readonly setup?: Setup;
}

function kept(): Kept {
  return (api.getState() ?? {});
}

export function setup(): Setup {
  return { ...untouched, ...kept().setup };
}

export function keepSetup(change: Partial<Setup>): void {
  api.setState({ ...kept(), setup: { ...setup(), ...change } });
}

/** What the extension gets back when the window is loaded anew. */
export function keepTab(tab: unknown): void {
  api.setState({ ...kept(), tab });
}
