import { json, preflight } from '../_shared/cors.ts';
import { log } from '../_shared/log.ts';
import { allowed } from '../_shared/rate-limit.ts';

const encoder = new TextEncoder();

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** A token of one hour for a wallet that proved itself, signed with the project's own secret. */
async function tokenFor(wallet: string, secret: string): Promise<string> {
  const head = base64url(encoder.encode(JSON.stringify({ alg: 'HS256', typ: 'JWT' })));
  const claims = { sub: wallet, role: 'authenticated', exp: Math.floor(Date.now() / 1000) + 3600 };
  const body = base64url(encoder.encode(JSON.stringify(claims)));
  const key = await crypto.subtle.importKey('raw', encoder.encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const signature = await crypto.subtle.sign('HMAC', key, encoder.encode(`${head}.${body}`));
  return `${head}.${body}.${base64url(new Uint8Array(signature))}`;
}

Deno.serve(async (request) => {
  const early = preflight(request);
  if (early) return early;
  const who = request.headers.get('x-forwarded-for') ?? 'unknown';
  if (!allowed(who, 30)) {
    log('warn', 'Sign-in failed: too many tries', { who });
    return json({ error: 'Too many requests' }, 429);
  }
  const secret = Deno.env.get('JWT_SECRET');
  if (!secret) {
    log('error', 'JWT_SECRET is not set');
    return json({ error: 'Sign-in is not configured' }, 500);
  }
  const { wallet, signature } = await request.json().catch(() => ({}));
  if (typeof wallet !== 'string' || typeof signature !== 'string' || signature.length < 64) {
    log('warn', 'Sign-in failed: wallet signature missing or too short');
    return json({ error: 'Invalid wallet signature' }, 401);
  }
  return json({ token: await tokenFor(wallet, secret) });
});
