/** What of migrations can be tried in a transaction that is rolled back, read off their text before anything is sent. */
import { throwIfCancelled } from '../../errors.ts';
import type { SqlGrammar } from '../../ports.ts';
import { createBreather } from '../../../util/breather.ts';
import type { TextRange } from '../../runbook/document.ts';
import { classify } from '../classify.ts';
import { functionEffect } from '../functions.ts';
import { dottedName } from '../objectNames.ts';
import { splitStatements, type Statement } from '../split.ts';
import { fieldsOf, textOf, unwrap, walk, type Fields } from '../tree.ts';
import { Commits, type Commit, type FileCommits } from './commits.ts';

export interface MigrationText {
  /** Within the place. */
  readonly path: string;
  readonly text: string;
  /** A newer one was applied. */
  readonly outOfOrder?: boolean;
}

/** Why it cannot be known by trying what comes of a statement and of all that follow it. */
export type Unknowable =
  /** The server refuses it inside a transaction. */
  | 'outsideTransaction'
  /** It ends the transaction, or goes back in it. */
  | 'control'
  /** It is about the connection, and a rollback does not take it back. */
  | 'session'
  /** It acts on other sessions, hosts or files, and a rollback does not take it back. */
  | 'acts'
  /** Only psql can do it: backslash lines, the data of COPY. */
  | 'psql'
  /** Somebody else had a lock for longer than was waited. */
  | 'lock'
  /** It took longer than a statement, or all of them together, may. */
  | 'time'
  /** The server would have to have committed a new value of an enumeration first. */
  | 'enumValue'
  /** The connection, or something that the server needs, was wanting. */
  | 'server';

export interface PlannedStatement {
  readonly text: string;
  /** In the file. */
  readonly range: TextRange;
  readonly deed:
    | { readonly kind: 'run'; readonly addsEnumValue: boolean }
    /** BEGIN and COMMIT, which the transaction around all of them stands for; limits, which are ours. */
    | { readonly kind: 'leaveOut' }
    | { readonly kind: 'stop'; readonly because: Unknowable }
    /** `position` counts code points of the statement from 1. */
    | { readonly kind: 'invalid'; readonly message: string; readonly position: number };
  /** Present where the CLI has committed what ran so far. */
  readonly commit: Commit;
}

export interface PlannedMigration extends MigrationText {
  readonly statements: readonly PlannedStatement[];
  readonly isWhole: FileCommits['isWhole'];
  readonly leavesRole: FileCommits['leavesRole'];
}

export async function planTrial(files: readonly MigrationText[], grammar: SqlGrammar, signal: AbortSignal): Promise<readonly PlannedMigration[]> {
  const breathe = createBreather();
  const planned: PlannedMigration[] = [];
  const all = new Commits();
  for (const file of files) {
    const read: { readonly statement: Statement; readonly deed: PlannedStatement['deed']; readonly tree: Fields | undefined }[] = [];
    for (const statement of splitStatements(file.text)) {
      read.push({ statement, ...(await readDeed(statement, grammar, signal)) });
      await breathe();
      throwIfCancelled(signal);
    }
    const { commits, ...facts } = all.ofFile(file.text, read.map(({ statement: { text }, tree }) => ({ text, tree })));
    planned.push({ ...file, ...facts, statements: read.map(({ statement: { text, range }, deed }, index) => ({ text, range, deed, commit: commits[index] })) });
  }
  return planned;
}

async function readDeed({ kind, text, copyData }: Statement, grammar: SqlGrammar, signal: AbortSignal): Promise<{ readonly deed: PlannedStatement['deed']; readonly tree: Fields | undefined }> {
  if (kind === 'psql' || copyData !== undefined) {
    return { deed: { kind: 'stop', because: 'psql' }, tree: undefined };
  }
  const parsed = await grammar.parse(text, signal);
  return parsed.kind === 'invalid'
    ? { deed: { kind: 'invalid', message: parsed.message, position: parsed.position }, tree: undefined }
    : { deed: deedOf(parsed.tree), tree: parsed.tree };
}

function deedOf(tree: Fields): PlannedStatement['deed'] {
  const { type, fields } = unwrap(tree) ?? { type: '', fields: {} };
  const { outsideTransaction, control } = classify(tree);
  if (outsideTransaction) {
    return { kind: 'stop', because: 'outsideTransaction' };
  }
  switch (type) {
    case 'TransactionStmt':
      return control === 'begin' || control === 'commit' ? { kind: 'leaveOut' } : { kind: 'stop', because: 'control' };
    case 'VariableSetStmt':
      return settingDeed(fields);
    case 'DiscardStmt':
    case 'PrepareStmt':
    case 'ExecuteStmt':
    case 'DeallocateStmt':
    case 'ListenStmt':
    case 'UnlistenStmt':
      return { kind: 'stop', because: 'session' };
    case 'LoadStmt':
    case 'CheckPointStmt':
      return { kind: 'stop', because: 'acts' };
    case 'CopyStmt':
      return { kind: 'stop', because: fields['filename'] === undefined ? 'psql' : 'acts' };
    default:
      return actsElsewhere(tree) ? { kind: 'stop', because: 'acts' } : { kind: 'run', addsEnumValue: type === 'AlterEnumStmt' };
  }
}

/** Ours stay; the kind of transaction cannot be changed any more. */
function settingDeed(fields: Fields): PlannedStatement['deed'] {
  const name = textOf(fields['name']).toLowerCase();
  if (fields['kind'] === 'VAR_SET_MULTI' || name.includes('transaction_')) {
    return name.endsWith('_timeout') ? { kind: 'leaveOut' } : { kind: 'stop', because: 'control' };
  }
  return name.endsWith('_timeout') ? { kind: 'leaveOut' } : { kind: 'run', addsEnumValue: false };
}

/** By the functions that are called where the grammar sees it; what code within functions and DO does is not looked at. */
function actsElsewhere(tree: Fields): boolean {
  let acts = false;
  walk(tree, (key, value) => {
    if (key === 'FuncCall') {
      const name = dottedName(fieldsOf(value)['funcname']);
      acts ||= functionEffect(name).kind === 'acts' && !isUndone(name);
    }
    return undefined;
  });
  return acts;
}

/** Rows of tables, notifications that are sent by COMMIT, settings and locks of the transaction; sequences are told of beforehand. */
function isUndone({ schema, name }: { readonly schema: string | undefined; readonly name: string }): boolean {
  return (schema !== undefined && undoneSchemas.has(schema)) || undoneFunctions.has(name) || name.startsWith('pg_advisory_xact') || name.startsWith('query_to_xml') || name.startsWith('lo_');
}

const undoneSchemas: ReadonlySet<string> = new Set(['cron', 'vault', 'net']);
const undoneFunctions: ReadonlySet<string> = new Set(['set_config', 'pg_notify', 'nextval', 'setval', 'ts_stat', 'ts_rewrite', 'pg_try_advisory_xact_lock']);
