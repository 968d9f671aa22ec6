/** *Compare roles* as a document: the answer first, then the numbers, then what they follow from. */
import { compareOutcomes, missingRights, type Cause, type Comparison, type RoleOutcome, type TouchedFacts } from '../../core/sql/roles/comparison.ts';
import { apiRoles, describeIdentity, type ApiRole, type Identity } from '../../core/sql/roles/identity.ts';
import { isHeld, policiesFor, type Policy, type TableFacts } from '../../core/sql/roles/tableFacts.ts';
import { plainMarkdown } from '../../host/plainText.ts';
import { markdownTable } from '../../host/reportTables.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';

export interface ComparedRoles {
  readonly statement: string;
  readonly title: string;
  readonly target: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Rows are those seen; else those written, and rolled back. */
  readonly isRead: boolean;
  /** The statement itself asks who is signed in, and the first outcome had the user's claims too. */
  readonly asks: boolean;
  /** The last is that of whoever no policy holds. */
  readonly outcomes: readonly RoleOutcome[];
  /** A transaction is held open beside it. */
  readonly besideOpen: boolean;
  readonly touched: readonly TouchedFacts[];
  /** Why nothing is known of the tables. */
  readonly problem?: string;
}

export function rolesReport(compared: ComparedRoles): string {
  const { statement, title, target, at, isRead, asks, outcomes, besideOpen, touched, problem } = compared;
  const comparison = compareOutcomes(outcomes, touched, { asks });
  const roles = outcomes.map(({ identity }) => identity.role);
  return [
    `# ${l10n.t('Compare roles: {0}', plainMarkdown(title))}`,
    '',
    `${new Date(at).toISOString()} · ${plainMarkdown(target)}`,
    '',
    `**${answerOf(comparison, outcomes)}**`,
    '',
    ...fenced('sql', statement),
    '',
    ...markdownTable(
      [l10n.t('as'), isRead ? l10n.t('rows seen') : l10n.t('rows written, rolled back'), l10n.t('why')],
      outcomes.map(({ identity, outcome }, index) => [
        whoWords(identity),
        outcome.kind === 'rows' ? String(outcome.count) : plainMarkdown(`${outcome.facts.sqlState}: ${outcome.facts.message}`),
        index === outcomes.length - 1 ? l10n.t('no policy holds it: what the others are held against') : causeWords(comparison.causes[index]),
      ]),
    ),
    ...(asks ? ['', l10n.t('The statement itself asks who is signed in, so service\\_role had the claims of the same user: what differs between the two is the role alone.')] : []),
    ...(besideOpen ? ['', l10n.t('A transaction is open: what it changed and did not commit is not seen here, and what it holds locked may fail here.')] : []),
    '',
    `## ${l10n.t('Tables and policies')}`,
    ...(problem === undefined ? [] : ['', l10n.t('They could not be read, so that the answer stands on the numbers alone: {0}', plainMarkdown(problem))]),
    ...(problem === undefined && touched.length === 0 ? ['', l10n.t('The statement names no table that is there. What its functions do within is not looked at.')] : []),
    ...touched.flatMap((each) => tableChapter(each, roles)),
    ...claimsOf(outcomes),
    '',
  ].join('\n');
}

function answerOf({ answer, causes }: Comparison, outcomes: readonly RoleOutcome[]): string {
  const base = outcomes.at(-1)?.outcome;
  switch (answer) {
    case 'policy':
      return l10n.t('It is the policy: see which in the last column.');
    case 'grant':
      return l10n.t('It is not a policy but a missing grant: see which in the last column.');
    case 'unclear':
      return l10n.t('Not clear: the roles differ, and no policy or grant that Opsbook can see explains it.');
    case 'notPolicy':
      if (base?.kind === 'failed') {
        return l10n.t('It is not the policy: the statement fails for everybody.');
      }
      if (causes.some(({ kind }) => kind === 'who')) {
        return l10n.t('It is not the policy: for the same user service\\_role, whom no policy holds, has the same number of rows. The statement itself asks who is signed in.');
      }
      return base?.count === 0
        ? l10n.t('It is not the policy: service\\_role, whom no policy holds, has no rows either. They are not there, or the statement leaves them out.')
        : l10n.t('All have the same number of rows: no policy leaves any of them out. Their values are not compared: where the statement counts or sums, compare the rows that it counts.');
    default:
      return answer satisfies never;
  }
}

function whoWords(identity: Identity): string {
  return identity.role === 'authenticated' && identity.claims['sub'] === undefined ? l10n.t('authenticated, no user in particular') : plainMarkdown(describeIdentity(identity));
}

