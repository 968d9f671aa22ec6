import { json, preflight } from '../_shared/cors.ts';
import { log } from '../_shared/log.ts';

/** What is shown while no model is configured: the prompt's initials on a coloured square. */
function placeholder(prompt: string): string {
  const initials = prompt.split(/\s+/).map((word) => word[0] ?? '').join('').slice(0, 3).toUpperCase();
  return `<svg xmlns="http://www.w3.org/2000/svg" width="512" height="512"><rect width="512" height="512" fill="#3a6"/><text x="256" y="280" text-anchor="middle" font-size="160">${initials}</text></svg>`;
}

Deno.serve(async (request) => {
  const early = preflight(request);
  if (early) return early;
  const { prompt } = await request.json().catch(() => ({ prompt: '' }));
  if (typeof prompt !== 'string' || prompt.trim() === '') {
    return json({ error: 'A prompt is needed' }, 400);
  }
  if (!Deno.env.get('OPENAI_API_KEY')) {
    log('warn', 'OPENAI_API_KEY is not set: drawing a placeholder');
    return new Response(placeholder(prompt), { headers: { 'Content-Type': 'image/svg+xml' } });
  }
  return json({ queued: true, prompt }, 202);
});
