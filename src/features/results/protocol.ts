/** What the results tab and the extension say to each other: serializable data only. */

export interface ShownColumn {
  readonly name: string;
  readonly type: string;
  readonly numeric: boolean;
}

export type ToView =
  | { readonly type: 'begin'; readonly title: string; readonly statement: string; readonly target: string; readonly words: Words }
  | { readonly type: 'columns'; readonly columns: readonly ShownColumn[] }
  | { readonly type: 'rows'; readonly rows: readonly (readonly (string | null)[])[] }
  | { readonly type: 'notice'; readonly text: string }
  | { readonly type: 'verdict'; readonly state: 'ok' | 'warn' | 'critical' | 'unknown'; readonly summary: string; readonly explanation: string; readonly rows: readonly number[] }
  | { readonly type: 'end'; readonly outcome: 'done' | 'cancelled' | 'failed'; readonly message: string; readonly details: readonly string[] };

export type FromView =
  /** The page's script is ready to be told. */
  | { readonly type: 'ready' }
  | { readonly type: 'cancel' }
  | { readonly type: 'runAgain' }
  | { readonly type: 'copy'; readonly text: string };

/** Texts of the page, localized by the extension. */
export interface Words {
  readonly running: string;
  readonly cancel: string;
  readonly runAgain: string;
  readonly copy: string;
  readonly nothing: string;
  readonly nullValue: string;
  readonly states: Readonly<Record<'ok' | 'warn' | 'critical' | 'unknown', string>>;
}
