import { createHash } from 'node:crypto';

import type { ProjectState } from '../state.ts';
import { json, Refusal } from './answer.ts';
import type { Route, Visit } from './route.ts';

const path = '/v1/projects/{ref}/api-keys';

/** The legacy pair and the new pair; the secret one in clear only with `reveal`, which is a permission of its own. */
export const apiKeyRoutes: Route[] = [
  {
    method: 'GET',
    path,
    permissions: [['api_gateway_keys_read'], ['api_gateway_keys_read', 'api_gateway_keys_secret_read']],
    handle: (visit) => json(200, list(visit.project(), revealed(visit))),
  },
  {
    method: 'GET',
    path: `${path}/legacy`,
    permissions: [['api_gateway_keys_read']],
    handle: () => json(200, { enabled: true }),
  },
];

function revealed(visit: Visit): boolean {
  const reveal = visit.call.query.get('reveal') === 'true';
  if (reveal && visit.token.lacks.has('api_gateway_keys_secret_read')) {
    throw new Refusal(403, 'Forbidden action');
  }
  return reveal;
}

function list(project: ProjectState, reveal: boolean): unknown[] {
  const { anon, serviceRole, publishable, secret } = project.keys;
  const dates = { inserted_at: project.created_at, updated_at: project.created_at };
  return [
    { api_key: anon, id: 'anon', type: 'legacy', name: 'anon', hash: hash(anon), prefix: anon.slice(0, 5), ...dates },
    {
      ...(reveal ? { api_key: serviceRole } : {}),
      id: 'service_role', type: 'legacy', name: 'service_role', hash: hash(serviceRole), prefix: serviceRole.slice(0, 5), ...dates,
    },
    {
      api_key: publishable,
      id: keyId(project.ref, '1'), type: 'publishable', name: 'default', prefix: publishable.slice(0, 20), hash: hash(publishable), ...dates,
    },
    {
      // Without `reveal` the dashboard shows the beginning and dots.
      api_key: reveal ? secret : `${secret.slice(0, 16)}${'\u00b7'.repeat(12)}`,
      id: keyId(project.ref, '2'), type: 'secret', name: 'default', prefix: secret.slice(0, 16), hash: hash(secret), ...dates,
    },
  ];
}

function hash(key: string): string {
  return createHash('sha256').update(key).digest('base64url');
}

/** A version-4 UUID that stays the same for the same ref. */
function keyId(ref: string, which: string): string {
  const hex = createHash('sha256').update(`${ref}:${which}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
