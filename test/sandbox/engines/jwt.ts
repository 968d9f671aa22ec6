/** JSON web tokens as the gateway and the function runtime check them: HS256 by the project's legacy secret. */
import { createHmac, timingSafeEqual } from 'node:crypto';

export type TokenCheck =
  | { kind: 'valid'; claims: Record<string, unknown> }
  /** Not three parts of base64url JSON. */
  | { kind: 'malformed' }
  /** `legacy` is HS256, `asymmetric` ES256 or RS256, of which the sandbox's projects have no key. */
  | { kind: 'invalid'; family: 'legacy' | 'asymmetric' }
  | { kind: 'unsupported'; algorithm: string };

export function checkToken(token: string, secret: string, now: number): TokenCheck {
  const [header, payload, signature, ...more] = token.split('.');
  const algorithm = decode(header)?.['alg'];
  const claims = decode(payload);
  if (typeof algorithm !== 'string' || claims === undefined || signature === undefined || more.length > 0) {
    return { kind: 'malformed' };
  }
  if (algorithm === 'ES256' || algorithm === 'RS256') {
    return { kind: 'invalid', family: 'asymmetric' };
  }
  if (algorithm !== 'HS256') {
    return { kind: 'unsupported', algorithm };
  }
  const expected = createHmac('sha256', secret).update(`${header}.${payload}`).digest();
  const given = Buffer.from(signature, 'base64url');
  const authentic = given.length === expected.length && timingSafeEqual(given, expected);
  const expiry = claims['exp'];
  const current = expiry === undefined || (typeof expiry === 'number' && expiry * 1000 > now);
  return authentic && current ? { kind: 'valid', claims } : { kind: 'invalid', family: 'legacy' };
}

function decode(part: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
