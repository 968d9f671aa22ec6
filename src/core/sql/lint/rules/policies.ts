/** What the rules about policies have in common. */
import { relationOf, type ObjectName } from '../../objectNames.ts';
import { fieldsOf, listOf, stringConstant, stringNode, textOf, unwrap, type Fields } from '../../tree.ts';
import type { PlacedEffect } from '../../effects/effect.ts';
import type { FileContext } from '../rule.ts';
import type { StatementTree } from '../statementTree.ts';

export interface Policy {
  readonly name: string;
  readonly table: ObjectName;
  /** Absent for ALTER POLICY, which does not say. */
  readonly command: string | undefined;
  readonly permissive: boolean;
  /** It speaks of no role but the service's own, which no policy holds anyway. */
  readonly serviceOnly: boolean;
  /** `using (…)` and `with check (…)`, as far as they are there. */
  readonly using: unknown;
  readonly check: unknown;
}

/** The policy that a statement makes or changes. */
export function policyOf({ type, fields }: StatementTree): Policy | undefined {
  if (type !== 'CreatePolicyStmt' && type !== 'AlterPolicyStmt') {
    return undefined;
  }
  const roles = listOf(fields['roles']).map((role) => textOf(fieldsOf(fieldsOf(role)['RoleSpec'])['rolename']));
  return {
    name: textOf(fields['policy_name']),
    table: relationOf(fields['table']),
    command: type === 'CreatePolicyStmt' ? textOf(fields['cmd_name']) || 'all' : undefined,
    permissive: type === 'AlterPolicyStmt' || fields['permissive'] === true,
    serviceOnly: roles.length > 0 && roles.every((role) => role === 'service_role' || role === 'postgres' || role === 'supabase_admin'),
    using: fields['qual'],
    check: fields['with_check'],
  };
}

/** What is found in the statement that makes or changes a policy is over once a later one replaces or drops what it says. */
export function policyStands(context: FileContext, placed: PlacedEffect): boolean {
  return placed.effect.kind !== 'policy' || context.history.policyStands(placed);
}

/** `true`, two constants that are the same (`1 = 1`), and what is put together of such, whatever it is cast to or selected by. */
export function isAlwaysTrue(expression: unknown): boolean {
  const node = unwrap(expression);
  switch (node?.type) {
    case 'A_Const':
      return fieldsOf(node.fields['boolval'])['boolval'] === true;
    case 'A_Expr':
      return stringNode(listOf(node.fields['name'])[0]) === '=' && isConstant(node.fields['lexpr']) && constantText(node.fields['lexpr']) === constantText(node.fields['rexpr']);
    case 'BoolExpr':
      return isTogetherTrue(node.fields);
    case 'TypeCast': {
      const word = stringConstant(node.fields['arg']).trim().toLowerCase();
      return isAlwaysTrue(node.fields['arg']) || trueWords.has(word);
    }
    case 'SubLink':
      return node.fields['subLinkType'] === 'EXPR_SUBLINK' && isAlwaysTrue(selectedAlone(node.fields['subselect']));
    default:
      return false;
  }
}

const trueWords: ReadonlySet<string> = new Set(['t', 'true', 'y', 'yes', 'on', '1']);

function isTogetherTrue({ boolop, args }: Fields): boolean {
  const parts = listOf(args);
  switch (boolop) {
    case 'AND_EXPR':
      return parts.every(isAlwaysTrue);
    case 'OR_EXPR':
      return parts.some(isAlwaysTrue);
    default: {
      const constant = fieldsOf(fieldsOf(parts[0])['A_Const'])['boolval'];
      return constant !== undefined && fieldsOf(constant)['boolval'] !== true;
    }
  }
}

/** The value of `select value`, without FROM and WHERE. */
function selectedAlone(query: unknown): unknown {
  const { targetList, fromClause, whereClause, larg } = fieldsOf(fieldsOf(query)['SelectStmt']);
  const alone = fromClause === undefined && whereClause === undefined && larg === undefined && listOf(targetList).length === 1;
  return alone ? fieldsOf(fieldsOf(listOf(targetList)[0])['ResTarget'])['val'] : undefined;
}

export function isConstant(expression: unknown): boolean {
  return unwrap(expression)?.type === 'A_Const';
}

function constantText(expression: unknown): string {
  const { location: _, ...value } = unwrap(expression)?.fields ?? {};
  return JSON.stringify(value);
}

/** Where the first constant of an expression stands that is always true. */
export function constantLocation(expression: unknown): unknown {
  const node = unwrap(expression);
  switch (node?.type) {
    case 'A_Expr':
      return constantLocation(node.fields['lexpr']);
    case 'BoolExpr':
      return constantLocation(listOf(node.fields['args']).find(isAlwaysTrue) ?? listOf(node.fields['args'])[0]);
    case 'TypeCast':
      return constantLocation(node.fields['arg']);
    case 'SubLink':
      return constantLocation(selectedAlone(node.fields['subselect']));
    default:
      return node?.fields['location'];
  }
}
