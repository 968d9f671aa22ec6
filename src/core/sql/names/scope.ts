/** What the names of an expression can mean: the relations of its query, and of the queries around it. */
import type { KnownRelation } from './world.ts';

/** Something in FROM. */
export interface ScopeItem {
  readonly alias: string;
  /** The relation's schema, for names of three parts. */
  readonly schema?: string;
  readonly columns: ReadonlySet<string>;
  /** A column that is not among them is wrong. */
  readonly complete: boolean;
  /** Its columns need its name before them: a parameter that is a row, `excluded`, `old`. */
  readonly qualifiedOnly?: true;
  readonly relation?: KnownRelation;
}

export class Scope {
  readonly parent: Scope | undefined;
  readonly items: ScopeItem[] = [];
  /** Columns that USING and NATURAL made one of. */
  readonly merged = new Set<string>();
  /** NATURAL: nobody counts which. */
  mergesAll = false;

  constructor(parent?: Scope) {
    this.parent = parent;
  }

  add(item: ScopeItem): void {
    this.items.push(item);
  }

  /** The item that a qualifier names, in this query or one around it. */
  find(alias: string, schema?: string): ScopeItem | undefined {
    const own = this.items.find((item) => item.alias === alias && (schema === undefined || item.schema === undefined || item.schema === schema));
    return own ?? this.parent?.find(alias, schema);
  }

  /** What an unqualified name means. */
  lookUp(name: string): 'found' | 'ambiguous' | 'absent' | 'unknown' {
    const having = this.own(name).length;
    if (having > 0) {
      return having > 1 && !this.merged.has(name) && !this.mergesAll ? 'ambiguous' : 'found';
    }
    if (this.items.some(({ alias }) => alias === name)) {
      return 'found';
    }
    if (this.items.some(({ complete, qualifiedOnly }) => !complete && qualifiedOnly !== true)) {
      return 'unknown';
    }
    return this.parent?.lookUp(name) ?? 'absent';
  }

  /** Columns of this query's relations: what a wrong name may have meant. */
  *columns(): Generator<string> {
    for (const { columns } of this.items) {
      yield* columns;
    }
    if (this.items.length === 0 && this.parent !== undefined) {
      yield* this.parent.columns();
    }
  }

  /** Items of the innermost query that has such a column. */
  having(name: string): readonly ScopeItem[] {
    const own = this.own(name);
    return own.length > 0 ? own : (this.parent?.having(name) ?? []);
  }

  private own(name: string): readonly ScopeItem[] {
    return this.items.filter(({ columns, qualifiedOnly }) => qualifiedOnly !== true && columns.has(name));
  }
}

/** Every table has them: https://www.postgresql.org/docs/current/ddl-system-columns.html */
export const systemColumns: ReadonlySet<string> = new Set(['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid', 'oid']);
