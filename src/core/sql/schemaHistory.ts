/** A schema as the statements of several files make it, one after the other. What was there before them is not known here. */
import type { ColumnDefinition, Effect, PlacedEffect, RelationKind } from './effects/effect.ts';
import type { ObjectName } from './objectNames.ts';

export interface RelationHistory {
  schema: string;
  name: string;
  readonly kind: RelationKind | undefined;
  /** The effect that made it; absent when it was there before. */
  readonly createdBy: PlacedEffect | undefined;
  /** By name; without entries for one that was there before. */
  readonly columns: Map<string, ColumnDefinition>;
  /** Leading columns of each index. */
  indexes: (readonly string[])[];
  foreignKeys: { readonly placed: PlacedEffect; readonly name: string; readonly columns: readonly string[] }[];
  rowSecurity: boolean;
  invoker: boolean;
  hidden: boolean;
  dropped: boolean;
}

const defaultPath: readonly string[] = ['public'];
/** Where temporary tables stand, before all others: https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-SEARCH-PATH */
const temporary = 'pg_temp';

export class SchemaHistory {
  private readonly relations = new Map<string, RelationHistory>();
  private readonly touched = new Map<PlacedEffect, RelationHistory>();
  private readonly previousTypes = new Map<PlacedEffect, string>();
  /** The last word on each function, by its name: what came before it no longer counts. */
  private readonly functions = new Map<string, PlacedEffect>();
  private path: readonly string[] = defaultPath;
  /** Code of one of the files speaks of row-level security: what it did to which tables is not known. */
  rowSecurityByCode = false;

  /** One file's effects, in order; each file begins with the default search path. */
  apply(effects: readonly PlacedEffect[]): void {
    this.path = defaultPath;
    for (const placed of effects) {
      this.take(placed);
    }
  }

  /** The relation that an effect made or worked on, as it is in the end. */
  relationOf(placed: PlacedEffect): RelationHistory | undefined {
    return this.touched.get(placed);
  }

  /** The type of a column before an effect changed it, where one of these files gave it. */
  previousType(placed: PlacedEffect): string | undefined {
    return this.previousTypes.get(placed);
  }

  /** No later statement replaced, changed or dropped the function that an effect made. */
  functionStands(placed: PlacedEffect): boolean {
    const { effect } = placed;
    return effect.kind === 'createFunction' && this.functions.get(this.functionKey(effect.name)) === placed;
  }

  private take(placed: PlacedEffect): void {
    const { effect } = placed;
    if ('table' in effect) {
      const relation = this.find(effect.table);
      this.touched.set(placed, relation);
      this.change(placed, relation, effect);
      return;
    }
    switch (effect.kind) {
      case 'createRelation':
        this.create(placed, effect);
        break;
      case 'dropRelation':
        this.remove(this.find(effect.name));
        break;
      case 'renameRelation':
        this.move(effect.name, (relation) => ({ schema: relation.schema, name: effect.to }));
        break;
      case 'moveRelation':
        this.move(effect.name, (relation) => ({ schema: effect.toSchema, name: relation.name }));
        break;
      case 'dropSchema':
        this.all().filter(({ schema }) => schema === effect.name).forEach((relation) => this.remove(relation));
        break;
      case 'createFunction':
      case 'dropFunction':
      case 'functionPath':
        this.functions.set(this.functionKey(effect.name), placed);
        break;
      case 'searchPath':
        this.path = effect.schemas ?? defaultPath;
        break;
      case 'opaque':
        this.trust(effect.words);
        break;
      case 'createSchema':
      case 'renameSchema':
      case 'createType':
        break;
      default:
        effect satisfies never;
    }
  }

  private create(placed: PlacedEffect, effect: Extract<Effect, { kind: 'createRelation' }>): void {
    const { schema, name } = this.resolve(effect.temporary ? { schema: temporary, name: effect.name.name } : effect.name);
    const there = this.relations.get(key(schema, name));
    if (effect.tolerant && there !== undefined && effect.relation !== 'view') {
      return;
    }
    if (there !== undefined) {
      there.dropped = true;
    }
    const relation = { ...emptyRelation(schema, name), kind: effect.relation, createdBy: placed, columns: new Map(effect.columns.map((column) => [column.name, column])), invoker: effect.invoker };
    this.relations.set(key(schema, name), relation);
    this.touched.set(placed, relation);
  }

