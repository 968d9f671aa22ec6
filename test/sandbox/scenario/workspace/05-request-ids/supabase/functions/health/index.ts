import { json, preflight } from '../_shared/cors.ts';
import { select } from '../_shared/db.ts';
import { log } from '../_shared/log.ts';

const needed = ['CIRCLE_API_KEY', 'CIRCLE_WEBHOOK_SECRET', 'ALERT_EMAIL'];

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

async function webhooks(): Promise<{ status: string; recentWebhooks?: number; failedWebhooks?: number }> {
  const since = new Date(Date.now() - 3_600_000).toISOString();
  try {
    const rows = await select<{ status: string }>(`webhook_logs?select=status&created_at=gte.${since}`);
    const failed = rows.filter((row) => row.status !== 'ok').length;
    return { status: failed > rows.length / 10 ? 'failing' : 'healthy', recentWebhooks: rows.length, failedWebhooks: failed };
  } catch (error) {
    log('warn', 'webhook state unknown', { reason: String(error) });
    return { status: 'unknown' };
  }
}

Deno.serve(async (request) => {
  const early = preflight(request);
  if (early) return early;
  const [state, hooks] = await Promise.all([database(), webhooks()]);
  const secrets = Object.fromEntries(needed.map((name) => [name, Deno.env.has(name)]));
  const healthy = state.connected && Object.values(secrets).every(Boolean);
  return json(
    { status: healthy ? 'healthy' : 'degraded', timestamp: new Date().toISOString(), database: state, secrets, webhooks: hooks },
    healthy ? 200 : 503,
  );
});
