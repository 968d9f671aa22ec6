/** A database's catalog with what statements have done to it since, none of which was run. */
import { shortHash } from '../../../util/hash.ts';
import type { Catalog, CatalogColumn, CatalogData, CatalogRelation } from '../catalog.ts';
import type { ColumnDefinition, Effect, RelationKind } from '../effects/effect.ts';
import type { ObjectName } from '../objectNames.ts';
import { writeName } from '../lint/statementTree.ts';
import { nearestNames } from '../nearest.ts';
import { columnsOfFunction } from './functionColumns.ts';
import { systemKnowledge, type KnownRelation, type NameWorld } from './world.ts';

/** `anything`: code has run that may have changed whatever there is. `more`: an extension brings what nobody here knows; what is known is as it was. */
export type Doubt = 'none' | 'more' | 'anything';

const doubtSigns: Readonly<Record<Doubt, string>> = { none: '', more: '+', anything: '?' };

/** Where temporary tables stand, before all others. */
const temporary = 'pg_temp';

interface Changed {
  readonly columns: readonly CatalogColumn[];
  /** Of one that was made here. */
  readonly kind?: RelationKind;
  readonly complete: boolean;
  readonly dropped: boolean;
}

export class CatalogOverlay implements NameWorld {
  readonly catalog: Catalog;
  private readonly changed = new Map<string, Changed>();
  private readonly functions = new Set<string>();
  private readonly foreignKeys: string[] = [];
  /** By bare name: what happened to it. */
  private readonly traces = new Map<string, string>();
  private path: readonly string[];
  private doubts: Doubt = 'none';
  private checksBodies = true;
  private file = '';
  /** The file that gave rise to the doubt; empty for the text itself. */
  doubtfulBecauseOf = '';

  constructor(catalog: Catalog) {
    this.catalog = catalog;
    this.path = catalog.data.searchPath;
  }

  get doubt(): Doubt {
    return this.doubts;
  }

  private get uncertain(): boolean {
    return this.doubts === 'anything';
  }

  /** Names in a function in SQL are looked up when it is made. */
  get areBodiesChecked(): boolean {
    return this.checksBodies;
  }

  /** The same for two statements that mention these names if, and only if, the names mean the same to both. */
  keyFor(mentions: readonly string[]): string {
    let key = `${doubtSigns[this.doubts]}${this.checksBodies ? '' : '~'}`;
    for (const name of mentions) {
      const trace = this.traces.get(name);
      key = trace === undefined ? key : `${key} ${trace}`;
    }
    return this.path === this.catalog.data.searchPath ? key : `${key} ${this.path.join()}`;
  }

  /** Each file is run by a session of its own; the text itself has no name. */
  beginFile(path: string): void {
    this.path = this.catalog.data.searchPath;
    this.checksBodies = true;
    this.file = path;
  }

  apply(effect: Effect): void {
    if ('table' in effect) {
      this.changeColumns(effect);
      return;
    }
    switch (effect.kind) {
      case 'createRelation':
        this.create(effect);
        break;
      case 'dropRelation':
        this.set(effect.name, effect, { columns: [], complete: true, dropped: true });
        break;
      case 'renameRelation':
        this.move(effect.name, { schema: this.schemaOf(effect.name), name: effect.to }, effect);
        break;
      case 'moveRelation':
        this.move(effect.name, { schema: effect.toSchema, name: effect.name.name }, effect);
        break;
      case 'createFunction':
        this.functions.add(effect.name.name);
        this.trace(effect.name.name, effect);
        break;
      case 'moveFunction':
        this.functions.add(effect.to.name ?? effect.name.name);
        this.trace(effect.to.name ?? effect.name.name, effect);
        break;
      case 'searchPath':
        // What is not found there may still be found where it was: better no word than a wrong one.
        this.path = effect.schemas === undefined ? this.catalog.data.searchPath : [...new Set([...effect.schemas, ...this.catalog.data.searchPath])];
        break;
      case 'checkBodies':
        this.checksBodies = effect.on;
        break;
      case 'opaque':
        this.doubtOf(effect);
        break;
      case 'dropSchema':
        this.ofSchema(effect.name).forEach(({ schema, name }) => this.set({ schema, name }, effect, { columns: [], complete: true, dropped: true }));
        break;
      case 'renameSchema':
        this.ofSchema(effect.name).forEach(({ schema, name }) => this.move({ schema, name }, { schema: effect.to, name }, effect));
        this.keepFunctions(effect.name);
        break;
      case 'createSchema':
      case 'dropFunction':
      case 'alterFunction':
      case 'createType':
      case 'dropType':
      case 'renameIndex':
      case 'dropIndex':
      case 'schemaRights':
      case 'transaction':
      case 'everyRowLater':
        break;
      default:
        effect satisfies never;
    }
  }

