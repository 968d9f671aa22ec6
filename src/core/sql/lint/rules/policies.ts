/** What the rules about policies have in common. */
import { relationOf, type ObjectName } from '../../objectNames.ts';
import { fieldsOf, listOf, stringNode, textOf, unwrap } from '../../tree.ts';
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

/** `true`, or two constants that are the same (`1 = 1`). */
export function isAlwaysTrue(expression: unknown): boolean {
  const node = unwrap(expression);
  if (node?.type === 'A_Const') {
    return fieldsOf(node.fields['boolval'])['boolval'] === true;
  }
  const isEquality = node?.type === 'A_Expr' && stringNode(listOf(node.fields['name'])[0]) === '=';
  return isEquality && isConstant(node.fields['lexpr']) && constantText(node.fields['lexpr']) === constantText(node.fields['rexpr']);
}

export function isConstant(expression: unknown): boolean {
  return unwrap(expression)?.type === 'A_Const';
}

function constantText(expression: unknown): string {
  const { location: _, ...value } = unwrap(expression)?.fields ?? {};
  return JSON.stringify(value);
}

/** Where an expression begins that is a constant or an equality of constants. */
export function constantLocation(expression: unknown): unknown {
  const node = unwrap(expression);
  return node?.type === 'A_Expr' ? constantLocation(node.fields['lexpr']) : node?.fields['location'];
}
