import { json, preflight } from 'shared/cors.ts';
import { log } from 'shared/log.ts';
import { placeholder } from './placeholder.ts';

const styles = new Set(['flat', 'pixel', 'photo']);
const refused = /\b(logo of|portrait of)\b/i;

Deno.serve(async (request) => {
  const early = preflight(request);
  if (early) return early;
  const { prompt, style = 'flat', size = 512 } = await request.json().catch(() => ({ prompt: '' }));
  if (typeof prompt !== 'string' || prompt.trim() === '') {
    return json({ error: 'A prompt is needed' }, 400);
  }
  if (refused.test(prompt)) {
    log('warn', 'prompt refused', { prompt: prompt.slice(0, 80) });
    return json({ error: 'No logos or portraits of others, please' }, 422);
  }
  if (!styles.has(style)) {
    return json({ error: `style must be one of ${[...styles].join(', ')}` }, 400);
  }
  if (!Deno.env.get('OPENAI_API_KEY')) {
    log('warn', 'OPENAI_API_KEY is not set: drawing a placeholder');
    return new Response(placeholder(prompt, size), { headers: { 'Content-Type': 'image/svg+xml' } });
  }
  log('info', 'image queued', { style, size });
  return json({ queued: true, prompt, style, size }, 202);
});
