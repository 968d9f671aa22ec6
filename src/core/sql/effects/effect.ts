/** What a statement does to the schema, as data. Ranges are UTF-16 offsets within the statement. */
import type { TextRange } from '../../runbook/document.ts';
import type { ObjectName } from '../objectNames.ts';

export interface ColumnDefinition {
  readonly name: string;
  /** As the grammar names it, without `pg_catalog`: `int4`, `text[]`, `public.mood`; empty where it is not written (views). */
  readonly type: string;
  readonly notNull: boolean;
  readonly at: TextRange;
  /** Why each row needs a value of its own the moment the column is added: a volatile default as it is written, `identity`, … */
  readonly rewrites?: string;
  /** `not null` with nothing that gives a value. */
  readonly needsValue: boolean;
}

export type RelationKind = 'table' | 'view' | 'materializedView' | 'foreignTable' | 'sequence' | 'compositeType';

export type Effect =
  | {
      readonly kind: 'createRelation';
      readonly relation: RelationKind;
      readonly name: ObjectName;
      readonly at: TextRange;
      readonly columns: readonly ColumnDefinition[];
      /** All columns are written: no `LIKE`, no `INHERITS`, no `*`. */
      readonly complete: boolean;
      readonly temporary: boolean;
      readonly partition: boolean;
      /** `if not exists`, `or replace`: it may have been there. */
      readonly tolerant: boolean;
      /** Of a view: its queries run with the rights of whoever asks, not of its owner. */
      readonly invoker: boolean;
      /** Of a view without options: where `with (…)` would stand. */
      readonly optionsAt?: number;
    }
  | { readonly kind: 'dropRelation'; readonly name: ObjectName }
  | { readonly kind: 'renameRelation'; readonly name: ObjectName; readonly to: string }
  | { readonly kind: 'moveRelation'; readonly name: ObjectName; readonly toSchema: string }
  | { readonly kind: 'addColumn'; readonly table: ObjectName; readonly column: ColumnDefinition }
  | { readonly kind: 'dropColumn'; readonly table: ObjectName; readonly column: string }
  | { readonly kind: 'renameColumn'; readonly table: ObjectName; readonly column: string; readonly to: string }
  | { readonly kind: 'changeType'; readonly table: ObjectName; readonly column: string; readonly type: string; readonly at: TextRange }
  | { readonly kind: 'rowSecurity'; readonly table: ObjectName; readonly on: boolean }
  /** No role of the API may touch it any more. */
  | { readonly kind: 'hideFromApi'; readonly table: ObjectName }
  /** `columns` are those in front; an expression ends them. A primary key or unique constraint is an index too. */
  | {
      readonly kind: 'createIndex';
      readonly table: ObjectName;
      readonly columns: readonly string[];
      readonly at: TextRange;
      readonly concurrently: boolean;
      readonly ofConstraint: boolean;
      /** Where the word `concurrently` would stand. */
      readonly insertAt?: number;
    }
  | {
      readonly kind: 'foreignKey';
      readonly table: ObjectName;
      /** As written, or as the server would name it. */
      readonly name: string;
      readonly columns: readonly string[];
      readonly target: ObjectName;
      readonly at: TextRange;
    }
  | { readonly kind: 'dropConstraint'; readonly table: ObjectName; readonly name: string }
  /** `alter view v set (security_invoker = …)` */
  | { readonly kind: 'viewInvoker'; readonly table: ObjectName; readonly on: boolean }
  /** A DELETE or UPDATE without a condition. */
  | { readonly kind: 'everyRow'; readonly table: ObjectName; readonly verb: 'delete' | 'update'; readonly at: TextRange }
  | { readonly kind: 'createSchema'; readonly name: string }
  | { readonly kind: 'dropSchema'; readonly name: string }
  | { readonly kind: 'renameSchema'; readonly name: string; readonly to: string }
  | {
      readonly kind: 'createFunction';
      readonly name: ObjectName;
      /** It runs with its owner's rights and finds names by the caller's search path; `insertAt` is behind `security definer`. */
      readonly openDefiner?: { readonly at: TextRange; readonly insertAt: number };
    }
  /** `alter function f set search_path …` */
  | { readonly kind: 'functionPath'; readonly name: ObjectName }
  | { readonly kind: 'dropFunction'; readonly name: ObjectName }
  | { readonly kind: 'createType'; readonly name: ObjectName }
  /** Absent: the session's own path again. */
  | { readonly kind: 'searchPath'; readonly schemas?: readonly string[] }
  /** Code that runs, or an extension: what it does, its words may tell (lower case, also those within its strings), if it is all there. */
  | { readonly kind: 'opaque'; readonly words: ReadonlySet<string>; readonly isWhole: boolean; readonly extension?: string };

/** An effect and the statement of its text that has it. */
export interface PlacedEffect {
  readonly statement: number;
  readonly effect: Effect;
}
