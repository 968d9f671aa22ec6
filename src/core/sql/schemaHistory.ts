/** A schema as the statements of several files make it, one after the other. What was there before them is not known here. */
import { speaksOfRowSecurity } from './effects/code.ts';
import type { ApiRole, ColumnDefinition, Effect, PlacedEffect, RelationKind } from './effects/effect.ts';
import { FunctionHistory } from './functionHistory.ts';
import type { ObjectName } from './objectNames.ts';

export interface RelationHistory {
  schema: string;
  name: string;
  readonly kind: RelationKind | undefined;
  /** The effect that made it; absent when it was there before. */
  readonly createdBy: PlacedEffect | undefined;
  /** By name; without entries for one that was there before. */
  readonly columns: Map<string, ColumnDefinition>;
  readonly partitioned: boolean;
  /** With their leading columns. */
  indexes: { readonly name: string; readonly columns: readonly string[] }[];
  foreignKeys: { readonly placed: PlacedEffect; readonly name: string; readonly columns: readonly string[] }[];
  /** By name, with the effect that gave it what it now has of each. */
  policies: ReadonlyMap<string, { readonly using: PlacedEffect | undefined; readonly check: PlacedEffect | undefined }>;
  /** Columns that a check keeps from being null. */
  neverNull: ReadonlySet<string>;
  rowSecurity: boolean;
  invoker: boolean;
  /** Those of the API's roles that may touch it, as far as these files say. */
  readers: ReadonlySet<ApiRole>;
  dropped: boolean;
}

const allReaders: ReadonlySet<ApiRole> = new Set(['anon', 'authenticated']);

const defaultPath: readonly string[] = ['public'];
/** Where temporary tables stand, before all others: https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-SEARCH-PATH */
const temporary = 'pg_temp';

export class SchemaHistory {
  private readonly relations = new Map<string, RelationHistory>();
  private readonly touched = new Map<PlacedEffect, RelationHistory>();
  private readonly previousColumns = new Map<PlacedEffect, ColumnDefinition>();
  private readonly functions = new FunctionHistory();
  /** By schema: who may touch tables that are made there from now on. */
  private readonly defaultReaders = new Map<string, ReadonlySet<ApiRole>>();
  private path: readonly string[] = defaultPath;
  /** Code of one of the files speaks of row-level security: what it did to which tables is not known. */
  rowSecurityByCode = false;
  /** The same of the search paths of functions. */
  functionPathsByCode = false;

  /** One file's effects, in order; each file begins with the default search path. */
  apply(effects: readonly PlacedEffect[]): void {
    this.path = defaultPath;
    for (const placed of lasting(effects)) {
      this.take(placed);
    }
  }

  /** The relation that an effect made or worked on, as it is in the end. */
  relationOf(placed: PlacedEffect): RelationHistory | undefined {
    return this.touched.get(placed);
  }

  /** These files made something of that name which is there in the end. */
  isMade(name: ObjectName): boolean {
    const relation = name.schema === undefined ? this.findOnPath(name.name) : this.relations.get(key(name.schema, name.name));
    return relation?.createdBy !== undefined;
  }

  /** A column before an effect changed its type, where one of these files made it. */
  previousColumn(placed: PlacedEffect): ColumnDefinition | undefined {
    return this.previousColumns.get(placed);
  }

  /** In the end a function has its owner's rights by this effect, and finds names by its caller's path. */
  isOpenDefiner(placed: PlacedEffect): boolean {
    return !this.functionPathsByCode && this.functions.isOpenBy(placed);
  }

  /** One of these files made the function, and did not say that it gives the same value each time. */
  isVolatile(name: ObjectName): boolean {
    return this.functions.isVolatile(this.functionKey(name));
  }

