/** What `pg` throws, as the error it means. Neither text holds a credential: Postgres names users and databases, never passwords. */
import { isOpsError, OpsError, type ErrorFacts } from '../../core/errors.ts';
import { networkCode, toNetworkError } from '../supabase/networkError.ts';

/** An error response of the server: https://www.postgresql.org/docs/current/protocol-error-fields.html */
export interface ServerError extends Error {
  readonly code: string;
  readonly severity: string;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  /** Counts characters from 1. */
  readonly position?: string | undefined;
}

export function isServerError(error: unknown): error is ServerError {
  return error instanceof Error && 'severity' in error && 'code' in error && typeof error.code === 'string' && error.code.length === 5;
}

/** The words of `pg` for a server that answers `N` to the request for TLS; it has no code for them. */
const withoutTls = 'The server does not support SSL connections';

/** A connection that did not come about. */
export function toConnectFailure(error: unknown, host: string): OpsError {
  if (isServerError(error)) {
    return new OpsError('databaseRefused', { host, message: error.message, sqlState: error.code }, error);
  }
  if (error instanceof Error && error.message === withoutTls) {
    return new OpsError('tlsRefused', { host, reason: 'the server offers no TLS' }, error);
  }
  if (networkCode(error) !== undefined) {
    return toNetworkError(error, host);
  }
  return new OpsError('databaseRefused', { host, message: error instanceof Error ? error.message : String(error) }, error);
}

/** A statement that failed on a connection that stood. */
export function toStatementFailure(error: unknown, host: string): OpsError {
  if (isOpsError(error)) {
    return error;
  }
  if (!isServerError(error) || endsConnection(error)) {
    return new OpsError('connectionLost', { host }, error);
  }
  return new OpsError('queryFailed', queryFacts(error), error);
}

function queryFacts({ code, message, detail, hint, position }: ServerError): ErrorFacts['queryFailed'] {
  return {
    sqlState: code,
    message,
    ...(detail === undefined ? {} : { detail }),
    ...(hint === undefined ? {} : { hint }),
    ...(position === undefined ? {} : { position: Number(position) }),
  };
}

/**
 * Shutdown, crash and timeouts of the session end it. Not class 08: an error of that class is one of a connection that the server itself
 * wanted to another (foreign tables, dblink), and ours stands. https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
function endsConnection({ code, severity }: ServerError): boolean {
  return severity === 'FATAL' || severity === 'PANIC' || code.startsWith('57P');
}
