/**
 * What a statement that was not run would leave different for those behind it. A server that is asked about these knows nothing of it: of
 * what may be different by then nothing is asked, and nothing it said before counts.
 */
import type { Effect } from '../effects/effect.ts';
import { Lexer } from '../lexer.ts';
import { nameOf, type StatementTree } from '../lint/statementTree.ts';
import { dottedName } from '../objectNames.ts';
import { listOf, textOf, type Fields } from '../tree.ts';

export type Disturbance =
  | { readonly kind: 'nothing' }
  /** What has one of these names: relations, functions, types, schemas. */
  | { readonly kind: 'names'; readonly names: readonly string[] }
  /** Nobody can tell. `unlessInstalled`: nothing, if the database has this extension already. */
  | { readonly kind: 'anything'; readonly unlessInstalled?: string };

const nothing: Disturbance = { kind: 'nothing' };
const anything: Disturbance = { kind: 'anything' };

/** What the server looks at when it only prepares a statement: https://www.postgresql.org/docs/current/sql-prepare.html; of all others it checks the syntax. */
const planned: ReadonlySet<string> = new Set(['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt', 'ExplainStmt', 'CreateTableAsStmt', 'DeclareCursorStmt', 'CallStmt']);

export function isPlanned({ type }: StatementTree): boolean {
  return planned.has(type);
}

/** Change nothing that names or types of other statements mean. */
const harmless: ReadonlySet<string> = new Set(
  `SelectStmt InsertStmt UpdateStmt DeleteStmt MergeStmt ExplainStmt DeclareCursorStmt FetchStmt ClosePortalStmt VariableShowStmt CopyStmt
  LockStmt NotifyStmt ListenStmt UnlistenStmt TruncateStmt RefreshMatViewStmt VacuumStmt ReindexStmt ClusterStmt CheckPointStmt CommentStmt
  SecLabelStmt TransactionStmt ConstraintsSetStmt CreatePolicyStmt AlterPolicyStmt CreateTrigStmt CreateStatsStmt GrantStmt GrantRoleStmt
  AlterDefaultPrivilegesStmt AlterRoleStmt CreatePublicationStmt AlterPublicationStmt`.split(/\s+/),
);

/** What they make or change has a name, which their effects tell. */
const naming: ReadonlySet<string> = new Set(
  `CreateStmt CreateForeignTableStmt CreateTableAsStmt ViewStmt CreateSeqStmt CompositeTypeStmt CreateEnumStmt CreateRangeStmt
  CreateDomainStmt CreateFunctionStmt AlterFunctionStmt CreateSchemaStmt AlterTableStmt IndexStmt AlterObjectSchemaStmt`.split(/\s+/),
);

/** Kinds of objects that no other statement is about by name. */
const privateObjects: ReadonlySet<unknown> = new Set(['OBJECT_POLICY', 'OBJECT_TRIGGER', 'OBJECT_TABCONSTRAINT', 'OBJECT_PUBLICATION', 'OBJECT_STATISTIC_EXT', 'OBJECT_EVENT_TRIGGER']);

/** By its bare name an object of such a kind is known, and gone or other afterwards. */
const namedObjects: ReadonlySet<unknown> = new Set(
  `OBJECT_TABLE OBJECT_VIEW OBJECT_MATVIEW OBJECT_FOREIGN_TABLE OBJECT_SEQUENCE OBJECT_TYPE OBJECT_DOMAIN OBJECT_FUNCTION OBJECT_PROCEDURE
  OBJECT_ROUTINE OBJECT_AGGREGATE OBJECT_COLUMN OBJECT_INDEX`.split(/\s+/),
);

export function disturbanceOf(statement: StatementTree, effects: readonly Effect[]): Disturbance {
  const { type, fields } = statement;
  const named = effects.map(namesOf);
  if (named.some((names) => names === undefined)) {
    return type === 'CreateExtensionStmt' ? { kind: 'anything', unlessInstalled: textOf(fields['extname']) } : anything;
  }
  const names = named.flatMap((each) => each ?? []);
  const byName: Disturbance = names.length === 0 ? nothing : { kind: 'names', names };
  if (harmless.has(type)) {
    return byName;
  }
  switch (type) {
    case 'AlterTableStmt':
      // What a column of such a type takes is written in statements that do not name the type.
      return fields['objtype'] === 'OBJECT_TYPE' ? anything : byName;
    case 'VariableSetStmt':
      return isHarmlessSetting(fields) ? nothing : anything;
    case 'CreateRoleStmt':
      // `'reader'::regrole`
      return { kind: 'names', names: [textOf(fields['role'])] };
    case 'RenameStmt':
      return privateObjects.has(fields['renameType']) ? nothing : namedObjects.has(fields['renameType']) && names.length > 0 ? byName : anything;
    case 'DropStmt':
      return dropped(fields, names);
    default:
      return naming.has(type) && (names.length > 0 || type === 'AlterFunctionStmt') ? byName : anything;
  }
}

