/** What names can mean: asked of whoever knows, which may be nobody. */
import type { ObjectName } from '../objectNames.ts';
import { systemRelation } from '../systemCatalog.ts';

export interface KnownRelation {
  /** As it is told to people: `public.notes`. */
  readonly label: string;
  readonly schema: string;
  readonly columns: readonly string[];
  /** A name that is not among the columns is wrong. */
  readonly complete: boolean;
  /** What people write in place of a column's name. */
  readonly renamed?: Readonly<Record<string, string>>;
  /** Columns that people look for here, and the relation that has them. */
  readonly elsewhere?: Readonly<Record<string, string>>;
  /** A view about the server, known without asking it. */
  readonly system?: true;
}

export interface NameWorld {
  /** `unknown`: nobody can tell. `absent`: there is none. */
  relation(name: ObjectName): KnownRelation | 'unknown' | 'absent';
  hasFunction(name: ObjectName): boolean | 'unknown';
  /** A function of the project's own, which may be written like a column of its row: `t.full_name`. */
  hasOwnFunction(name: string): boolean;
  /** What it gives in FROM; `undefined` where that is not known, or is no row. */
  functionColumns(name: ObjectName): readonly string[] | undefined;
  /** Names as they should be written, the likeliest first. */
  relationsLike(name: ObjectName): readonly string[];
  functionsLike(name: ObjectName): readonly string[];
}

/** What everybody knows of system views, whatever database it is. */
export function systemKnowledge(name: ObjectName): KnownRelation | undefined {
  const found = systemRelation(name.schema, name.name);
  return found && { label: name.name, schema: name.schema ?? found.schemas[0] ?? '', columns: [...found.columns], complete: true, renamed: found.renamed, elsewhere: found.elsewhere, system: true };
}

/** Without a database: system views alone, and everything else may be there. */
export const worldWithoutDatabase: NameWorld = {
  relation: (name) => systemKnowledge(name) ?? 'unknown',
  hasFunction: () => 'unknown',
  hasOwnFunction: () => false,
  functionColumns: () => undefined,
  relationsLike: () => [],
  functionsLike: () => [],
};
