import { createHash } from 'node:crypto';

import { platformSecrets, type ProjectState, type World } from '../state.ts';
import { empty, json, Refusal, type Answer } from './answer.ts';
import { isRecord, jsonBody } from './call.ts';
import type { Route, Visit } from './route.ts';

const path = '/v1/projects/{ref}/secrets';

/** Secrets go in with their value and come out as its digest. Limits: SUPABASE.md §4. */
export const secretRoutes: Route[] = [
  {
    method: 'GET',
    path,
    permissions: [['edge_functions_secrets_read']],
    handle: (visit) => json(200, listSecrets(visit.world, visit.project())),
  },
  { method: 'POST', path, permissions: [['edge_functions_secrets_write']], handle: setSecrets },
  { method: 'DELETE', path, permissions: [['edge_functions_secrets_write']], handle: unsetSecrets },
];

function listSecrets(world: World, project: ProjectState): unknown[] {
  const platform = Object.entries(platformSecrets(world, project)).map(([name, value]) => ({
    name,
    value: digest(value),
    updated_at: project.created_at,
  }));
  const own = [...project.secrets].map(([name, secret]) => ({
    name,
    value: digest(secret.value),
    updated_at: secret.updated_at,
  }));
  return [...platform, ...own].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function digest(value: string): string {
  return createHash('sha256').update(value).digest('hex');
}

function setSecrets(visit: Visit): Answer {
  const project = visit.project();
  const incoming = readSecrets(jsonBody(visit.call));
  const names = new Set([...project.secrets.keys(), ...incoming.map((secret) => secret.name)]);
  if (names.size > 100) {
    throw new Refusal(400, 'A project can have at most 100 secrets');
  }
  for (const { name, value } of incoming) {
    project.secrets.set(name, { value, updated_at: new Date(visit.world.now()).toISOString() });
  }
  return empty(201);
}

function readSecrets(body: unknown): { name: string; value: string }[] {
  if (!Array.isArray(body)) {
    throw new Refusal(400, 'Expected array of secrets');
  }
  return body.map((item: unknown, index) => {
    const { name, value } = isRecord(item) ? item : {};
    if (typeof name !== 'string' || name === '' || name.length > 256) {
      throw new Refusal(400, `${index}.name: must be a string of 1 to 256 characters`);
    }
    if (name.startsWith('SUPABASE_')) {
      throw new Refusal(400, `${index}.name: must not start with SUPABASE_`);
    }
    if (typeof value !== 'string' || value.length > 24_576) {
      throw new Refusal(400, `${index}.value: must be a string of at most 24576 characters`);
    }
    return { name, value };
  });
}

/** Names that are not there are passed over, as unsetting twice does no harm. */
function unsetSecrets(visit: Visit): Answer {
  const body = jsonBody(visit.call);
  if (!Array.isArray(body) || !body.every((name) => typeof name === 'string')) {
    throw new Refusal(400, 'Expected array of secret names');
  }
  const { secrets } = visit.project();
  for (const name of body) {
    secrets.delete(name);
  }
  return empty(200);
}
