/** What a statement would do, read off the grammar's tree before anything is sent (DESIGN §5.8, SAFETY 11). */
import { defined } from '../../util/defined.ts';
import type { Risk } from '../runbook/operation.ts';
import { functionEffect, formatFunctionName, type FunctionName, type Volatility } from './functions.ts';
import { runsOutsideTransaction } from './outsideTransaction.ts';
import { judgeCode } from './proceduralCode.ts';
import { fieldsOf, listOf, optionValue, relationName, stringNode, textOf, unwrap, walk, type Fields } from './tree.ts';

/**
 * `transaction` and `session` are statements about the connection (BEGIN, SET): Opsbook runs each statement by itself, so they are
 * refused in every mode. `utility` is maintenance such as VACUUM.
 */
export type StatementKind = 'read' | 'write' | 'ddl' | 'transaction' | 'session' | 'utility';

export interface Classification {
  readonly kind: StatementKind;
  readonly risk: Risk;
  /** What it does, as verb phrases for the user: `deletes every row of orders`; empty when it only reads. */
  readonly why: string;
  /** The server refuses it inside a transaction block. */
  readonly outsideTransaction: boolean;
  /** What it says to the transaction, when that is all that it is. */
  readonly control?: 'begin' | 'commit' | 'rollback';
  /** `SET LOCAL`: of effect only in a transaction that stays open, and ended with it. */
  readonly settingOfTransaction: boolean;
  /**
   * All that it would change is refused by the server in a read-only transaction. Not so for what acts on sessions, files, sequences
   * or other hosts, and for code that may; a function of the project's own, which may do so too, is given the benefit of the doubt.
   */
  readonly heldByReadOnly: boolean;
  /** Functions that count as writing because nothing is known of them; the catalog may know better. */
  readonly unknownFunctions: readonly FunctionName[];
}

/** One reason for a classification. */
interface Finding {
  readonly kind: StatementKind;
  readonly risk: Risk;
  readonly why: string;
  /** A read-only transaction does not prevent it. */
  readonly acts?: true;
  readonly unknownFunction?: FunctionName;
}

/** What the catalog says of a function, if it was asked. */
export type Catalog = (name: FunctionName) => Volatility | undefined;

/** From libpg_query's tree of one statement. What is not known of counts as writing, never as reading. */
export function classify(tree: Fields, catalog: Catalog = () => undefined): Classification {
  const findings = statementFindings(tree, catalog);
  const worst = findings.reduce(worse, { kind: 'read', risk: 'reads', why: '' });
  const statement = unwrap(tree);
  return {
    kind: worst.kind,
    risk: worst.risk,
    why: [...new Set(findings.map(({ why }) => why))].filter((why) => why !== '').join('; '),
    outsideTransaction: statement !== undefined && runsOutsideTransaction(statement.type, statement.fields),
    ...defined({ control: statement?.type === 'TransactionStmt' ? controlOf(statement.fields) : undefined }),
    settingOfTransaction: worst.kind === 'session' && statement?.type === 'VariableSetStmt' && statement.fields['is_local'] === true,
    heldByReadOnly: !findings.some(({ kind, acts }) => acts === true || kind === 'transaction' || kind === 'session' || kind === 'utility'),
    unknownFunctions: findings.flatMap(({ unknownFunction }) => unknownFunction ?? []),
  };
}

const riskOrder: readonly Risk[] = ['none', 'reads', 'writes', 'deploys', 'secret', 'destroys'];

/** Whether a consent to `given` covers `needed`. */
export function covers(given: Risk, needed: Risk): boolean {
  return riskOrder.indexOf(given) >= riskOrder.indexOf(needed);
}

function worse(one: Finding, other: Finding): Finding {
  if (one.risk !== other.risk) {
    return covers(one.risk, other.risk) ? one : other;
  }
  return one.kind === 'read' ? other : one;
}

