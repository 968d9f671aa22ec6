import { bundleDigest } from './bundle.ts';
import type { DeployedFunction, LogRow, Scenario } from './types.ts';

/**
 * The smallest project that has one of everything, for tests that need the control plane and no history. Every id and date is
 * fixed: the recorded pairs of `test/fixtures/api` name them.
 */
export function createSmallScenario(workspace = ''): Scenario {
  return {
    ref: 'abcdefghijklmnopqrst',
    organization: { id: 'acme-org', slug: 'acme-org', name: 'Acme' },
    project: { name: 'acme', region: 'eu-central-1', created_at: '2026-01-05T08:00:00.000Z' },
    branch: { ref: 'bcdefghijklmnopqrstu', name: 'try-limits', git_branch: 'try-limits' },
    functions: [hello(), greet()],
    secrets: [
      { name: 'OPENAI_API_KEY', value: 'sk-small-scenario', updated_at: '2026-02-01T10:00:00.000Z' },
      { name: 'WEBHOOK_SECRET', value: 'whsec-small-scenario', updated_at: '2026-03-01T10:00:00.000Z' },
    ],
    migrations: [{ version: '20260105080000', name: 'create_notes' }],
    backups: [{ id: 7, status: 'COMPLETED', inserted_at: '2026-11-19T02:00:00.000Z' }],
    sql: [
      'create table public.notes (id bigint generated always as identity primary key, body text not null);'
        + "insert into public.notes (body) values ('first'), ('second');"
        + "insert into supabase_migrations.schema_migrations (version, name) values ('20260105080000', 'create_notes');",
    ],
    logs: (now) => history(now),
    workspace,
  };
}

/** A failed call of `hello`, the gateway's line about it, and what the function said. */
function history(now: number): LogRow[] {
  const row = (id: string, age: number, source: string, message: string, attributes: Record<string, string>): LogRow => ({
    id: `00000000-0000-4000-8000-0000000000${id}`,
    timestamp: now - age,
    event_message: message,
    severity_text: 'INFO',
    source,
    log_attributes: attributes,
  });
  const function_id = hello().id;
  return [
    row('c1', 120_000, 'function_edge_logs', 'POST | 500 | /functions/v1/hello', {
      function_id, version: '3', execution_time_ms: '640', 'request.method': 'POST', 'response.status_code': '500',
    }),
    row('b1', 120_000, 'edge_logs', 'GET | 200 | /rest/v1/notes', {
      'request.method': 'GET', 'request.path': '/rest/v1/notes', 'response.status_code': '200',
    }),
    row('a1', 60_000, 'function_logs', 'hello was called', { function_id, event_type: 'Log', level: 'info', version: '3' }),
  ];
}

function hello(): DeployedFunction {
  return deployed(
    { id: '11111111-1111-4111-8111-111111111111', slug: 'hello', version: 3, verify_jwt: true },
    { 'supabase/functions/hello/index.ts': "Deno.serve(() => new Response('hello'));\n" },
  );
}

function greet(): DeployedFunction {
  return {
    ...deployed(
      { id: '22222222-2222-4222-8222-222222222222', slug: 'greet', version: 1, verify_jwt: false },
      {
        'supabase/functions/greet/index.ts':
          "import { words } from '../_shared/words.ts';\nDeno.serve(() => new Response(words));\n",
        'supabase/functions/greet/deno.json': '{ "imports": {} }\n',
        'supabase/functions/_shared/words.ts': "export const words = 'good morning';\n",
      },
    ),
    import_map: true,
    import_map_path: 'supabase/functions/greet/deno.json',
  };
}

function deployed(
  facts: Pick<DeployedFunction, 'id' | 'slug' | 'version' | 'verify_jwt'>,
  sources: Record<string, string>,
): DeployedFunction {
  const files = new Map(Object.entries(sources).map(([name, source]) => [name, Buffer.from(source)]));
  const entrypoint = `supabase/functions/${facts.slug}/index.ts`;
  return {
    ...facts,
    name: facts.slug,
    status: 'ACTIVE',
    created_at: Date.parse('2026-01-06T09:00:00.000Z'),
    updated_at: Date.parse('2026-11-01T09:00:00.000Z'),
    import_map: false,
    entrypoint_path: entrypoint,
    ezbr_sha256: bundleDigest(files, entrypoint),
    files,
  };
}
