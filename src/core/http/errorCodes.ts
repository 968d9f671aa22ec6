import { l10n } from '../../util/l10n.ts';

export interface Explanation {
  readonly cause: string;
  readonly advice: string;
}

/**
 * What the platform's `sb-error-code` means; `undefined` without a code of the platform's.
 * https://supabase.com/docs/guides/functions/error-codes
 */
export function explainErrorCode(code: string | undefined): Explanation | undefined {
  if (code === undefined || code === '') {
    return undefined;
  }
  return runtimeCode(code) ?? authorizationCode(code) ?? loadingCode(code) ?? { cause: l10n.t('The platform answered with the code {0}.', code), advice: l10n.t('Its meaning is not known here; see the list of error codes in the documentation.') };
}

function runtimeCode(code: string): Explanation | undefined {
  const readLog = l10n.t('Read the log of this execution.');
  switch (code) {
    case 'EDGE_FUNCTION_ERROR':
      return { cause: l10n.t('The function itself answered with this status, or threw while it handled the request.'), advice: readLog };
    case 'WORKER_ERROR':
      return { cause: l10n.t('The function threw outside of its request handler and its worker ended.'), advice: readLog };
    case 'WORKER_LIMIT':
    case 'WORKER_RESOURCE_LIMIT':
      return { cause: l10n.t('The platform stopped the function: it took more memory or CPU time than it may.'), advice: l10n.t('The log says which limit it was. Do less per request, or hand the work to a queue.') };
    case 'IDLE_TIMEOUT':
      return { cause: l10n.t('The function did not answer in time.'), advice: l10n.t('Look for slow queries and calls to others without a limit of their own.') };
    case 'INVALID_RESPONSE_STATUS_CODE':
      return { cause: l10n.t('The function answered with a status that HTTP does not know.'), advice: l10n.t('Where it passes on the answer of another service, make a new Response of it.') };
    case 'RATE_LIMIT_EXCEEDED':
      return { cause: l10n.t('Functions call each other too often: the platform slows them down.'), advice: l10n.t('Wait as long as the message says; call in batches or through a queue.') };
    case 'INVALID_URL':
      return { cause: l10n.t('The platform could not read the address.'), advice: l10n.t('Check the path and the query.') };
    default:
      return undefined;
  }
}

function authorizationCode(code: string): Explanation | undefined {
  const role = l10n.t('Choose another role for the request, or switch verify_jwt off if the function checks its callers itself.');
  switch (code) {
    case 'UNAUTHORIZED_NO_AUTH_HEADER':
      return { cause: l10n.t('The function asks for a JWT (verify_jwt), and none was sent.'), advice: role };
    case 'UNAUTHORIZED_INVALID_JWT_FORMAT':
      return { cause: l10n.t('The function asks for a JWT (verify_jwt), and what was sent is none: the new keys are not.'), advice: role };
    case 'UNAUTHORIZED_LEGACY_JWT':
      return { cause: l10n.t('The JWT is not valid: expired, of another project, or signed with a legacy secret that was revoked.'), advice: l10n.t('Paste a fresh one.') };
    case 'UNAUTHORIZED_ASYMMETRIC_JWT':
      return { cause: l10n.t('The JWT is not valid: expired, of another project, or signed with a key that was revoked.'), advice: l10n.t('Paste a fresh one.') };
    case 'UNAUTHORIZED_UNSUPPORTED_TOKEN_ALGORITHM':
      return { cause: l10n.t('The JWT is signed in a way that the platform does not know.'), advice: l10n.t('Send a JWT that Supabase Auth issued.') };
    default:
      return code.startsWith('UNAUTHORIZED_') ? { cause: l10n.t('The platform did not let the request in ({0}).', code), advice: role } : undefined;
  }
}

function loadingCode(code: string): Explanation | undefined {
  const again = l10n.t('Try again in a minute; if it stays, ask Supabase’s support.');
  switch (code) {
    case 'NOT_FOUND':
      return { cause: l10n.t('There is no such function here, or it has not reached this region yet.'), advice: l10n.t('Check the name; deploy it, or wait a few minutes after a deploy.') };
    case 'NOT_FOUND_FUNCTION_BLOB':
      return { cause: l10n.t('The function is listed and its bundle is missing: two deploys crossed each other.'), advice: l10n.t('Deploy it again, one deploy at a time.') };
    case 'BOOT_ERROR':
      return { cause: l10n.t('The function could not be started: a syntax error, an import that fails, or a wrong configuration.'), advice: l10n.t('The log of the start says why. Roll back, or deploy a repaired version.') };
    case 'LOAD_FUNCTION_UNBUNDLING_ERROR':
    case 'LOAD_FUNCTION_INVALID_ENTRYPOINT_PATH_ERROR':
      return { cause: l10n.t('What was deployed cannot be loaded: the bundle or its entrypoint is broken.'), advice: l10n.t('Deploy it again.') };
    default:
      return code.startsWith('LOAD_FUNCTION_') ? { cause: l10n.t('The platform could not load the function ({0}).', code), advice: again } : undefined;
  }
}

/** What a status of a function means when no code came with it. https://supabase.com/docs/guides/functions/status-codes */
export function explainStatus(status: number): Explanation | undefined {
  const codes: Readonly<Record<number, string>> = { 504: 'IDLE_TIMEOUT', 546: 'WORKER_LIMIT' };
  switch (status) {
    case 401:
      return { cause: l10n.t('The request was not let in: by the platform, which asks for a JWT (verify_jwt), or by the function itself.'), advice: l10n.t('Choose another role for the request, or read the log of the function.') };
    case 405:
      return { cause: l10n.t('Functions answer GET, POST, PUT, PATCH, DELETE and OPTIONS; or the function takes other methods than this one.'), advice: l10n.t('Change the method.') };
    default:
      return explainErrorCode(codes[status]);
  }
}
