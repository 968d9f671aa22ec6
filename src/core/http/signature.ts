/**
 * Signatures of webhooks: a keyed hash (HMAC, RFC 2104) of the body, in a header of the sender's own format. Most senders differ in
 * the header, in what stands around the hash, and in whether a time is signed along with the body.
 */
export interface Signature {
  /** Empty as long as only details were said (`# sign-secret: …` without `# sign: …`). */
  readonly header: string;
  /** The header's value with `<hex>` or `<base64>` in the place of the hash; `{{variables}}` as everywhere. */
  readonly format: string;
  /** What is signed, with `<body>` in it. */
  readonly payload: string;
  readonly algorithm: 'sha256' | 'sha1' | 'sha512';
  /** Under which name the key is asked for and kept; empty: the header's name. */
  readonly secret: string;
  /** `base64`: the key is what the text stands for, behind `whsec_` if it begins so. */
  readonly encoding: 'text' | 'base64';
}

export const defaultSignature: Signature = { header: '', format: '<hex>', payload: '<body>', algorithm: 'sha256', secret: '', encoding: 'text' };

export function secretName({ secret, header }: Signature): string {
  return secret === '' ? header : secret;
}

/**
 * Senders whose way of signing is published, as lines of a request. A variable such as `{{$timestamp}}` has one value in the whole
 * request, so that the header and what is signed agree.
 */
export const signatureTemplates: readonly { readonly sender: string; readonly directives: readonly string[]; readonly headers: readonly string[] }[] = [
  { sender: 'Circle', directives: ['sign: circle-signature: v1=<hex>'], headers: [] },
  { sender: 'GitHub', directives: ['sign: X-Hub-Signature-256: sha256=<hex>'], headers: [] },
  { sender: 'Stripe', directives: ['sign: Stripe-Signature: t={{$timestamp}},v1=<hex>', 'sign-payload: {{$timestamp}}.<body>'], headers: [] },
  { sender: 'Shopify', directives: ['sign: X-Shopify-Hmac-Sha256: <base64>'], headers: [] },
  {
    sender: 'Slack',
    directives: ['sign: X-Slack-Signature: v0=<hex>', 'sign-payload: v0:{{$timestamp}}:<body>'],
    headers: ['X-Slack-Request-Timestamp: {{$timestamp}}'],
  },
  {
    sender: 'Standard Webhooks',
    directives: ['sign: webhook-signature: v1,<base64>', 'sign-payload: {{$uuid}}.{{$timestamp}}.<body>', 'sign-secret: webhook-signature base64'],
    headers: ['webhook-id: {{$uuid}}', 'webhook-timestamp: {{$timestamp}}'],
  },
];

/** The header's value for a body. `format` and `payload` have their variables filled in. */
export async function sign({ format, payload, algorithm, encoding }: Signature, body: string, secret: string): Promise<string> {
  const text = payload.replace('<body>', () => body);
  const hash = await hmac(algorithm, keyOf(secret, encoding), new TextEncoder().encode(text));
  return format.replace('<hex>', hex(hash)).replace('<base64>', base64(hash));
}

async function hmac(algorithm: Signature['algorithm'], key: Uint8Array<ArrayBuffer>, data: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const hash = `SHA-${algorithm.slice('sha'.length)}`;
  const imported = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash }, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, data));
}

function keyOf(secret: string, encoding: Signature['encoding']): Uint8Array<ArrayBuffer> {
  return encoding === 'text' ? new TextEncoder().encode(secret) : Uint8Array.from(atob(secret.replace(/^whsec_/, '')), (char) => char.charCodeAt(0));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