function statementFindings(tree: unknown, catalog: Catalog): Finding[] {
  const statement = unwrap(tree);
  if (statement === undefined) {
    return [{ kind: 'utility', risk: 'destroys', why: 'is no statement that Opsbook knows', acts: true }];
  }
  const { type, fields } = statement;
  const rule = rules[type];
  if (rule !== undefined) {
    return rule(fields, tree, catalog);
  }
  return [{ kind: 'ddl', risk: 'writes', why: 'changes the schema' }];
}

type Rule = (fields: Fields, tree: unknown, catalog: Catalog) => Finding[];

/** The same answer whatever the statement's fields say. */
function always(kind: StatementKind, risk: Risk, why: string): Rule {
  return () => [{ kind, risk, why }];
}

function acts(why: string): Rule {
  return () => [{ kind: 'write', risk: 'writes', why, acts: true }];
}

const drops: Rule = (fields) => [{ kind: 'ddl', risk: 'destroys', why: `drops ${droppedNames(fields)}` }];
const queries: Rule = (_fields, tree, catalog) => queryFindings(tree, catalog);

/** Only the plain ones: an isolation level or AND CHAIN asks for a transaction of another kind. */
function controlOf(fields: Fields): Classification['control'] {
  return fields['chain'] === true || fields['options'] !== undefined ? undefined : controls[textOf(fields['kind'])];
}

const controls: Readonly<Record<string, Classification['control']>> = {
  TRANS_STMT_BEGIN: 'begin',
  TRANS_STMT_START: 'begin',
  TRANS_STMT_COMMIT: 'commit',
  TRANS_STMT_ROLLBACK: 'rollback',
};

/** By the node's name; what is not here is DDL that adds or changes objects. */
const rules: Readonly<Record<string, Rule>> = {
  SelectStmt: queries,
  InsertStmt: queries,
  UpdateStmt: queries,
  DeleteStmt: queries,
  MergeStmt: queries,
  ExplainStmt: explainFindings,
  VariableShowStmt: always('read', 'reads', ''),
  CopyStmt: copyFindings,
  DoStmt: (fields) => [{ kind: 'write', ...judgeCode(codeOf(fields)), acts: true }],
  CallStmt: (fields) => [
    { kind: 'write', risk: 'writes', why: `calls the procedure ${formatFunctionName(calledName(fieldsOf(fields['funccall'])))}`, acts: true },
  ],
  ExecuteStmt: acts('runs a prepared statement'),
  TruncateStmt: (fields) => [{ kind: 'write', risk: 'destroys', why: `empties ${relationNames(fields['relations'])}` }],
  RefreshMatViewStmt: always('write', 'writes', 'fills a materialized view anew'),
  LockStmt: acts('locks tables'),
  NotifyStmt: acts('sends a notification'),
  TransactionStmt: always('transaction', 'writes', 'controls the transaction'),
  ConstraintsSetStmt: always('transaction', 'writes', 'controls the transaction'),
  VariableSetStmt: settingFindings,
  DiscardStmt: always('session', 'writes', 'resets the session'),
  PrepareStmt: always('session', 'writes', 'prepares a statement in the session'),
  DeallocateStmt: always('session', 'writes', 'forgets a prepared statement of the session'),
  DeclareCursorStmt: always('session', 'writes', 'opens a cursor in the session'),
  FetchStmt: always('session', 'writes', 'moves a cursor of the session'),
  ClosePortalStmt: always('session', 'writes', 'closes a cursor of the session'),
  ListenStmt: always('session', 'writes', 'listens in the session'),
  UnlistenStmt: always('session', 'writes', 'stops listening in the session'),
  VacuumStmt: (fields) => [
    { kind: 'utility', risk: 'writes', why: fields['is_vacuumcmd'] === true ? 'vacuums tables' : 'gathers statistics of tables' },
  ],
  ReindexStmt: always('utility', 'writes', 'builds indexes anew'),
  ClusterStmt: always('utility', 'writes', 'rewrites a table'),
  CheckPointStmt: always('utility', 'writes', 'writes a checkpoint'),
  LoadStmt: always('utility', 'writes', 'loads a library into the server'),
  CreateTableAsStmt: (fields, _tree, catalog) => [
    { kind: 'ddl', risk: 'writes', why: 'creates a table' },
    ...statementFindings(fields['query'], catalog),
  ],
  DropStmt: drops,
  DropdbStmt: drops,
  DropRoleStmt: drops,
  DropOwnedStmt: drops,
  DropTableSpaceStmt: drops,
  DropSubscriptionStmt: drops,
  DropUserMappingStmt: drops,
  AlterTableStmt: alterTableFindings,
  CreateRoleStmt: roleFindings,
  AlterRoleStmt: roleFindings,
  CreateUserMappingStmt: always('ddl', 'secret', 'sets the credentials of a foreign server'),
  AlterUserMappingStmt: always('ddl', 'secret', 'sets the credentials of a foreign server'),
};