  /** What there is before or after an effect: nothing goes by it, and what is renamed has both names. */
  allow(effect: Effect): void {
    switch (effect.kind) {
      case 'createRelation':
        this.allowRelation(effect);
        break;
      case 'opaque':
        // Of a rollback: it only takes away.
        if (effect.words.size > 0) {
          this.apply(effect);
        }
        break;
      case 'renameRelation':
      case 'moveRelation': {
        const found = this.describe(effect.name);
        const to = effect.kind === 'renameRelation' ? { schema: this.schemaOf(effect.name), name: effect.to } : { schema: effect.toSchema, name: effect.name.name };
        this.set(to, effect, { columns: found?.columns ?? [], complete: found?.complete ?? false, dropped: false });
        break;
      }
      case 'renameSchema':
        for (const { name, columns, complete } of this.ofSchema(effect.name)) {
          this.set({ schema: effect.to, name }, effect, { columns, complete, dropped: false });
        }
        this.keepFunctions(effect.name);
        break;
      case 'renameColumn':
        this.allow({ kind: 'addColumn', table: effect.table, tolerant: true, column: { name: effect.to, type: '', notNull: false, at: { start: 0, end: 0 }, needsValue: false } });
        break;
      case 'foreignKey':
        this.foreignKeys.push(effect.name);
        break;
      case 'dropRelation':
      case 'dropColumn':
      case 'dropSchema':
      case 'dropFunction':
        break;
      default:
        this.apply(effect);
    }
  }

  /** All that is there by now, for whoever looks names up without a statement; `undefined` where anything may be there. */
  toCatalogData(): CatalogData | undefined {
    const { data } = this.catalog;
    const made = [...this.functions].map((name) => ({ schema: this.creationSchema, name, signature: '', result: '' }));
    return this.doubts !== 'none' ? undefined : { ...data, relations: [...this.relations()], functions: [...data.functions, ...made], foreignKeys: [...(data.foreignKeys ?? []), ...this.foreignKeys] };
  }

  relation(name: ObjectName): KnownRelation | 'unknown' | 'absent' {
    const found = this.find(name);
    if (found === undefined) {
      // Of parts of tables the catalog has the names alone.
      return this.doubts !== 'none' || this.catalog.isPartition(name.name) ? 'unknown' : 'absent';
    }
    const system = systemKnowledge(name);
    const known = { ...found, complete: found.complete && !this.uncertain };
    return system === undefined ? known : { ...system, ...known };
  }

  hasFunction(name: ObjectName): boolean | 'unknown' {
    if (this.functions.has(name.name) || this.catalog.functions(this.withPath(name)).length > 0) {
      return true;
    }
    // A type may be written like a call: `mood('fine')`.
    return this.doubts !== 'none' || this.catalog.data.types.some((type) => type.name === name.name) ? 'unknown' : false;
  }

  hasOwnFunction(name: string): boolean {
    return this.functions.has(name) || this.catalog.functionsNamed(name).some(({ schema }) => schema !== 'pg_catalog');
  }

