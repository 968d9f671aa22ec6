/** Users of the project, to be run as. */
import type { StatementRequest } from '../../ports.ts';
import type { Row } from '../result.ts';
import type { AuthUser, Claims } from './identity.ts';

export const mostUsers = 200;

/** Those who signed in last; with a text, those whose address or number holds it, or whose id it is. */
export function usersRequest(search: string): StatementRequest {
  return {
    // Read off the row, because older Auth services have no such column.
    text: `select users.id::text, users.email::text, users.phone::text, users.raw_app_meta_data::text as app_metadata, users.raw_user_meta_data::text as user_metadata,
  coalesce(pg_catalog.to_jsonb(users) ->> 'is_anonymous', 'false') as is_anonymous
from auth.users as users
where $1 = '' or users.id::text = pg_catalog.lower($1) or pg_catalog.strpos(pg_catalog.lower(users.email), pg_catalog.lower($1)) > 0 or pg_catalog.strpos(users.phone, $1) > 0
order by users.last_sign_in_at desc nulls last, users.id
limit ${mostUsers}`,
    values: [search],
    mode: 'read',
    rowLimit: mostUsers,
    timeoutMs: 10_000,
    background: false,
  };
}

/** From the rows of {@link usersRequest}. */
export function toUsers(rows: readonly Row[]): AuthUser[] {
  return rows.map(([id, email, phone, appMetadata, userMetadata, isAnonymous]) => ({
    id: id ?? '',
    ...(email ? { email } : {}),
    ...(phone ? { phone } : {}),
    appMetadata: parseClaims(appMetadata ?? '') ?? {},
    userMetadata: parseClaims(userMetadata ?? '') ?? {},
    isAnonymous: isAnonymous === 'true',
  }));
}

/** `undefined` when it is no JSON object. */
export function parseClaims(text: string): Claims | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Claims) : undefined;
  } catch {
    return undefined;
  }
}
