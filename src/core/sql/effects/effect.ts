/** What a statement does to the schema, as data. Ranges are UTF-16 offsets within the statement. */
import type { TextRange } from '../../runbook/document.ts';
import type { ObjectName } from '../objectNames.ts';

export interface ColumnDefinition {
  readonly name: string;
  /** As the grammar names it, without `pg_catalog`: `int4`, `text[]`, `public.mood`; empty where it is not written (views). */
  readonly type: string;
  /** Of `numeric(10, 2)`: 10 and 2. */
  readonly modifiers?: readonly number[];
  readonly notNull: boolean;
  readonly at: TextRange;
  /** Why each row needs a value of its own the moment the column is added: a volatile default as it is written, `identity`, … */
  readonly rewrites?: string;
  /** A function in the default of which only those who know it can say whether it is volatile, and the call as it is written. */
  readonly asks?: { readonly function: ObjectName; readonly call: string };
  /** `not null` with nothing that gives a value. */
  readonly needsValue: boolean;
}

/** A role by which the API reads and writes for whoever comes. */
export type ApiRole = 'anon' | 'authenticated';

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
      /** Part of another table, made with it in view. */
      readonly partition: boolean;
      /** It has parts, and no rows of its own. */
      readonly partitioned: boolean;
      /** `if not exists`, `or replace`: it may have been there. */
      readonly tolerant: boolean;
      /** Of a view: its queries run with the rights of whoever asks, not of its owner. */
      readonly invoker: boolean;
      /** Of a view that does not say: what is to be inserted where, so that it is. */
      readonly invokerAt?: { readonly offset: number; readonly text: string };
    }
  /** `at`: of a table, whose rows go with it. `tolerant`: `if exists`. */
  | { readonly kind: 'dropRelation'; readonly name: ObjectName; readonly tolerant: boolean; readonly at?: TextRange }
  | { readonly kind: 'renameRelation'; readonly name: ObjectName; readonly to: string; readonly at: TextRange }
  | { readonly kind: 'moveRelation'; readonly name: ObjectName; readonly toSchema: string }
  /** `tolerant`: `if not exists`. */
  | { readonly kind: 'addColumn'; readonly table: ObjectName; readonly column: ColumnDefinition; readonly tolerant: boolean }
  /** `at`: where its values go with it. */
  | { readonly kind: 'dropColumn'; readonly table: ObjectName; readonly column: string; readonly tolerant: boolean; readonly at?: TextRange }
  | { readonly kind: 'renameColumn'; readonly table: ObjectName; readonly column: string; readonly to: string; readonly at: TextRange }
  | { readonly kind: 'changeType'; readonly table: ObjectName; readonly hasRows: boolean; readonly column: string; readonly type: string; readonly modifiers?: readonly number[]; readonly at: TextRange }
  | { readonly kind: 'rowSecurity'; readonly table: ObjectName; readonly on: boolean; readonly at: TextRange }
  /** A policy is made (`alter: false`) or changed; only what is written of it counts. */
  | { readonly kind: 'policy'; readonly table: ObjectName; readonly name: string; readonly alter: boolean; readonly using: boolean; readonly check: boolean }
  | { readonly kind: 'dropPolicy'; readonly table: ObjectName; readonly name: string }
  | { readonly kind: 'renamePolicy'; readonly table: ObjectName; readonly name: string; readonly to: string }
  /** `given`: a right was granted to these roles; else all rights were taken from them. */
  | { readonly kind: 'rights'; readonly table: ObjectName; readonly roles: readonly ApiRole[]; readonly given: boolean }
  /** The same for all tables that a schema has, or, by `default`, will have. */
  | { readonly kind: 'schemaRights'; readonly schema: string; readonly roles: readonly ApiRole[]; readonly given: boolean; readonly default: boolean }
  /** `columns` are those in front by which rows are found; an expression ends them. A primary key or unique constraint is an index too, and so is an exclusion. */
  | {
      readonly kind: 'createIndex';
      readonly table: ObjectName;
      /** As written, or as the server would name it; one name for the constraint and its index. */
      readonly name: string;
      readonly columns: readonly string[];
      readonly at: TextRange;
      readonly concurrently: boolean;
      /** `on only t`: parts of the table are left out, so that nothing is built. */
      readonly only: boolean;
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
  /** A table that is there gets a constraint, which its rows are held against, or for which an index is built, before the statement ends. */
  | {
      readonly kind: 'constrain';
      readonly table: ObjectName;
      readonly by: 'foreignKey' | 'check' | 'notNull' | 'unique' | 'primaryKey' | 'exclusion';
      /** Of a foreign key. */
      readonly target?: ObjectName;
      /** Of `not null`. */
      readonly column?: string;
      readonly at: TextRange;
      /** `not valid`, or with an index that was built before: nothing is read. */
      readonly later: boolean;
      /** Where `not valid` would stand. */
      readonly insertAt?: number;
    }
  /** A table or materialized view is written anew, or its indexes are, as they are. */
  | { readonly kind: 'rebuild'; readonly table: ObjectName }
  /** A check says that a column is not null. */
  | { readonly kind: 'neverNull'; readonly table: ObjectName; readonly column: string }
  /** One that is neither a key nor an index, and has a name. */
  | { readonly kind: 'checkConstraint'; readonly table: ObjectName; readonly name: string }
  | { readonly kind: 'renameConstraint'; readonly table: ObjectName; readonly name: string; readonly to: string }
  | { readonly kind: 'dropConstraint'; readonly table: ObjectName; readonly name: string }
  | { readonly kind: 'renameIndex'; readonly name: ObjectName; readonly to: string }
  | { readonly kind: 'dropIndex'; readonly name: ObjectName }
  /** `alter view v set (security_invoker = …)` */
  | { readonly kind: 'viewInvoker'; readonly table: ObjectName; readonly on: boolean; readonly at: TextRange }
  /** A DELETE or UPDATE without a condition, perhaps within another statement. */
  | { readonly kind: 'everyRow'; readonly table: ObjectName; readonly verb: 'delete' | 'update'; readonly isWithin: boolean; readonly at: TextRange }
  /** The same in the code of a function: of whatever has the name when that is called. `isAlone`: it is all the code, which is SQL. */
  | { readonly kind: 'everyRowLater'; readonly of: ObjectName; readonly verb: 'delete' | 'update'; readonly isAlone: boolean; readonly at: TextRange; readonly begins: number }
  | { readonly kind: 'createSchema'; readonly name: string }
  | { readonly kind: 'dropSchema'; readonly name: string }
  | { readonly kind: 'renameSchema'; readonly name: string; readonly to: string }
  | {
      readonly kind: 'createFunction';
      readonly name: ObjectName;
      /** Types of what it is called with; absent where they are not told. */
      readonly args?: readonly string[];
      /** It finds names, while it runs, by the caller's search path. */
      readonly findsByPath: boolean;
      /** It runs with its owner's rights: where that is written. */
      readonly definer?: TextRange;
      /** Each call may give another value, for all that its declaration says. */
      readonly volatile: boolean;
    }
  /** `alter function`: what is not written stays. `args` are absent where the name alone is given. */
  | { readonly kind: 'alterFunction'; readonly name: ObjectName; readonly args?: readonly string[]; readonly findsByPath?: boolean; readonly definer?: TextRange | 'off' }
  /** It gets another name, or another schema. */
  | { readonly kind: 'moveFunction'; readonly name: ObjectName; readonly args?: readonly string[]; readonly to: Partial<ObjectName> }
  | { readonly kind: 'dropFunction'; readonly name: ObjectName; readonly args?: readonly string[] }
  | { readonly kind: 'createType'; readonly name: ObjectName }
  | { readonly kind: 'dropType'; readonly name: ObjectName }
  /** Absent: the session's own path again. */
  | { readonly kind: 'searchPath'; readonly schemas?: readonly string[] }
  /** `check_function_bodies`: whether a function in SQL is refused when it names what is not there. */
  | { readonly kind: 'checkBodies'; readonly on: boolean }
  | { readonly kind: 'transaction'; readonly control: 'begin' | 'commit' | 'rollback' }
  /**
   * Code that runs, or an extension: what it does, its words may tell (lower case, also those within its strings), if it is all there.
   * `unread` are those that are not part of statements whose own effects are told beside.
   */
  | { readonly kind: 'opaque'; readonly words: ReadonlySet<string>; readonly unread: ReadonlySet<string>; readonly isWhole: boolean; readonly extension?: string };

/** An effect and the statement of its text that has it. */
export interface PlacedEffect {
  readonly statement: number;
  readonly effect: Effect;
}
