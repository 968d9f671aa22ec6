import { json, preflight } from '../_shared/cors.ts';

async function database(): Promise<{ connected: boolean; latency_ms: number }> {
  const started = performance.now();
  const answer = await fetch(`${Deno.env.get('SUPABASE_URL')}/rest/v1/`, {
    headers: { apikey: Deno.env.get('SUPABASE_ANON_KEY') ?? '' },
    signal: AbortSignal.timeout(2000),
  }).catch(() => undefined);
  await answer?.body?.cancel();
  return {
    connected: answer !== undefined && answer.status < 500,
    latency_ms: Math.round(performance.now() - started),
  };
}

Deno.serve(async (request) => {
  const early = preflight(request);
  if (early) return early;
  const state = await database();
  return json(
    { status: state.connected ? 'healthy' : 'degraded', timestamp: new Date().toISOString(), database: state },
    state.connected ? 200 : 503,
  );
});
