import { json, preflight } from '../_shared/cors.ts';
import { insert } from '../_shared/db.ts';
import { log } from '../_shared/log.ts';
import { isWallet } from '../_shared/wallet.ts';

interface MintRequest {
  name: string;
  symbol: string;
  creator_wallet: string;
}

function isMintRequest(value: unknown): value is MintRequest {
  const { name, symbol, creator_wallet } = (value ?? {}) as Partial<MintRequest>;
  return typeof name === 'string' && typeof symbol === 'string' && /^[A-Z0-9]{2,10}$/.test(symbol) && isWallet(creator_wallet);
}

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
  const wanted: unknown = await request.json().catch(() => undefined);
  if (!isMintRequest(wanted)) {
    log('warn', 'mint refused: name, symbol or wallet is not valid');
    return json({ error: 'name, symbol (2-10 capitals) and creator_wallet are needed' }, 422);
  }
  const address = await mintAddress(wanted.creator_wallet, wanted.symbol);
  const saved = await insert('tokens', { ...wanted, mint_address: address });
  log('info', 'token minted', { symbol: wanted.symbol, address, saved });
  return json({ mint_address: address, saved }, 201);
});
