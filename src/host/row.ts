import type { CommandKey, RowKind } from '../contributions.ts';
import type { HealthState } from '../core/health/health.ts';
import { l10n } from '../util/l10n.ts';

/** A tree row as plain data: what `tree.ts` makes a VS Code item of, and what tests compare. */
export interface Row {
  /** Stable path of ids: `function/mint-token`. */
  readonly id: string;
  readonly kind: RowKind;
  readonly label: string;
  readonly description?: string;
  /** Plain text, one entry per line; never markup, since much of it is outside text. */
  readonly tooltip?: readonly string[];
  readonly icon?: RowIcon;
  /** Further words of `contextValue`, after the kind. */
  readonly states?: readonly string[];
  readonly expandable?: 'collapsed' | 'expanded';
  /** What a click runs, with the node as its argument. */
  readonly click?: CommandKey;
  /** For a checkbox. */
  readonly ticked?: boolean;
}

export interface RowIcon {
  /** A codicon, without `$()`. */
  readonly name: string;
  /** Takes the colour that the theme gives to this state. */
  readonly state?: HealthState;
}

/** The sign of a state, the same in every view: shape and colour differ, so that it can be told without colours. */
export function stateIcon(state: HealthState): RowIcon {
  switch (state) {
    case 'ok':
      return { name: 'pass', state };
    case 'warn':
      return { name: 'warning', state };
    case 'critical':
      return { name: 'error', state };
    case 'unknown':
      return { name: 'question', state };
    default:
      return state satisfies never;
  }
}

/** The node that a menu or click handed to a command: rows arrive wrapped from menus and bare from clicks. */
export function nodeOf(argument: unknown): unknown {
  return typeof argument === 'object' && argument !== null && 'node' in argument ? argument.node : argument;
}

/** What is said of a state, in reports and to screen readers. */
export function stateWord(state: HealthState): string {
  switch (state) {
    case 'ok':
      return l10n.t('ok');
    case 'warn':
      return l10n.t('warning');
    case 'critical':
      return l10n.t('critical');
    case 'unknown':
      return l10n.t('unknown');
    default:
      return state satisfies never;
  }
}
