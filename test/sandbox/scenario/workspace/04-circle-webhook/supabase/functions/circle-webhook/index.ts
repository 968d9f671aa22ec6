import { json } from '../_shared/cors.ts';
import { insert } from '../_shared/db.ts';
import { log } from '../_shared/log.ts';

async function signatureOf(body: string): Promise<string> {
  const secret = new TextEncoder().encode(Deno.env.get('CIRCLE_WEBHOOK_SECRET') ?? '');
  const key = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const bytes = new Uint8Array(await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(body)));
  return 'v1=' + Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

Deno.serve(async (request) => {
  if (request.method !== 'POST') {
    return json({ error: 'POST only' }, 405);
  }
  const body = await request.text();
  if (request.headers.get('circle-signature') !== (await signatureOf(body))) {
    log('warn', 'Invalid signature');
    await insert('security_events', { event_type: 'invalid_signature', severity: 'high' });
    return json({ error: 'Invalid signature' }, 401);
  }
  const event = JSON.parse(body);
  await insert('webhook_logs', { provider: 'circle', event_type: event.eventType, event_id: event.eventId, status: 'ok' });
  log('info', 'event processed', { eventType: event.eventType, eventId: event.eventId });
  return json({ processed: true });
});
