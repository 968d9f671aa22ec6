const encoder = new TextEncoder();

function keyOf(secret: string): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', encoder.encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
}

function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** Whether `header` (`v1=<hex>`) signs `body`; compared by the runtime in constant time. */
export async function signedBy(secret: string, header: string | null, body: string): Promise<boolean> {
  const hex = /^v1=([0-9a-f]{64})$/.exec(header ?? '')?.[1];
  return hex !== undefined && secret !== ''
    && await crypto.subtle.verify('HMAC', await keyOf(secret), bytesOf(hex), encoder.encode(body));
}
