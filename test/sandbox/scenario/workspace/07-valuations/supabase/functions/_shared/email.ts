/** Mail through Resend. Without a key nothing is sent, and the caller is told. */
export async function sendMail(to: string, subject: string, text: string): Promise<'sent' | 'no key' | 'refused'> {
  const key = Deno.env.get('RESEND_API_KEY');
  if (!key) {
    return 'no key';
  }
  const answer = await fetch('https://api.resend.com/emails', {
    method: 'POST',
    headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ from: 'reports@acme.test', to, subject, text }),
    signal: AbortSignal.timeout(4000),
  }).catch(() => undefined);
  await answer?.body?.cancel();
  return answer?.ok ? 'sent' : 'refused';
}
