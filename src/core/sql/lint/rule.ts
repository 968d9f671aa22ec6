/** What a rule is. Each stands in a file of its own under `rules/`; `ruleTable.ts` lists them all. */
import type { Effect, PlacedEffect } from '../effects/effect.ts';
import type { RelationHistory, SchemaHistory } from '../schemaHistory.ts';
import type { Edit, Facts, Finding, RuleCode, Severity } from './finding.ts';
import type { StatementTree } from './statementTree.ts';

/**
 * What a text is. `migration`: one of the files that change the schema, in their order. `schema`: one of those that say how it shall be,
 * from which the changes are derived. `script`: any other SQL file, and untitled ones.
 * `snippet`: a fence of a manual or a string of a program. `data`: seeds and tests, which may do what elsewhere is a mistake.
 */
export type TextRole = 'migration' | 'schema' | 'script' | 'snippet' | 'data';

/** A finding about a statement of the text, in whose offsets its range is. */
export interface PlacedFinding {
  /** Index among the text's statements. */
  readonly statement: number;
  readonly finding: Finding;
}

/** What all statements of a text do together, and with the files that belong to it. */
export class FileContext {
  /** Everything that the statements of this text do to the schema, in order. */
  readonly effects: readonly PlacedEffect[];
  /** The schema with all files that belong together applied, this one included. */
  readonly history: SchemaHistory;
  /** Schemas that the API serves. */
  readonly exposedSchemas: readonly string[];
  private readonly own: ReadonlySet<PlacedEffect>;
  private readonly lengths: (statement: number) => number;
  private made: ReadonlyMap<string, number> | undefined;
  private byStatement: ReadonlyMap<number, readonly PlacedEffect[]> | undefined;
  private byKind: ReadonlyMap<Effect['kind'], readonly PlacedEffect[]> | undefined;

  constructor(parts: { effects: readonly PlacedEffect[]; history: SchemaHistory; exposedSchemas: readonly string[]; lengths: (statement: number) => number }) {
    this.effects = parts.effects;
    this.history = parts.history;
    this.exposedSchemas = parts.exposedSchemas;
    this.own = new Set(parts.effects);
    this.lengths = parts.lengths;
  }

  /** The effects of one kind, in order. */
  *ofKind<K extends Effect['kind']>(kind: K): Generator<{ readonly placed: PlacedEffect; readonly effect: Extract<Effect, { kind: K }> }> {
    for (const placed of this.grouped().get(kind) ?? []) {
      yield { placed, effect: placed.effect as Extract<Effect, { kind: K }> };
    }
  }

  private grouped(): ReadonlyMap<Effect['kind'], readonly PlacedEffect[]> {
    this.byKind ??= groupBy(this.effects, ({ effect }) => effect.kind);
    return this.byKind;
  }

  /** What one statement does. */
  effectsOf(statement: number): readonly PlacedEffect[] {
    this.byStatement ??= groupBy(this.effects, (placed) => placed.statement);
    return this.byStatement.get(statement) ?? [];
  }

  /** The relation was there before this text: what works on it works on rows that people use. */
  isExisting(relation: RelationHistory | undefined): boolean {
    return relation !== undefined && (relation.createdBy === undefined || !this.own.has(relation.createdBy));
  }

  /** A statement of this text before that one made something of that name (`table.column`): it is there for certain. */
  isMadeBefore(statement: number, name: string): boolean {
    this.made ??= new Map(this.effects.flatMap((placed) => madeNames(placed.effect).map((each) => [each, placed.statement] as const)).reverse());
    return (this.made.get(name) ?? Infinity) < statement;
  }

  isExposed({ schema }: RelationHistory): boolean {
    return this.exposedSchemas.includes(schema);
  }

  /** An edit that puts another statement behind one. */
  statementAfter(statement: number, text: string): Edit {
    const end = this.lengths(statement);
    // The semicolon of the statement is not part of it: it ends the new one.
    return { range: { start: end, end }, text: `;\n${text}` };
  }
}

function madeNames(effect: Effect): string[] {
  switch (effect.kind) {
    case 'createRelation':
      return [effect.name.name, ...effect.columns.map(({ name }) => `${effect.name.name}.${name}`)];
    case 'createFunction':
    case 'createType':
      return [effect.name.name];
    case 'addColumn':
      return [`${effect.table.name}.${effect.column.name}`];
    case 'renameColumn':
      return [`${effect.table.name}.${effect.to}`];
    case 'createIndex':
    case 'createSchema':
    case 'foreignKey':
    case 'checkConstraint':
      return [effect.name];
    case 'renameRelation':
    case 'renameIndex':
    case 'renameConstraint':
    case 'renamePolicy':
      return [effect.to];
    case 'moveFunction':
      return [effect.to.name ?? effect.name.name];
    case 'policy':
      return effect.alter ? [] : [effect.name];
    default:
      return [];
  }
}

export interface Rule {
  readonly code: RuleCode;
  /** `table-without-rls` */
  readonly name: string;
  readonly severity: Exclude<Severity, 'off'>;
  /** One line. */
  readonly title: string;
  /** What happens when nobody minds. */
  readonly why: string;
  readonly whatToDo: string;
  /** Rules of the Postgres Language Server that say the same: where it runs, they are left to it. */
  readonly alsoIn: readonly string[];
  readonly roles: readonly TextRole[];
  /** What it finds stands in a program, where comments begin with two slashes. */
  readonly inPrograms?: boolean;
  /** It tells what came of a deed, and is gone with the next edit: there is nothing to put aside. */
  readonly untilEdited?: boolean;
  /** The server refuses such a statement, and says so of the same place when it is run. */
  readonly refused?: boolean;
  /** It holds as well in the code of functions, which somebody runs later: of all that are read, or of those in SQL. See `bodies/`. */
  readonly inBodies?: 'all' | 'sql';
  message(facts: Facts): string;
  fixTitle?(facts: Facts): string;
  /** Ranges are offsets within the statement. */
  statement?(statement: StatementTree): readonly Finding[];
  /** What is found in a statement still holds once all that belongs together was applied. */
  holds?(context: FileContext, placed: PlacedEffect): boolean;
  file?(context: FileContext): readonly PlacedFinding[];
}

export const everyRole: readonly TextRole[] = ['migration', 'schema', 'script', 'snippet', 'data'];
/** Where the schema is made for good. */
export const schemaRoles: readonly TextRole[] = ['migration', 'schema', 'script'];
/** Where tables that are in use are changed. */
export const changeRoles: readonly TextRole[] = ['migration', 'script'];
export const notData: readonly TextRole[] = ['migration', 'schema', 'script', 'snippet'];

function groupBy<T, K>(all: readonly T[], keyOf: (one: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group) {
      group.push(one);
    } else {
      groups.set(key, [one]);
    }
  }
  return groups;
}