/** SELECT, INSERT, UPDATE, DELETE, MERGE with all that stands in their CTEs and subqueries. */
function queryFindings(tree: unknown, catalog: Catalog): Finding[] {
  const findings: Finding[] = [];
  walk(tree, (key, value) => {
    const finding = queryPartFinding(key, fieldsOf(value), catalog);
    if (finding !== undefined) {
      findings.push(finding);
    }
    return undefined;
  });
  return findings;
}

function queryPartFinding(key: string, fields: Fields, catalog: Catalog): Finding | undefined {
  switch (key) {
    case 'intoClause':
      return { kind: 'ddl', risk: 'writes', why: `creates the table ${relationName(fields['rel'])}` };
    case 'LockingClause':
      return { kind: 'write', risk: 'writes', why: 'locks the rows it reads' };
    case 'InsertStmt':
      return { kind: 'write', risk: 'writes', why: `inserts into ${relationName(fields['relation'])}` };
    case 'UpdateStmt':
      return changingFinding('updates', fields);
    case 'DeleteStmt':
      return changingFinding('deletes', fields);
    case 'MergeStmt':
      return { kind: 'write', risk: 'writes', why: `merges into ${relationName(fields['relation'])}` };
    case 'FuncCall':
      return callFinding(calledName(fields), catalog);
    default:
      return undefined;
  }
}

/** A condition that looks at no column (`where true`) is none. */
function changingFinding(verb: 'updates' | 'deletes', fields: Fields): Finding {
  let conditional = false;
  walk(fields['whereClause'], (key) => {
    conditional ||= key === 'ColumnRef' || key === 'CurrentOfExpr';
    return undefined;
  });
  const name = relationName(fields['relation']);
  return conditional
    ? { kind: 'write', risk: 'writes', why: `${verb} rows of ${name}` }
    : { kind: 'write', risk: 'destroys', why: `${verb} every row of ${name}` };
}

function calledName(call: Fields): FunctionName {
  const parts = listOf(call['funcname']).map(stringNode);
  return { schema: parts.at(-2), name: parts.at(-1) ?? '' };
}

function callFinding(called: FunctionName, catalog: Catalog): Finding | undefined {
  const effect = functionEffect(called);
  const name = formatFunctionName(called);
  switch (effect.kind) {
    case 'reads':
      return undefined;
    case 'acts':
      return { kind: 'write', risk: effect.risk, why: `calls ${name}, which ${effect.does}`, acts: true };
    case 'unknown':
      return unknownCallFinding(called, name, catalog(called));
    default:
      return effect satisfies never;
  }
}

function unknownCallFinding(called: FunctionName, name: string, volatility: Volatility | undefined): Finding | undefined {
  switch (volatility) {
    case 'immutable':
    case 'stable':
    case 'missing':
      return undefined;
    case 'volatile':
      return { kind: 'write', risk: 'writes', why: `calls ${name}, which the database declares volatile: it may change something` };
    case undefined:
      return { kind: 'write', risk: 'writes', why: `calls ${name}, which may change something`, unknownFunction: called };
    default:
      return volatility satisfies never;
  }
}

