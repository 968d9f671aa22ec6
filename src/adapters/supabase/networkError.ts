import { OpsError } from '../../core/errors.ts';

/** OpenSSL's verdicts as Node names them: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const tlsCodes = /^(ERR_TLS_|ERR_SSL_|EPROTO$|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA$|HOSTNAME_MISMATCH$)/;

/** The connection was there and broke, as the system, Node's streams or undici say it. */
const brokenCodes: readonly string[] = ['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'UND_ERR_SOCKET', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'];

/** The system's or undici's code at the bottom of an error's causes. */
export function networkCode(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') {
      return at.code;
    }
  }
  return undefined;
}

/** What kept a request from being sent or its head from coming. */
export function toNetworkError(error: unknown, host: string): OpsError {
  const code = networkCode(error);
  if (code !== undefined && tlsCodes.test(code)) {
    return new OpsError('tlsRefused', { host, reason: code }, error);
  }
  return new OpsError('unreachable', { host, reason: code ?? (error instanceof Error ? error.name : 'unknown') }, error);
}

/** Whether a read is worth another try. */
export function isBrokenConnection(error: unknown): boolean {
  return brokenCodes.includes(networkCode(error) ?? '');
}
