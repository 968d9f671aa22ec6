/** The project's function secrets. `OPENAI_API_KEY` and `KEYWORD_FEED_URL` are read by code and set nowhere. */
import { createHash } from 'node:crypto';
import type { Scenario } from '../types.ts';

/** Name, age in days, and the value where it is no opaque key. `TWILIO_AUTH_TOKEN` is read by nothing. */
const known: readonly { name: string; age: number; value?: string }[] = [
  { name: 'ALERT_EMAIL', age: 210, value: 'oncall@acme.test' },
  { name: 'CIRCLE_API_KEY', age: 88 },
  { name: 'CIRCLE_WEBHOOK_SECRET', age: 88 },
  { name: 'JWT_SECRET', age: 97 },
  { name: 'PINATA_JWT', age: 400 },
  { name: 'RESEND_API_KEY', age: 3 },
  { name: 'SOLANA_PRIVATE_KEY', age: 312 },
  { name: 'SOLANA_RPC_URL', age: 46, value: `https://rpc.acme.test/?api-key=${opaque('SOLANA_RPC_URL')}` },
  { name: 'TWILIO_AUTH_TOKEN', age: 390 },
];

/** Secrets as they stand at `now` (epoch ms). Values are made, never real, and the same every time. */
export function secrets(now: number): Scenario['secrets'] {
  return known.map(({ name, age, value }) => ({
    name,
    value: value ?? opaque(name),
    updated_at: new Date(now - age * 86_400_000).toISOString(),
  }));
}

/** 43 signs that look like a key and give the same ones for the same name. */
function opaque(name: string): string {
  return createHash('sha256').update(`acme scenario ${name}`).digest('base64url');
}
