/** The database over the project's own REST gateway: no driver, no connection to keep. */

function address(path: string): string {
  return `${Deno.env.get('SUPABASE_URL')}/rest/v1/${path}`;
}

function headers(): Record<string, string> {
  const key = Deno.env.get('SUPABASE_SERVICE_ROLE_KEY') ?? '';
  return { apikey: key, Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' };
}

/** Rows of a table, e.g. `select('tokens?creator_wallet=eq.9xQe&limit=10')`. Throws when the gateway refuses. */
export async function select<Row>(path: string): Promise<Row[]> {
  const answer = await fetch(address(path), { headers: headers(), signal: AbortSignal.timeout(5000) });
  if (!answer.ok) {
    throw new Error(`select ${path}: ${answer.status} ${await answer.text()}`);
  }
  return await answer.json();
}

/** Inserts one row; false (with the reason in the log) when it could not be saved. */
export async function insert(table: string, row: Record<string, unknown>): Promise<boolean> {
  const answer = await fetch(address(table), {
    method: 'POST',
    headers: headers(),
    body: JSON.stringify(row),
    signal: AbortSignal.timeout(5000),
  }).catch((error: Error) => new Response(error.message, { status: 503 }));
  if (!answer.ok) {
    console.warn(`insert into ${table}: ${answer.status} ${await answer.text()}`);
  }
  return answer.ok;
}
