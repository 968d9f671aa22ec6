/** A function secret as the platform lists it: never its value. */
export interface Secret {
  readonly name: string;
  /** What the API returns for `value`: a digest, SHA-256 in hex as the dashboard labels it (not verified for every project). */
  readonly digest: string;
  /** Epoch milliseconds; absent on projects that do not say. */
  readonly updatedAt?: number;
}

/** Names the platform sets itself: https://supabase.com/docs/guides/functions/secrets */
export function isReservedSecretName(name: string): boolean {
  return name.startsWith('SUPABASE_') || ['SB_REGION', 'SB_EXECUTION_ID', 'DENO_DEPLOYMENT_ID'].includes(name);
}

/** The API takes at most 256 characters of name and 24,576 of value. */
export const secretLimits = { name: 256, value: 24_576 } as const;
