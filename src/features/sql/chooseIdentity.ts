/** Who a statement is run as: asked of the person, or found again from last time. */
import { OpsError, isOpsError } from '../../core/errors.ts';
import type { Database } from '../../core/ports.ts';
import { gather } from '../../core/sql/result.ts';
import { asUser, withoutUser, type AuthUser, type Identity } from '../../core/sql/roles/identity.ts';
import { mostUsers, parseClaims, toUsers, usersRequest } from '../../core/sql/roles/users.ts';
import type { Choice } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';
import type { SqlNeeds } from './needs.ts';

/** What finds an identity again: plain data, without anything of the user but the id. */
export type IdentityKey = { readonly role: 'anon' | 'service_role' } | { readonly role: 'authenticated'; readonly user: string };

export interface ChosenIdentity {
  readonly identity: Identity;
  /** Absent for claims that were changed by hand: they are kept nowhere. */
  readonly again?: IdentityKey;
}

type RoleChoice = 'user' | 'changed' | 'anon' | 'service_role';

/** `compare`: all of them, side by side. */
export async function chooseIdentityOrAll(needs: SqlNeeds, database: Database): Promise<ChosenIdentity | 'compare'> {
  const choice = await needs.ui.pick<RoleChoice | 'compare'>(l10n.t('Run as whom?'), [...roleChoices(), { label: l10n.t('Compare roles'), icon: 'list-selection', description: l10n.t('all of them side by side, with the policies: is it the policy?'), value: 'compare' }]);
  return choice === 'compare' ? choice : identityOf(needs, database, choice);
}

export async function chooseIdentity(needs: SqlNeeds, database: Database, title: string): Promise<ChosenIdentity> {
  return identityOf(needs, database, await needs.ui.pick<RoleChoice>(title, roleChoices()));
}

/** From the least rights to the most. */
function roleChoices(): readonly Choice<RoleChoice>[] {
  return [
    { label: 'anon', icon: 'circle-slash', description: l10n.t('nobody has signed in'), value: 'anon' },
    { label: l10n.t('A user…'), icon: 'account', description: l10n.t('the role authenticated with the claims of a user’s token'), value: 'user' },
    { label: l10n.t('A user with other claims…'), icon: 'edit', description: l10n.t('the same, and the claims can be changed first'), value: 'changed' },
    { label: 'service_role', icon: 'key', description: l10n.t('the service key: no policy holds it'), value: 'service_role' },
  ];
}

async function identityOf(needs: SqlNeeds, database: Database, choice: RoleChoice): Promise<ChosenIdentity> {
  switch (choice) {
    case 'user':
    case 'changed': {
      const user = await chooseUser(needs, database);
      return choice === 'user' ? { identity: asUser(user), again: { role: 'authenticated', user: user.id } } : { identity: await changeClaims(needs, asUser(user)) };
    }
    case 'anon':
    case 'service_role':
      return { identity: withoutUser(choice), again: { role: choice } };
    default:
      return choice satisfies never;
  }
}

/** From a tab's *Run Again*, or from a manual; a user is read anew, so that the claims are today's. Throws `notFound` for one that is gone. */
export async function findIdentity(database: Database, key: IdentityKey): Promise<ChosenIdentity> {
  if (key.role !== 'authenticated') {
    return { identity: withoutUser(key.role), again: key };
  }
  const user = (await readUsers(database, key.user)).find(({ id }) => id === key.user);
  if (!user) {
    throw new OpsError('notFound', { what: l10n.t('The user {0}', visibleLine(key.user)) });
  }
  return { identity: asUser(user), again: key };
}

/** That of a command's argument. */
export function keyIn(argument: unknown): IdentityKey | undefined {
  const key = typeof argument === 'object' && argument !== null && 'as' in argument ? argument.as : undefined;
  return isIdentityKey(key) ? key : undefined;
}

function isIdentityKey(value: unknown): value is IdentityKey {
  if (typeof value !== 'object' || value === null || !('role' in value)) {
    return false;
  }
  return value.role === 'anon' || value.role === 'service_role' || (value.role === 'authenticated' && 'user' in value && typeof value.user === 'string');
}

