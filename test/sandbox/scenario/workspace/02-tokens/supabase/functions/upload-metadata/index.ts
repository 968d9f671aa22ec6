import { json, preflight } from '../_shared/cors.ts';
import { log } from '../_shared/log.ts';

const maxBytes = 5 * 1024 * 1024;

async function contentId(text: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return 'b' + Array.from(hash, (byte) => byte.toString(36).padStart(2, '0')).join('').slice(0, 58);
}

Deno.serve(async (request) => {
  const early = preflight(request);
  if (early) return early;
  if (!Deno.env.get('PINATA_JWT')) {
    log('error', 'PINATA_JWT is not set');
    return json({ error: 'Uploads are not configured' }, 500);
  }
  const text = await request.text();
  if (text.length > maxBytes) {
    log('warn', 'metadata too large', { bytes: text.length });
    return json({ error: 'Metadata must be under 5 MB' }, 413);
  }
  const cid = await contentId(text);
  log('info', 'metadata stored', { cid, bytes: text.length });
  return json({ uri: `ipfs://${cid}` }, 201);
});