  private change(placed: PlacedEffect, relation: RelationHistory, effect: Extract<Effect, { readonly table: ObjectName }>): void {
    switch (effect.kind) {
      case 'addColumn':
        relation.columns.set(effect.column.name, effect.column);
        break;
      case 'dropColumn':
        dropColumn(relation, effect.column);
        break;
      case 'renameColumn':
        renameColumn(relation, effect.column, effect.to);
        break;
      case 'changeType':
        this.changeType(placed, relation, effect.column, effect.type);
        break;
      case 'rowSecurity':
        relation.rowSecurity = effect.on;
        break;
      case 'viewInvoker':
        relation.invoker = effect.on;
        break;
      case 'hideFromApi':
        relation.hidden = true;
        break;
      case 'createIndex':
        relation.indexes.push(effect.columns);
        break;
      case 'foreignKey':
        relation.foreignKeys.push({ placed, name: effect.name, columns: effect.columns });
        break;
      case 'dropConstraint':
        relation.foreignKeys = relation.foreignKeys.filter(({ name }) => name !== effect.name);
        break;
      case 'everyRow':
        break;
      default:
        effect satisfies never;
    }
  }

  private changeType(placed: PlacedEffect, relation: RelationHistory, name: string, type: string): void {
    const column = relation.columns.get(name);
    if (column !== undefined) {
      this.previousTypes.set(placed, column.type);
      relation.columns.set(name, { ...column, type });
    }
  }

  private remove(relation: RelationHistory): void {
    relation.dropped = true;
    this.relations.delete(key(relation.schema, relation.name));
  }

  private move(name: ObjectName, to: (relation: RelationHistory) => { schema: string; name: string }): void {
    const relation = this.find(name);
    this.relations.delete(key(relation.schema, relation.name));
    Object.assign(relation, to(relation));
    this.relations.set(key(relation.schema, relation.name), relation);
  }

  /** Code that speaks of row-level security is taken at its word: it may well switch it on for whatever is there or comes. */
  private trust(words: ReadonlySet<string>): void {
    const speaks = (words.has('row') && words.has('level') && words.has('security')) || [...words].some((word) => word.includes('rls') || word.includes('row_security'));
    this.rowSecurityByCode ||= speaks;
  }

  private all(): RelationHistory[] {
    return [...this.relations.values()];
  }

  /** One that nobody made here was there before. */
  private find(name: ObjectName): RelationHistory {
    const schemas = name.schema === undefined ? [temporary, ...this.path] : [name.schema];
    const known = schemas.map((schema) => this.relations.get(key(schema, name.name))).find((relation) => relation !== undefined);
    if (known !== undefined) {
      return known;
    }
    const { schema, name: own } = this.resolve(name);
    const relation = emptyRelation(schema, own);
    this.relations.set(key(schema, own), relation);
    return relation;
  }

  private resolve({ schema, name }: ObjectName): { schema: string; name: string } {
    return { schema: schema ?? this.path.find((each) => each !== '') ?? 'public', name };
  }

  private functionKey(name: ObjectName): string {
    return key(name.schema ?? 'public', name.name);
  }
}

function emptyRelation(schema: string, name: string): RelationHistory {
  return { schema, name, kind: undefined, createdBy: undefined, columns: new Map(), indexes: [], foreignKeys: [], rowSecurity: false, invoker: false, hidden: false, dropped: false };
}

function dropColumn(relation: RelationHistory, column: string): void {
  relation.columns.delete(column);
  relation.foreignKeys = relation.foreignKeys.filter(({ columns }) => !columns.includes(column));
}

function renameColumn(relation: RelationHistory, from: string, to: string): void {
  const renamed = (columns: readonly string[]): readonly string[] => columns.map((each) => (each === from ? to : each));
  const column = relation.columns.get(from);
  if (column !== undefined) {
    relation.columns.delete(from);
    relation.columns.set(to, { ...column, name: to });
  }
  relation.indexes = relation.indexes.map(renamed);
  relation.foreignKeys = relation.foreignKeys.map((foreignKey) => ({ ...foreignKey, columns: renamed(foreignKey.columns) }));
}

function key(schema: string, name: string): string {
  return `${schema}.${name}`;
}