  /** No later statement replaced or dropped what an effect said of a policy. */
  policyStands(placed: PlacedEffect): boolean {
    const relation = this.touched.get(placed);
    return relation?.dropped === false && [...relation.policies.values()].some(({ using, check }) => using === placed || check === placed);
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
      case 'dropRelation': {
        const relation = this.find(effect.name);
        this.touched.set(placed, relation);
        this.remove(relation);
        break;
      }
      case 'renameRelation':
        this.touched.set(placed, this.find(effect.name));
        this.move(effect.name, (relation) => ({ schema: relation.schema, name: effect.to }));
        break;
      case 'moveRelation':
        this.move(effect.name, (relation) => ({ schema: effect.toSchema, name: relation.name }));
        break;
      case 'dropSchema':
        this.ofSchema(effect.name).forEach((relation) => this.remove(relation));
        this.functions.dropSchema(effect.name);
        break;
      case 'renameSchema':
        this.ofSchema(effect.name).forEach(({ schema, name }) => this.move({ schema, name }, () => ({ schema: effect.to, name })));
        this.functions.moveSchema(effect.name, effect.to);
        break;
      case 'schemaRights':
        this.giveRights(effect);
        break;
      case 'dropIndex':
        this.all().forEach((relation) => dropIndex(relation, effect.name));
        break;
      case 'createFunction':
      case 'dropFunction':
      case 'alterFunction':
        this.functions.apply(effect.kind === 'createFunction' ? this.newKey(effect.name) : this.functionKey(effect.name), placed, effect);
        break;
      case 'moveFunction':
        this.moveFunction(effect);
        break;
      case 'renameIndex':
        this.all().forEach((relation) => renameIndex(relation, effect.name, effect.to));
        break;
      case 'searchPath':
        this.path = effect.schemas ?? defaultPath;
        break;
      case 'opaque':
        this.trust(effect.unread);
        break;
      case 'createSchema':
      case 'createType':
      case 'dropType':
      case 'transaction':
      case 'checkBodies':
      case 'everyRowLater':
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
    const relation = {
      ...emptyRelation(schema, name),
      kind: effect.relation,
      createdBy: placed,
      columns: new Map(effect.columns.map((column) => [column.name, column])),
      partitioned: effect.partitioned,
      invoker: effect.invoker,
      readers: this.defaultReaders.get(schema) ?? allReaders,
    };
    this.relations.set(key(schema, name), relation);
    this.touched.set(placed, relation);
  }

  private change(placed: PlacedEffect, relation: RelationHistory, effect: Extract<Effect, { readonly table: ObjectName }>): void {
    switch (effect.kind) {
      case 'addColumn':
        if (effect.tolerant && relation.columns.has(effect.column.name)) {
          // It is there already: nothing is done.
          this.touched.delete(placed);
        } else {
          relation.columns.set(effect.column.name, effect.column);
        }
        break;
      case 'dropColumn':
        dropColumn(relation, effect.column);
        break;
      case 'renameColumn':
        renameColumn(relation, effect.column, effect.to);
        break;
      case 'changeType':
        this.changeType(placed, relation, effect);
        break;
      case 'policy':
        changePolicy(placed, relation, effect);
        break;
      case 'dropPolicy':
        relation.policies = new Map([...relation.policies].filter(([name]) => name !== effect.name));
        break;
      case 'renamePolicy':
        relation.policies = new Map([...relation.policies].map(([name, policy]) => [name === effect.name ? effect.to : name, policy]));
        break;
      case 'rowSecurity':
        relation.rowSecurity = effect.on;
        break;
      case 'viewInvoker':
        relation.invoker = effect.on;
        break;
      case 'rights':
        relation.readers = changed(relation.readers, effect);
        break;
      case 'createIndex':
        relation.indexes.push({ name: effect.name, columns: effect.columns });
        break;
      case 'foreignKey':
        relation.foreignKeys.push({ placed, name: effect.name, columns: effect.columns });
        break;
      case 'renameConstraint':
        renameIndex(relation, { schema: relation.schema, name: effect.name }, effect.to);
        relation.foreignKeys = relation.foreignKeys.map((each) => (each.name === effect.name ? { ...each, name: effect.to } : each));
        break;
      case 'dropConstraint':
        relation.foreignKeys = relation.foreignKeys.filter(({ name }) => name !== effect.name);
        relation.indexes = relation.indexes.filter(({ name }) => name !== effect.name);
        break;
      case 'neverNull':
        relation.neverNull = new Set([...relation.neverNull, effect.column]);
        break;
      case 'constrain':
      case 'rebuild':
      case 'everyRow':
      case 'checkConstraint':
        break;
      default:
        effect satisfies never;
    }
  }

  private changeType(placed: PlacedEffect, relation: RelationHistory, { column: name, type, modifiers }: Extract<Effect, { kind: 'changeType' }>): void {
    const column = relation.columns.get(name);
    if (column !== undefined) {
      const { modifiers: _, ...rest } = column;
      this.previousColumns.set(placed, column);
      relation.columns.set(name, { ...rest, type, ...(modifiers === undefined ? {} : { modifiers }) });
    }
  }

