import { json } from '../_shared/cors.ts';
import { insert } from '../_shared/db.ts';
import { log } from '../_shared/log.ts';
import { signedBy } from '../_shared/signature.ts';

const handled = new Set(['payments.confirmed', 'payments.failed', 'wallets.created']);

/** Tells Circle that we have the event; asked for by their newer accounts. */
function receipt(eventId: string): Record<string, unknown> {
  return { processed: true, eventId, account: Deno.env.has('CIRCLE_API_KEY') ? 'live' : 'none' };
}

Deno.serve(async (request) => {
  if (request.method !== 'POST') {
    return json({ error: 'POST only' }, 405);
  }
  const body = await request.text();
  const secret = Deno.env.get('CIRCLE_WEBHOOK_SECRET') ?? '';
  if (!(await signedBy(secret, request.headers.get('circle-signature'), body))) {
    log('warn', 'Invalid signature', { from: request.headers.get('x-forwarded-for') });
    await insert('security_events', { event_type: 'invalid_signature', severity: 'high' });
    return json({ error: 'Invalid signature' }, 401);
  }
  const { eventType, eventId } = JSON.parse(body);
  if (!handled.has(eventType)) {
    log('info', 'event ignored', { eventType });
    return json({ processed: false }, 202);
  }
  await insert('idempotency_keys', { key: eventId, function_name: 'payments-circle-webhook' });
  await insert('webhook_logs', { provider: 'circle', event_type: eventType, event_id: eventId, status: 'ok' });
  log('info', 'event processed', { eventType, eventId });
  return json(receipt(eventId));
});