  functionColumns(name: ObjectName): readonly string[] | undefined {
    const columns = this.columnsOfCall(name);
    return columns.length === 0 || this.uncertain ? undefined : columns.map((column) => column.name);
  }

  /** What a function gives in FROM; empty where that is not known. */
  columnsOfCall(name: ObjectName): readonly CatalogColumn[] {
    const [only, ...more] = this.catalog.functions(this.withPath(name));
    // One that was made since may give something else.
    const columns = only === undefined || more.length > 0 || this.functions.has(name.name) ? undefined : columnsOfFunction(only);
    if (columns?.kind === 'named') {
      return columns.columns.map((each) => ({ name: each, type: '', notNull: false }));
    }
    const row = columns && this.describe(columns.name);
    return row?.complete === true ? row.columns : [];
  }

  relationsLike({ schema, name }: ObjectName): readonly string[] {
    const isThere = (relation: { readonly schema: string; readonly name: string }): boolean => this.changed.get(`${relation.schema}.${relation.name}`)?.dropped !== true;
    const elsewhere = this.catalog.relationsNamed(name).filter(isThere).map((relation) => `${writeName(relation.schema)}.${writeName(relation.name)}`);
    const created = [...this.changed].filter(([, { dropped }]) => !dropped).map(([key]) => key.slice(key.indexOf('.') + 1));
    const there = schema === undefined ? [...this.catalog.visibleRelations()] : this.catalog.data.relations.filter((relation) => relation.schema === schema);
    const own = [...there.filter(isThere).map((relation) => relation.name), ...(schema === undefined ? created : [])];
    const near = nearestNames(name, own).map((each) => (schema === undefined ? writeName(each) : `${writeName(schema)}.${writeName(each)}`));
    return [...elsewhere, ...near].slice(0, 4);
  }

  functionsLike({ schema, name }: ObjectName): readonly string[] {
    const elsewhere = this.catalog.functionsNamed(name).map((each) => `${writeName(each.schema)}.${writeName(each.name)}`);
    const own = this.catalog.data.functions.filter((each) => (schema === undefined ? this.path.includes(each.schema) : each.schema === schema)).map((each) => each.name);
    const near = nearestNames(name, [...own, ...this.functions]).map((each) => (schema === undefined ? writeName(each) : `${writeName(schema)}.${writeName(each)}`));
    return [...new Set([...elsewhere, ...near])].slice(0, 4);
  }

  /** The same names as a function finds them that has a search path of its own: what is not on it is not found. */
  alongPath(schemas: readonly string[]): NameWorld {
    const places = ({ schema, name }: ObjectName, always: string): ObjectName[] => (schema === undefined ? [...new Set([always, 'pg_catalog', ...schemas])] : [schema]).map((each) => ({ schema: each, name }));
    const like = (name: ObjectName, found: readonly string[]): string[] => found.filter((each) => name.schema !== undefined || each.includes('.'));
    return {
      relation: (name) => {
        const found = places(name, temporary).find((place) => this.find(place) !== undefined);
        return this.relation(found ?? { schema: name.schema ?? '', name: name.name });
      },
      hasFunction: (name) => {
        const answers = places(name, 'pg_catalog').map((place) => this.hasFunction(place));
        return answers.includes(true) ? true : answers.includes('unknown') ? 'unknown' : false;
      },
      hasOwnFunction: (name) => this.hasOwnFunction(name),
      functionColumns: (name) => {
        const found = places(name, 'pg_catalog').find((place) => this.catalog.functions(place).length > 0);
        return found && this.functionColumns(found);
      },
      relationsLike: (name) => like(name, [...this.madeNamed(name.name), ...this.relationsLike(name)]),
      functionsLike: (name) => like(name, this.functionsLike(name)),
    };
  }

