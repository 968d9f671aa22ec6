/** Who a statement is run as: a role of the API with the claims of a token, as PostgREST sets them for a request. */

/** The roles that a request can have, from the least rights to the most; https://supabase.com/docs/guides/database/postgres/roles. */
export type ApiRole = 'anon' | 'authenticated' | 'service_role';

export const apiRoles: readonly ApiRole[] = ['anon', 'authenticated', 'service_role'];

export type Claims = Readonly<Record<string, unknown>>;

export interface Identity {
  readonly role: ApiRole;
  /** What `auth.jwt()` gives. */
  readonly claims: Claims;
}

/** A row of `auth.users`, as far as a token tells of it. Outside text. */
export interface AuthUser {
  readonly id: string;
  readonly email?: string;
  readonly phone?: string;
  readonly appMetadata: Claims;
  readonly userMetadata: Claims;
  readonly isAnonymous: boolean;
}

/** Somebody who has not signed in, whoever has (`authenticated`: no user in particular), or the service itself. */
export function withoutUser(role: ApiRole): Identity {
  return { role, claims: role === 'authenticated' ? { aud: role, role } : { role } };
}

/**
 * What Auth puts into a user's token (https://supabase.com/docs/guides/auth/jwt-fields), without what differs from session to session. Claims
 * that a custom access token hook adds are not known here.
 */
export function asUser({ id, email, phone, appMetadata, userMetadata, isAnonymous }: AuthUser): Identity {
  const claims = { aud: 'authenticated', role: 'authenticated', sub: id, email: email ?? '', phone: phone ?? '', app_metadata: appMetadata, user_metadata: userMetadata, aal: 'aal1', is_anonymous: isAnonymous };
  return { role: 'authenticated', claims };
}

/** `authenticated, ana@example.com`; the parts that came from outside are as they came. */
export function describeIdentity({ role, claims }: Identity): string {
  const who = [claims['email'], claims['phone'], claims['sub']].find((one) => typeof one === 'string' && one !== '');
  return who === undefined ? role : `${role}, ${String(who)}`;
}

/**
 * Settings of the transaction by name, the role last. PostgREST sets `request.jwt.claims`; the single ones came from it up to PostgreSQL 13, and
 * still come from Storage and Realtime.
 */
export function settingsOf({ role, claims }: Identity): readonly (readonly [name: string, value: string])[] {
  const single = ['sub', 'role', 'email'].flatMap((name) => {
    const claim = claims[name];
    return typeof claim === 'string' ? [[`request.jwt.claim.${name}`, claim] as const] : [];
  });
  return [['request.jwt.claims', JSON.stringify(claims)], ...single, ['role', role]];
}