/** Without ANALYZE nothing is run, whatever the statement is. */
function explainFindings(fields: Fields, _tree: unknown, catalog: Catalog): Finding[] {
  if (optionValue(fields['options'], 'analyze') !== 'on') {
    return [];
  }
  return statementFindings(fields['query'], catalog).map((finding) => ({
    ...finding,
    why: `really runs what it explains, which ${finding.why}`,
  }));
}

function copyFindings(fields: Fields, _tree: unknown, catalog: Catalog): Finding[] {
  const inside = fields['query'] === undefined ? [] : statementFindings(fields['query'], catalog);
  const intoTable = `copies into ${relationName(fields['relation'])}`;
  if (fields['is_program'] === true) {
    return [...inside, { kind: 'write', risk: 'destroys', why: 'runs a program on the database server', acts: true }];
  }
  if (fields['filename'] !== undefined) {
    const why = fields['is_from'] === true ? intoTable : 'writes a file on the database server';
    return [...inside, { kind: 'write', risk: 'writes', why, acts: true }];
  }
  if (fields['is_from'] === true) {
    return [...inside, { kind: 'write', risk: 'writes', why: `${intoTable} what only psql can send` }];
  }
  return [...inside, { kind: 'utility', risk: 'reads', why: 'copies to standard output, which only psql has' }];
}

function settingFindings(fields: Fields): Finding[] {
  const name = textOf(fields['name']).toLowerCase();
  // SET TRANSACTION, SET SESSION CHARACTERISTICS AS TRANSACTION, and the same by the settings' names.
  const transaction = fields['kind'] === 'VAR_SET_MULTI' || name.includes('transaction');
  return [
    transaction
      ? { kind: 'transaction', risk: 'writes', why: 'controls the transaction' }
      : { kind: 'session', risk: 'writes', why: 'changes settings of the session' },
  ];
}

function alterTableFindings(fields: Fields): Finding[] {
  const table = relationName(fields['relation']);
  const dropped = listOf(fields['cmds'])
    .map((command) => fieldsOf(fieldsOf(command)['AlterTableCmd']))
    .filter(({ subtype }) => subtype === 'AT_DropColumn');
  return dropped.length === 0
    ? [{ kind: 'ddl', risk: 'writes', why: `changes the table ${table}` }]
    : dropped.map(({ name }) => ({ kind: 'ddl', risk: 'destroys', why: `drops the column ${textOf(name)} of ${table}` }));
}

function roleFindings(fields: Fields): Finding[] {
  return optionValue(fields['options'], 'password') === undefined
    ? [{ kind: 'ddl', risk: 'writes', why: 'changes a role' }]
    : [{ kind: 'ddl', risk: 'secret', why: 'sets the password of a role' }];
}

function relationNames(relations: unknown): string {
  return listOf(relations)
    .map((relation) => relationName(fieldsOf(relation)['RangeVar']))
    .join(', ');
}

function droppedNames(fields: Fields): string {
  const names = listOf(fields['objects']).map(objectName).filter((name) => name !== '');
  const own = textOf(fields['dbname']) || textOf(fields['subname']) || textOf(fields['tablespacename']);
  return names.join(', ') || own || 'objects';
}

/** Objects are named by a list of strings, a string, or a node that holds such a list. */
function objectName(object: unknown): string {
  const node = unwrap(object);
  if (node?.type === 'String') {
    return stringNode(object);
  }
  const parts = listOf(node?.fields['items'] ?? node?.fields['names'] ?? node?.fields['objname']);
  return parts.map((part) => stringNode(part) || objectName(part)).join('.');
}

/** The text between the dollars of DO. */
function codeOf(fields: Fields): string {
  const options = listOf(fields['args']).map((option) => fieldsOf(fieldsOf(option)['DefElem']));
  return stringNode(options.find(({ defname }) => defname === 'as')?.['arg']);
}
