import { l10n } from '../util/l10n.ts';
import type { Event } from '../util/event.ts';
import { errorMessage } from './errorMessage.ts';
import type { Row } from './row.ts';

/** What a view shows: plain nodes, asked for level by level, and the row each is shown as. */
export interface TreeSource<N> {
  /** Children of a node, or the first level. What it throws is shown as a row; an error is never an empty list. */
  children(node: N | undefined): Promise<readonly N[]>;
  row(node: N): Row;
  /** Something changed: ask again. */
  readonly onDidChange: Event<void>;
  /** What the rows belong to, a project's connection: when it is another one, the rows there are go at once. */
  readonly scope?: () => unknown;
  readonly onDidTick?: (node: N, ticked: boolean) => void;
}

/** In place of the children that could not be had. */
export interface Failure {
  readonly failure: unknown;
  /** Id of the row they would be under, or of the view. */
  readonly under: string;
}

export type Shown<N> = { readonly node: N } | Failure;

/** Never throws: whatever keeps the children from being had is the one row in their place. */
export async function shownChildren<N>(source: TreeSource<N>, view: string, shown: Shown<N> | undefined): Promise<Shown<N>[]> {
  if (shown && !('node' in shown)) {
    return [];
  }
  try {
    return (await source.children(shown?.node)).map((node) => ({ node }));
  } catch (failure) {
    return [{ failure, under: shown ? source.row(shown.node).id : view }];
  }
}

export function shownRow<N>(source: TreeSource<N>, shown: Shown<N>): Row {
  return 'node' in shown ? source.row(shown.node) : failureRow(shown);
}

/** A click tries again. */
function failureRow({ failure, under }: Failure): Row {
  const { message } = errorMessage(failure);
  return {
    id: `${under}/failure`,
    kind: 'message',
    label: message,
    tooltip: [message, l10n.t('Click to try again.')],
    icon: { name: 'error', state: 'critical' },
    click: 'refresh',
  };
}
