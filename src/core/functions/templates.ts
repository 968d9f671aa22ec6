/** A new function to start from. */
export interface FunctionTemplate {
  readonly name: 'json' | 'webhook' | 'scheduled' | 'database';
  /** Callers send no token of this project. */
  readonly public: boolean;
  readonly code: string;
}

const cors = `const cors = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'authorization, x-client-info, apikey, content-type',
};
`;

const json = `${cors}
Deno.serve(async (request) => {
  if (request.method === 'OPTIONS') {
    return new Response(null, { status: 204, headers: cors });
  }
  const { name } = await request.json();
  return Response.json({ message: \`Hello \${name}!\` }, { headers: cors });
});
`;

const webhook = `const secret = Deno.env.get('WEBHOOK_SECRET') ?? '';

/** The sender's HMAC-SHA256 of the body, in hexadecimal digits. */
async function isSigned(body: string, signature: string): Promise<boolean> {
  const bytes = Uint8Array.from(signature.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
  return crypto.subtle.verify('HMAC', key, bytes, new TextEncoder().encode(body));
}

Deno.serve(async (request) => {
  const body = await request.text();
  if (secret === '' || !(await isSigned(body, request.headers.get('x-signature') ?? ''))) {
    return new Response('The signature does not fit.', { status: 401 });
  }
  console.log('received', JSON.parse(body).type);
  return Response.json({ received: true });
});
`;

const scheduled = `// To be called by pg_cron with the service key.
Deno.serve(async (request) => {
  if (request.method !== 'POST') {
    return new Response('POST is expected.', { status: 405 });
  }
  const started = Date.now();
  // The work.
  return Response.json({ done: true, milliseconds: Date.now() - started });
});
`;

const database = `import { createClient } from 'npm:@supabase/supabase-js@2';

${cors}
Deno.serve(async (request) => {
  if (request.method === 'OPTIONS') {
    return new Response(null, { status: 204, headers: cors });
  }
  // With the caller's own rights: row-level security holds.
  const client = createClient(Deno.env.get('SUPABASE_URL') ?? '', Deno.env.get('SUPABASE_ANON_KEY') ?? '', {
    global: { headers: { Authorization: request.headers.get('Authorization') ?? '' } },
  });
  const { data, error } = await client.auth.getUser();
  return error ? Response.json({ error: error.message }, { status: 401, headers: cors }) : Response.json({ id: data.user.id }, { headers: cors });
});
`;

export const functionTemplates: readonly FunctionTemplate[] = [
  { name: 'json', public: false, code: json },
  { name: 'webhook', public: true, code: webhook },
  { name: 'scheduled', public: false, code: scheduled },
  { name: 'database', public: false, code: database },
];
