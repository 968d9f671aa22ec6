/** One statement under several roles: is it the policy? */
import { l10n } from '../../../util/l10n.ts';
import type { ErrorFacts } from '../../errors.ts';
import { writeName } from '../lint/statementTree.ts';
import type { ApiRole, Identity } from './identity.ts';
import { isHeld, policiesFor, type TableFacts } from './tableFacts.ts';
import type { TableCommand } from './touched.ts';

export interface RoleOutcome {
  readonly identity: Identity;
  readonly outcome: { readonly kind: 'rows'; readonly count: number } | { readonly kind: 'failed'; readonly facts: ErrorFacts['queryFailed'] };
}

export interface TouchedFacts {
  readonly table: TableFacts;
  readonly commands: readonly TableCommand[];
}

/** Why a role's outcome is not that of whoever no policy holds. */
export type Cause =
  | { readonly kind: 'same' }
  | { readonly kind: 'policy'; readonly reasons: readonly string[] }
  | { readonly kind: 'grant'; readonly missing: readonly string[] }
  /** It fails for whoever no policy holds as well. */
  | { readonly kind: 'statement' }
  /** The statement itself asks who is signed in, and that is somebody else here, or nobody. */
  | { readonly kind: 'who' }
  | { readonly kind: 'unclear'; readonly reasons: readonly string[] };

export interface Comparison {
  /** `policy` when it is one for any of the roles. */
  readonly answer: 'policy' | 'grant' | 'notPolicy' | 'unclear';
  /** Of each outcome, in their order; the last is the one that the others are held against. */
  readonly causes: readonly Cause[];
}

/** `outcomes` ends with the one that no policy holds. `asks`: the statement itself asks who is signed in. */
export function compareOutcomes(outcomes: readonly RoleOutcome[], touched: readonly TouchedFacts[], { asks }: { readonly asks: boolean }): Comparison {
  const baseline = outcomes.at(-1);
  if (!baseline) {
    return { answer: 'unclear', causes: [] };
  }
  const who = ({ identity: { claims } }: RoleOutcome): unknown => claims['sub'];
  const causes = outcomes.slice(0, -1).map((other) => causeOf(other, baseline, { touched, isSomebodyElse: asks && who(other) !== who(baseline) }));
  const has = (kind: Cause['kind']) => causes.some((cause) => cause.kind === kind);
  const answer = has('policy') ? 'policy' : has('grant') ? 'grant' : has('unclear') ? 'unclear' : 'notPolicy';
  return { answer, causes: [...causes, baseline.outcome.kind === 'failed' ? { kind: 'statement' } : { kind: 'same' }] };
}

function causeOf({ identity: { role }, outcome }: RoleOutcome, baseline: RoleOutcome, { touched, isSomebodyElse }: { readonly touched: readonly TouchedFacts[]; readonly isSomebodyElse: boolean }): Cause {
  const base = baseline.outcome;
  if (outcome.kind === 'failed') {
    if (base.kind === 'failed' && base.facts.sqlState === outcome.facts.sqlState && base.facts.message === outcome.facts.message) {
      return { kind: 'statement' };
    }
    return failureCause(outcome.facts, role, touched);
  }
  if (base.kind === 'failed') {
    return { kind: 'unclear', reasons: [l10n.t('it fails for {0}, and not for {1}', baseline.identity.role, role)] };
  }
  if (outcome.count === base.count) {
    return { kind: 'same' };
  }
  if (isSomebodyElse && !touched.some((each) => isShut(each, role))) {
    return { kind: 'who' };
  }
  const reasons = outcome.count < base.count ? reasonsOfPolicies(role, touched) : [];
  return reasons.length > 0 ? { kind: 'policy', reasons } : { kind: 'unclear', reasons: [l10n.t('no policy of the tables that the statement names explains it: they may have changed in between, or a function or view within looks at the role')] };
}

/** 42501 says both that a right is missing and that a policy's check refused a row; the catalog tells which. */
function failureCause({ sqlState, message }: ErrorFacts['queryFailed'], role: ApiRole, touched: readonly TouchedFacts[]): Cause {
  const missing = touched.filter(({ table }) => table.asOwner === undefined).flatMap(({ table, commands }) => missingRights(table, role, commands));
  if (sqlState === '42501' && missing.length > 0) {
    return { kind: 'grant', missing };
  }
  if (sqlState === '42501') {
    const reasons = reasonsOfPolicies(role, touched);
    return reasons.length > 0 ? { kind: 'policy', reasons } : { kind: 'unclear', reasons: [l10n.t('a right is missing for something that the statement does not name itself, such as a function')] };
  }
  // 42P17: infinite recursion in a policy's own query.
  return sqlState === '42P17' ? { kind: 'policy', reasons: [message] } : { kind: 'unclear', reasons: [l10n.t('it fails for this role alone; an expression of a policy may be what fails')] };
}

/** The statements that would give what is lacking. */
export function missingRights({ schema, name, rights }: TableFacts, role: ApiRole, commands: readonly TableCommand[]): readonly string[] {
  const { schema: usage, commands: given } = rights[role];
  const lacking = commands.filter((command) => !given.includes(command));
  const table = `${writeName(schema)}.${writeName(name)}`;
  return [...(usage ? [] : [`grant usage on schema ${writeName(schema)} to ${role}`]), ...(lacking.length === 0 ? [] : [`grant ${lacking.join(', ')} on ${table} to ${role}`])];
}

/** No policy lets any row pass, whoever asks. */
function isShut({ table, commands }: TouchedFacts, role: ApiRole): boolean {
  return isHeld(table, role) && commands.some((command) => !policiesFor(table, role, command).some(({ permissive }) => permissive));
}

/** In words, what each table's policies do with the role. */
function reasonsOfPolicies(role: ApiRole, touched: readonly TouchedFacts[]): string[] {
  return touched
    .filter(({ table }) => isHeld(table, role))
    .flatMap(({ table, commands }) =>
      commands.map((command) => {
        const policies = policiesFor(table, role, command);
        const name = `${table.schema}.${table.name}`;
        const names = policies.map((policy) => policy.name).join(', ');
        return policies.some(({ permissive }) => permissive)
          ? l10n.t('{0} on {1}: what passes is decided by {2}', command, name, names)
          : l10n.t('{0} on {1}: no policy lets {2} do it, so no row passes', command, name, role);
      }),
    );
}