  private giveRights(effect: Extract<Effect, { kind: 'schemaRights' }>): void {
    if (effect.default) {
      this.defaultReaders.set(effect.schema, changed(this.defaultReaders.get(effect.schema) ?? allReaders, effect));
    } else {
      this.ofSchema(effect.schema).forEach((relation) => (relation.readers = changed(relation.readers, effect)));
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
    this.rowSecurityByCode ||= speaksOfRowSecurity(words);
    this.functionPathsByCode ||= words.has('search_path') && words.has('alter');
  }

  private ofSchema(name: string): RelationHistory[] {
    return this.all().filter(({ schema }) => schema === name);
  }

  private all(): RelationHistory[] {
    return [...this.relations.values()];
  }

  /** One that nobody made here was there before. */
  private find(name: ObjectName): RelationHistory {
    const known = name.schema === undefined ? this.findOnPath(name.name) : this.relations.get(key(name.schema, name.name));
    if (known !== undefined) {
      return known;
    }
    const { schema, name: own } = this.resolve(name);
    const relation = emptyRelation(schema, own);
    this.relations.set(key(schema, own), relation);
    return relation;
  }

  private findOnPath(name: string): RelationHistory | undefined {
    const schema = [temporary, ...this.path].find((each) => this.relations.has(key(each, name)));
    return schema === undefined ? undefined : this.relations.get(key(schema, name));
  }

  private resolve({ schema, name }: ObjectName): { schema: string; name: string } {
    return { schema: schema ?? this.path.find((each) => each !== '') ?? 'public', name };
  }

  /** Of a function that is there; one that no file made would be where a new one comes to stand. */
  private functionKey(name: ObjectName): string {
    const found = name.schema === undefined ? this.path.find((schema) => this.functions.has(key(schema, name.name))) : undefined;
    return found === undefined ? this.newKey(name) : key(found, name.name);
  }

  private moveFunction(effect: Extract<Effect, { kind: 'moveFunction' }>): void {
    const from = this.functionKey(effect.name);
    const { schema = from.slice(0, from.lastIndexOf('.')), name = effect.name.name } = effect.to;
    this.functions.move(from, key(schema, name), effect);
  }

  private newKey(name: ObjectName): string {
    const { schema, name: own } = this.resolve(name);
    return key(schema, own);
  }
}

/** Without those that a file takes back itself: what stands between `begin` and `rollback` was never meant to stay. */
function lasting(effects: readonly PlacedEffect[]): readonly PlacedEffect[] {
  if (!effects.some(({ effect }) => effect.kind === 'transaction')) {
    return effects;
  }
  const kept: PlacedEffect[] = [];
  let begun: number | undefined;
  for (const placed of effects) {
    const control = placed.effect.kind === 'transaction' ? placed.effect.control : undefined;
    if (control === 'rollback' && begun !== undefined) {
      kept.length = begun;
    }
    begun = control === undefined ? begun : control === 'begin' ? kept.length : undefined;
    kept.push(placed);
  }
  return kept;
}

function changed(readers: ReadonlySet<ApiRole>, { roles, given }: { readonly roles: readonly ApiRole[]; readonly given: boolean }): ReadonlySet<ApiRole> {
  return new Set(given ? [...readers, ...roles] : [...readers].filter((role) => !roles.includes(role)));
}

function changePolicy(placed: PlacedEffect, relation: RelationHistory, effect: Extract<Effect, { kind: 'policy' }>): void {
  const before = effect.alter ? relation.policies.get(effect.name) : undefined;
  relation.policies = new Map([...relation.policies, [effect.name, { using: effect.using ? placed : before?.using, check: effect.check ? placed : before?.check }]]);
}

function dropIndex(relation: RelationHistory, { schema, name }: ObjectName): void {
  if (schema === undefined || schema === relation.schema) {
    relation.indexes = relation.indexes.filter((index) => index.name !== name);
  }
}

function renameIndex(relation: RelationHistory, { schema, name }: ObjectName, to: string): void {
  if (schema === undefined || schema === relation.schema) {
    relation.indexes = relation.indexes.map((index) => (index.name === name ? { ...index, name: to } : index));
  }
}

const noPolicies: RelationHistory['policies'] = new Map();
const noColumns: ReadonlySet<string> = new Set();

function emptyRelation(schema: string, name: string): RelationHistory {
  return { schema, name, kind: undefined, createdBy: undefined, columns: new Map(), partitioned: false, indexes: [], foreignKeys: [], policies: noPolicies, neverNull: noColumns, rowSecurity: false, invoker: false, readers: allReaders, dropped: false };
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
  relation.indexes = relation.indexes.map(({ name, columns }) => ({ name, columns: renamed(columns) }));
  relation.foreignKeys = relation.foreignKeys.map((foreignKey) => ({ ...foreignKey, columns: renamed(foreignKey.columns) }));
}

function key(schema: string, name: string): string {
  return `${schema}.${name}`;
}