function causeWords(cause: Cause | undefined): string {
  switch (cause?.kind) {
    case 'same':
      return l10n.t('the same');
    case 'policy':
      return `${l10n.t('**the policy**')}: ${cause.reasons.map(plainMarkdown).join('; ')}`;
    case 'grant':
      return `${l10n.t('**a grant is missing**')}: ${cause.missing.map(plainMarkdown).join('; ')}`;
    case 'statement':
      return l10n.t('it fails for service\\_role too');
    case 'who':
      return l10n.t('the statement itself asks who is signed in, and that is not the same user here');
    case 'unclear':
      return `${l10n.t('not clear')}: ${cause.reasons.map(plainMarkdown).join('; ')}`;
    case undefined:
      return '';
    default:
      return cause satisfies never;
  }
}

function tableChapter({ table, commands }: TouchedFacts, compared: readonly ApiRole[]): string[] {
  const name = `${plainMarkdown(table.schema)}.${plainMarkdown(table.name)}`;
  const through = table.through === undefined ? '' : ` (${l10n.t('read by the view {0}', plainMarkdown(table.through))})`;
  const roles = apiRoles.filter((role) => compared.includes(role));
  const applied = table.policies.filter(({ command }) => command === 'all' || commands.includes(command));
  const legacy = applied.some(({ using = '', check = '' }) => /request\.jwt\.claim\./.test(using + check));
  return [
    '',
    `### ${name}${through}`,
    '',
    securityWords(table),
    '',
    ...roles.map((role) => `- ${plainMarkdown(role)}: ${roleWords(table, role, commands)}`),
    ...(applied.length === 0 ? [] : ['', ...markdownTable([l10n.t('policy'), l10n.t('kind'), l10n.t('for'), l10n.t('to'), 'using', 'with check'], applied.map(policyCells))]),
    ...(legacy ? ['', l10n.t('A policy reads a setting `request.jwt.claim.…`. The API sets none since PostgreSQL 14, so over it the policy finds nobody; Storage, Realtime and this comparison set it. `auth.uid()` finds both.')] : []),
  ];
}

function securityWords({ kind, secured, owner, invoker, asOwner, policies }: TableFacts): string {
  if (kind !== 'table') {
    return invoker ? l10n.t('A view that reads with the rights of whoever asks: the policies of its tables count.') : l10n.t('A view, or the like, that reads with the rights of its owner {0}: the policies of its tables are asked for {0}, not for the role.', plainMarkdown(owner));
  }
  if (asOwner !== undefined) {
    return l10n.t('Read with the rights of {0}, the owner of the view: its policies do not see the role.', plainMarkdown(asOwner));
  }
  if (secured) {
    return l10n.t('Row-level security is on. Policies: {0}.', policies.length);
  }
  return policies.length === 0 ? l10n.t('Row-level security is off: whoever has the grant has every row.') : l10n.t('Row-level security is **off**: the policies that are there do nothing, and whoever has the grant has every row.');
}

function roleWords(table: TableFacts, role: ApiRole, commands: TouchedFacts['commands']): string {
  const missing = table.asOwner === undefined ? missingRights(table, role, commands) : [];
  if (missing.length > 0) {
    return l10n.t('may not: {0}', missing.map(plainMarkdown).join('; '));
  }
  if (!isHeld(table, role)) {
    return table.kind === 'table' && table.secured && table.asOwner === undefined ? l10n.t('no policy holds it') : l10n.t('may, and no policy is asked');
  }
  return commands
    .map((command) => {
      const policies = policiesFor(table, role, command);
      const restrictive = policies.filter(({ permissive }) => !permissive);
      const permissive = policies.filter((policy) => policy.permissive);
      return permissive.length === 0
        ? l10n.t('{0}: no policy lets it, so no row passes', command)
        : `${command}: ${l10n.t('passes by {0}', permissive.map(({ name }) => plainMarkdown(name)).join(l10n.t(' or ')))}${restrictive.length === 0 ? '' : l10n.t(', and must pass {0}', restrictive.map(({ name }) => plainMarkdown(name)).join(l10n.t(' and ')))}`;
    })
    .join('; ');
}

function policyCells({ name, permissive, command, roles, using, check }: Policy): string[] {
  return [name, permissive ? l10n.t('permissive') : l10n.t('restrictive'), command, roles.join(', '), using ?? '', check ?? ''].map(plainMarkdown);
}

/** Beside the policies, to be held against them. */
function claimsOf(outcomes: readonly RoleOutcome[]): string[] {
  const signedIn = outcomes.find(({ identity: { role, claims } }) => role === 'authenticated' && claims['sub'] !== undefined);
  return signedIn ? ['', `## ${l10n.t('Claims of {0}', plainMarkdown(describeIdentity(signedIn.identity)))}`, '', ...fenced('json', JSON.stringify(signedIn.identity.claims, undefined, 2))] : [];
}

/** A fence that nothing inside can end. */
function fenced(language: string, text: string): string[] {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}${language}`, visible(text), fence];
}
