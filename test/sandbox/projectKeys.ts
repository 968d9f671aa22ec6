/** The keys of a project: the legacy pair of JWTs, the new pair, and the secret that signs the first two. */
import { createHash, createHmac } from 'node:crypto';

export interface ProjectKeys {
  jwtSecret: string;
  /** Legacy JWT of role `anon`. */
  anon: string;
  /** Legacy JWT of role `service_role`. */
  serviceRole: string;
  publishable: string;
  secret: string;
  /** Password of the database user `postgres` where no engine says otherwise. */
  databasePassword: string;
}

/** The same ref always gets the same keys, so that a restarted sandbox fits a workspace that is already set up. */
export function createProjectKeys(ref: string): ProjectKeys {
  const jwtSecret = digest(ref, 'jwt');
  return {
    jwtSecret,
    anon: signJwt({ ref, role: 'anon' }, jwtSecret),
    serviceRole: signJwt({ ref, role: 'service_role' }, jwtSecret),
    publishable: `sb_publishable_${digest(ref, 'publishable').slice(0, 31)}`,
    secret: `sb_secret_${digest(ref, 'secret').slice(0, 31)}`,
    databasePassword: digest(ref, 'database').slice(0, 24),
  };
}

function digest(ref: string, purpose: string): string {
  return createHash('sha256').update(`${purpose}:${ref}`).digest('hex');
}

/** HS256, issued in 2024 and valid for ten years, as the dashboard makes them. */
function signJwt(claims: { ref: string; role: string }, secret: string): string {
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  const header = encode({ alg: 'HS256', typ: 'JWT' });
  const payload = encode({ iss: 'supabase', ...claims, iat: 1_704_067_200, exp: 2_019_686_400 });
  const signature = createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url');
  return `${header}.${payload}.${signature}`;
}