const lastUser = 'run as user';

/** Whoever signed in last comes first, after the one of last time. */
export async function chooseUser(needs: SqlNeeds, database: Database): Promise<AuthUser> {
  return (await choosePerhaps(needs, database, [])) ?? enterUser(needs);
}

/** `undefined` for nobody. */
export async function chooseUserOrNone(needs: SqlNeeds, database: Database): Promise<AuthUser | undefined> {
  return choosePerhaps(needs, database, [{ label: l10n.t('No user'), icon: 'circle-slash', description: l10n.t('anon, authenticated and service_role alone'), value: 'none' }]);
}

async function choosePerhaps(needs: SqlNeeds, database: Database, others: readonly Choice<'none'>[]): Promise<AuthUser | undefined> {
  const { ui, storage } = needs;
  let search = '';
  for (;;) {
    const users = await ui.progress(l10n.t('Reading the users'), async (signal) => readUsers(database, search, signal)).catch(whenUnreadable);
    if (users === undefined) {
      return enterUser(needs);
    }
    const last = storage.get<string>(lastUser);
    const ordered = [...users.filter(({ id }) => id === last), ...users.filter(({ id }) => id !== last)];
    const more = users.length === mostUsers ? l10n.t('there are more than {0}', mostUsers) : '';
    const chosen = await ui.pick<AuthUser | 'search' | 'enter' | 'none'>(search === '' ? l10n.t('Which user?') : l10n.t('Which user with “{0}”?', visibleLine(search)), [
      ...ordered.map((user) => ({ label: nameOf(user), icon: 'account', description: visibleLine(user.id), value: user })),
      { label: l10n.t('Find another user…'), icon: 'search', description: more, value: 'search' },
      { label: l10n.t('A user that does not exist…'), icon: 'person-add', description: l10n.t('by an id of your choice'), value: 'enter' },
      ...others,
    ]);
    if (chosen === 'none') {
      return undefined;
    }
    if (chosen === 'enter') {
      return enterUser(needs);
    }
    if (chosen !== 'search') {
      await storage.set(lastUser, chosen.id);
      return chosen;
    }
    search = (await ui.ask({ title: l10n.t('Find a user'), prompt: l10n.t('The id, or a part of the e-mail address or phone number') })).trim();
  }
}

async function readUsers(database: Database, search: string, signal: AbortSignal = AbortSignal.timeout(20_000)): Promise<AuthUser[]> {
  return toUsers((await gather(database.run(usersRequest(search), { signal, priority: 'user' }))).rows);
}

/** 42501: no right to; 42P01, 3F000: no Auth service. */
function whenUnreadable(error: unknown): undefined {
  if (isOpsError(error, 'queryFailed') && ['42501', '42P01', '3F000'].includes(error.facts.sqlState)) {
    return undefined;
  }
  throw error;
}

async function enterUser({ ui }: SqlNeeds): Promise<AuthUser> {
  const id = await ui.ask({
    title: l10n.t('Id of the user'),
    prompt: l10n.t('What auth.uid() gives. The users could not be read, or this one is none of them.'),
    check: (text) => (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text.trim()) ? undefined : l10n.t('Enter a UUID.')),
  });
  return { id: id.trim().toLowerCase(), appMetadata: {}, userMetadata: {}, isAnonymous: false };
}

async function changeClaims({ ui }: SqlNeeds, { role, claims }: Identity): Promise<Identity> {
  const text = await ui.ask({
    title: l10n.t('Claims'),
    prompt: l10n.t('What auth.jwt() gives, as a JSON object'),
    value: JSON.stringify(claims),
    check: (given) => (parseClaims(given) ? undefined : l10n.t('Enter a JSON object.')),
  });
  return { role, claims: parseClaims(text) ?? claims };
}

function nameOf({ id, email, phone, isAnonymous }: AuthUser): string {
  return visibleLine(email ?? phone ?? (isAnonymous ? l10n.t('an anonymous user') : id));
}
