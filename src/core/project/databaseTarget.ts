/** Where a database is and who asks for it. */
import { OpsError } from '../errors.ts';

export interface DatabaseTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** For the user and for errors: never the password. */
export function formatAddress({ user, host, port }: DatabaseTarget): string {
  return `${user}@${formatHost({ host, port })}`;
}

export function formatHost({ host, port }: Pick<DatabaseTarget, 'host' | 'port'>): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/**
 * Reads `postgresql://user:password@host:5432/database`, as the dashboard gives it and as people complete it: a password may hold
 * `#`, `/`, `?`, `@` and `%` as they are, or percent-encoded. What follows a `?` (`sslmode`, `pgbouncer`) is ignored: TLS is not the
 * text's to decide (SAFETY 8). Throws `badConfig`, whose words hold nothing of the text, and `placeholdersLeft` for `[YOUR-PASSWORD]`.
 */
export function parseConnectionString(text: string): DatabaseTarget {
  const trimmed = text.trim();
  const scheme = ['postgresql://', 'postgres://'].find((start) => trimmed.toLowerCase().startsWith(start));
  if (scheme === undefined) {
    throw refuse('it does not begin with postgresql://');
  }
  const rest = trimmed.slice(scheme.length);
  const at = rest.lastIndexOf('@');
  if (at === -1) {
    throw refuse('it names no user');
  }
  const [user, password] = cut(rest.slice(0, at), ':');
  if (password.startsWith('[') && password.endsWith(']')) {
    throw new OpsError('placeholdersLeft', { names: [password] });
  }
  const [server, path] = cut(rest.slice(at + 1), '/');
  const [database] = cut(path, '?');
  return { ...hostAndPort(cut(server, '?')[0]), user: decode(user), password: decode(password), database: decode(database) || 'postgres' };
}

/** The hosted project whose database it is, where the address says so: `db.<ref>.…`, or `user.<ref>` at the shared pooler. */
export function projectOf({ host, user }: DatabaseTarget): string | undefined {
  return /^db\.([a-z]{20})\./.exec(host)?.[1] ?? /\.([a-z]{20})$/.exec(user)?.[1];
}

/** What {@link parseConnectionString} reads back as the same target. */
export function formatConnectionString({ user, password, host, port, database }: DatabaseTarget): string {
  const [name, word, base] = [user, password, database].map(encodeURIComponent);
  return `postgresql://${name}:${word}@${formatHost({ host, port })}/${base}`;
}

function hostAndPort(server: string): { host: string; port: number } {
  const bracket = server.startsWith('[') ? server.indexOf(']') : -1;
  const host = bracket === -1 ? cut(server, ':')[0] : server.slice(1, bracket);
  const port = bracket === -1 ? cut(server, ':')[1] : server.slice(bracket + 2);
  const number = port === '' ? 5432 : Number(port);
  if (host === '' || host.includes(',')) {
    throw refuse('it names no single host');
  }
  if (!Number.isInteger(number) || number < 1 || number > 65_535) {
    throw refuse('its port is no number from 1 to 65535');
  }
  return { host, port: number };
}

/** Before and behind the first mark; the second is empty without one. */
function cut(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function refuse(problem: string): OpsError {
  return new OpsError('badConfig', { file: 'database connection string', problem });
}