  /** With their schemas. */
  private madeNamed(name: string): string[] {
    return [...this.changed].filter(([key, { dropped, kind }]) => !dropped && kind !== undefined && key.slice(key.indexOf('.') + 1) === name && !key.startsWith(temporary)).map(([key]) => `${writeName(key.slice(0, key.indexOf('.')))}.${writeName(name)}`);
  }

  private doubtOf(effect: Extract<Effect, { kind: 'opaque' }>): void {
    if (effect.extension !== undefined) {
      if (!this.catalog.data.extensions.includes(effect.extension)) {
        this.raise('more');
      }
    } else if (mayChangeNames(effect)) {
      this.raise('anything');
    }
  }

  private ofSchema(name: string): CatalogRelation[] {
    return [...this.relations()].filter(({ schema }) => schema === name);
  }

  /** They are found wherever they are. */
  private keepFunctions(schema: string): void {
    this.catalog.data.functions.filter((each) => each.schema === schema).forEach(({ name }) => this.functions.add(name));
  }

  private raise(doubt: Exclude<Doubt, 'none'>): void {
    if (this.doubts === 'none' || (this.doubts === 'more' && doubt === 'anything')) {
      this.doubts = doubt;
      this.doubtfulBecauseOf = this.file;
    }
  }

  private withPath(name: ObjectName): ObjectName {
    const own = name.schema === undefined && this.path !== this.catalog.data.searchPath ? this.path.find((schema) => this.catalog.functions({ schema, name: name.name }).length > 0) : undefined;
    return own === undefined ? name : { schema: own, name: name.name };
  }

  /** Everything known of a relation: its columns with types, and what the database says of it beside. */
  describe(name: ObjectName): CatalogRelation | undefined {
    for (const schema of name.schema === undefined ? [temporary, ...this.path] : [name.schema]) {
      const found = this.describedIn(schema, name.name);
      if (found !== undefined) {
        return found;
      }
    }
    return undefined;
  }

  /** All relations that are there by now. */
  *relations(): Generator<CatalogRelation> {
    for (const relation of this.catalog.data.relations) {
      if (!this.changed.has(`${relation.schema}.${relation.name}`)) {
        yield relation;
      }
    }
    for (const key of this.changed.keys()) {
      const dot = key.indexOf('.');
      const found = this.describedIn(key.slice(0, dot), key.slice(dot + 1));
      if (found !== undefined) {
        yield found;
      }
    }
  }

  /** Whether an unqualified name finds what stands in a schema. */
  isOnPath(schema: string): boolean {
    return schema === temporary || this.path.includes(schema);
  }

  private describedIn(schema: string, name: string): CatalogRelation | undefined {
    const changed = this.changed.get(`${schema}.${name}`);
    const there = this.catalog.relation({ schema, name });
    if (changed === undefined || changed.dropped) {
      return changed === undefined ? there : undefined;
    }
    const { columns, complete, kind = 'table' } = changed;
    const made = { schema, name, kind: kind === 'compositeType' ? 'table' : kind, rowSecurity: false, policies: [] } as const;
    return { ...made, ...there, columns, complete };
  }

  private find(name: ObjectName): KnownRelation | undefined {
    const found = this.describe(name);
    return found && { label: `${found.schema}.${found.name}`, schema: found.schema, columns: found.columns.map((column) => column.name), complete: found.complete };
  }

  /** Where a new object of an unqualified name comes to stand. */
  private schemaOf({ schema, name }: ObjectName): string {
    return schema ?? [temporary, ...this.path].find((each) => this.describe({ schema: each, name }) !== undefined) ?? this.creationSchema;
  }

  private get creationSchema(): string {
    return this.path.find((schema) => schema !== 'pg_catalog' && schema !== '') ?? 'public';
  }

