/**
 * Credentials by their shape: JWTs, keys and tokens of Supabase (`sb_secret_…`, `sbp_…`), keys of Stripe, OpenAI and Clerk
 * (`sk_…`, `sk-…`), webhook secrets, and the password of a URL. What remains tells which kind it was.
 */
const shapes: readonly { readonly pattern: RegExp; readonly keep: string }[] = [
  { pattern: /\beyJ[\w-]{6,}\.[\w-]{6,}(?:\.[\w-]*)?/g, keep: 'eyJ…' },
  { pattern: /\bsb_secret_[\w-]+/g, keep: 'sb_secret_…' },
  { pattern: /\bsbp_\w+/g, keep: 'sbp_…' },
  { pattern: /\bsk_\w{6,}/g, keep: 'sk_…' },
  { pattern: /\bsk-[\w-]{16,}/g, keep: 'sk-…' },
  { pattern: /\bwhsec_[\w+/=-]+/g, keep: 'whsec_…' },
];

const urlPassword = /\b([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s/@]+@/gi;

/** The text with everything that looks like a credential cut down to its kind (SAFETY 20). */
export function maskSecrets(text: string): string {
  const masked = shapes.reduce((rest, { pattern, keep }) => rest.replace(pattern, keep), text);
  return masked.replace(urlPassword, '$1:…@');
}
