/** What a JSON Web Token says of itself; nothing is verified. */
export interface JwtClaims {
  readonly role?: string;
  /** Epoch milliseconds. */
  readonly expires?: number;
}

/** `undefined` for what is no JWT. */
export function readJwt(token: string): JwtClaims | undefined {
  const parts = token.split('.');
  const [, payload = ''] = parts;
  if (parts.length !== 3 || !/^[\w-]+$/.test(payload)) {
    return undefined;
  }
  try {
    const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof claims === 'object' && claims !== null ? toClaims(claims) : undefined;
  } catch {
    return undefined;
  }
}

function toClaims(claims: object): JwtClaims {
  const role = 'role' in claims && typeof claims.role === 'string' ? { role: claims.role } : {};
  const expires = 'exp' in claims && typeof claims.exp === 'number' ? { expires: claims.exp * 1000 } : {};
  return { ...role, ...expires };
}