  private create(effect: Extract<Effect, { kind: 'createRelation' }>): void {
    const name = { schema: effect.temporary ? temporary : (effect.name.schema ?? this.creationSchema), name: effect.name.name };
    const there = this.describe(name);
    if (effect.relation === 'compositeType' || (effect.tolerant && there !== undefined && effect.relation !== 'view')) {
      return;
    }
    this.set(name, effect, { columns: effect.columns.map(catalogColumn), complete: effect.complete && !effect.partition && effect.relation !== 'sequence', kind: effect.relation, dropped: false });
  }

  /** One of that name may be there before: a table that is made anew, a view that is replaced. Then it has the columns of either. */
  private allowRelation(effect: Extract<Effect, { kind: 'createRelation' }>): void {
    const there = this.describe(effect.name);
    if (there === undefined) {
      this.apply(effect);
    } else if (effect.relation !== 'sequence' && effect.relation !== 'compositeType') {
      const columns = [...there.columns, ...effect.columns.map(catalogColumn).filter(({ name }) => !there.columns.some((column) => column.name === name))];
      this.set({ schema: there.schema, name: there.name }, effect, { columns, complete: there.complete && effect.complete && !effect.partition, dropped: false });
    }
  }

  private move(from: ObjectName, to: { schema: string; name: string }, effect: Effect): void {
    const found = this.describe(from);
    this.set({ schema: this.schemaOf(from), name: from.name }, effect, { columns: [], complete: true, dropped: true });
    this.set(to, effect, { columns: found?.columns ?? [], complete: found?.complete ?? false, dropped: false });
  }

  private changeColumns(effect: Extract<Effect, { readonly table: ObjectName }>): void {
    const found = this.describe(effect.table);
    if (found === undefined) {
      return;
    }
    const name = { schema: this.schemaOf(effect.table), name: effect.table.name };
    const columns = changedColumns(found.columns, effect);
    if (columns !== found.columns) {
      this.set(name, effect, { columns, complete: found.complete, dropped: false });
    }
  }

  private set(name: ObjectName, effect: Effect, changed: Changed): void {
    const schema = name.schema ?? this.schemaOf(name);
    // The server lets nobody change its own.
    if (schema !== 'pg_catalog' && schema !== 'information_schema') {
      this.changed.set(`${schema}.${name.name}`, changed);
      this.trace(name.name, effect);
    }
  }

  private trace(name: string, effect: Effect): void {
    this.traces.set(name, shortHash(`${this.traces.get(name) ?? ''} ${nameOf(effect)}`));
  }
}

const namesOfEffects = new WeakMap<Effect, string>();

/** The same for all that do the same. Each edit of a text applies thousands, nearly all of which are those of the edit before. */
function nameOf(effect: Effect): string {
  const name = namesOfEffects.get(effect) ?? shortHash(JSON.stringify(effect));
  namesOfEffects.set(effect, name);
  return name;
}

/** Code all of whose words are there, and none of which speaks of what has names, changes none. */
function mayChangeNames({ words, isWhole }: Extract<Effect, { kind: 'opaque' }>): boolean {
  return !isWhole || tellingWords.some((word) => words.has(word));
}

const tellingWords: readonly string[] = ['execute', 'perform', 'call', 'table', 'view', 'function', 'procedure', 'column', 'schema', 'rename', 'extension', 'rollback'];

function changedColumns(columns: readonly CatalogColumn[], effect: Extract<Effect, { readonly table: ObjectName }>): readonly CatalogColumn[] {
  switch (effect.kind) {
    case 'addColumn':
      return [...columns, catalogColumn(effect.column)];
    case 'dropColumn':
      return columns.filter(({ name }) => name !== effect.column);
    case 'renameColumn':
      return columns.map((column) => (column.name === effect.column ? { ...column, name: effect.to } : column));
    case 'changeType':
      return columns.map((column) => (column.name === effect.column ? { ...column, type: effect.type } : column));
    default:
      return columns;
  }
}

function catalogColumn({ name, type, notNull }: ColumnDefinition): CatalogColumn {
  return { name, type, notNull };
}