/** `undefined`: code, which may do anything; a schema that goes, with all that is in it; another search path. */
function namesOf(effect: Effect): readonly string[] | undefined {
  if ('table' in effect) {
    return rightsAlone.has(effect.kind) ? [] : [effect.table.name, ...(effect.kind === 'createIndex' ? [effect.name] : [])];
  }
  switch (effect.kind) {
    case 'transaction':
    case 'schemaRights':
    case 'checkBodies':
    case 'everyRowLater':
      return [];
    case 'opaque':
      // What a rollback undoes was disturbed by whatever did it.
      return effect.words.size === 0 ? [] : undefined;
    case 'dropSchema':
    case 'renameSchema':
    case 'searchPath':
      return undefined;
    case 'renameRelation':
    case 'renameIndex':
      return [effect.name.name, effect.to];
    case 'moveFunction':
      return [effect.name.name, effect.to.name ?? effect.name.name];
    case 'createSchema':
      return [effect.name];
    default:
      return [effect.name.name];
  }
}

/** Who may see and do what is not looked at when a statement is prepared. */
const rightsAlone: ReadonlySet<Effect['kind']> = new Set(['everyRow', 'rowSecurity', 'policy', 'dropPolicy', 'renamePolicy', 'checkConstraint', 'renameConstraint', 'constrain', 'neverNull', 'rights', 'viewInvoker']);

function dropped(fields: Fields, names: readonly string[]): Disturbance {
  const { removeType } = fields;
  if (privateObjects.has(removeType)) {
    return nothing;
  }
  const objects = listOf(fields['objects']).map((object) => dottedName(object).name);
  return namedObjects.has(removeType) && objects.every((name) => name !== '') ? { kind: 'names', names: [...new Set([...names, ...objects])] } : anything;
}

/** Limits, and what is for people to read; a name with a dot is somebody's own. */
function isHarmlessSetting(fields: Fields): boolean {
  const name = textOf(fields['name']);
  return name.includes('.') || name.endsWith('_timeout') || harmlessSettings.has(name);
}

const harmlessSettings: ReadonlySet<string> = new Set(['client_min_messages', 'work_mem', 'maintenance_work_mem', 'check_function_bodies', 'row_security', 'default_tablespace', 'default_table_access_method', 'client_encoding', 'jit', 'timezone', 'application_name']);

/** What a backslash line does is psql's business; these show something, or set what is put into later lines. */
const harmlessMeta = /^\\(?:echo|qecho|warn|timing|pset|x|a|t|set|unset|prompt|conninfo|d\S*|l\+?|h|\?|errverbose|p|r)(?:\s|$)/;

export function disturbanceOfMeta(line: string): Disturbance {
  return harmlessMeta.test(line) ? nothing : anything;
}

/** Everything that has been disturbed by then. */
export class Disturbed {
  private readonly extensions: ReadonlySet<string>;
  private readonly names = new Set<string>();
  private everything = false;

  /** `extensions` are those that the database has. */
  constructor(extensions: Iterable<string> = []) {
    this.extensions = new Set(extensions);
  }

  /** Nothing is certain any more. */
  get isEverything(): boolean {
    return this.everything;
  }

  add(disturbance: Disturbance): void {
    switch (disturbance.kind) {
      case 'names':
        disturbance.names.forEach((name) => this.names.add(name.toLowerCase()));
        break;
      case 'anything':
        this.everything ||= disturbance.unlessInstalled === undefined || !this.extensions.has(disturbance.unlessInstalled);
        break;
      case 'nothing':
        break;
      default:
        disturbance satisfies never;
    }
  }

  /** Whether the statement may mean something else by then: one of its words is a name that was disturbed, or that of a column's own sequence. */
  touches(statement: string): boolean {
    if (this.everything || this.names.size === 0) {
      return this.everything;
    }
    const words = wordsWithin(statement);
    return [...words].some((word) => this.names.has(word) || (word.endsWith('_seq') && [...this.names].some((name) => word.startsWith(`${name}_`))));
  }
}

/** Words and quoted names in lower case, those within strings too: `nextval('notes_id_seq')`. */
function wordsWithin(text: string, words = new Set<string>(), depth = 0): ReadonlySet<string> {
  const lexer = new Lexer(text);
  while (lexer.next()) {
    if (lexer.kind === 'word' || lexer.kind === 'quotedName') {
      words.add(nameOf(lexer.value).toLowerCase());
    } else if (lexer.kind === 'string' && depth === 0) {
      wordsWithin(lexer.value.slice(lexer.value.indexOf("'") + 1, -1), words, depth + 1);
    }
  }
  return words;
}
