import { json, preflight } from '../_shared/cors.ts';
import { sendMail } from '../_shared/email.ts';
import { log } from '../_shared/log.ts';

/** Sends a real message to the on-call address when `?send=1` is given; else says whether it could. */
Deno.serve(async (request) => {
  const early = preflight(request);
  if (early) return early;
  const to = Deno.env.get('ALERT_EMAIL');
  if (!to || !Deno.env.has('RESEND_API_KEY')) {
    log('error', 'mail is not configured', { ALERT_EMAIL: Boolean(to), RESEND_API_KEY: Deno.env.has('RESEND_API_KEY') });
    return json({ success: false, email_service_status: 'not configured' }, 503);
  }
  if (new URL(request.url).searchParams.get('send') !== '1') {
    return json({ success: true, email_service_status: 'ready' });
  }
  const outcome = await sendMail(to, 'Test of the mail service', 'If you can read this, mail works.');
  log(outcome === 'sent' ? 'info' : 'error', `test mail ${outcome}`);
  return json({ success: outcome === 'sent', email_service_status: outcome }, outcome === 'sent' ? 200 : 503);
});
