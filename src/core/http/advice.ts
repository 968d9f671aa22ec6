import { l10n } from '../../util/l10n.ts';

/**
 * What to do about a failed call of a function, beside what it means (`functions/statusWords.ts`); `undefined` where nothing but the
 * answer itself helps. https://supabase.com/docs/guides/functions/error-codes
 */
export function adviceOn(status: number, code: string | undefined): string | undefined {
  switch (code ?? '') {
    case '':
      return adviceOnStatus(status);
    case 'EDGE_FUNCTION_ERROR':
    case 'WORKER_ERROR':
      return l10n.t('Read the log below.');
    case 'BOOT_ERROR':
      return l10n.t('The log of the start says why. Roll back, or deploy a repaired version.');
    case 'WORKER_LIMIT':
    case 'WORKER_RESOURCE_LIMIT':
      return l10n.t('The log says which limit it was. Do less per request, or hand the work to a queue.');
    case 'IDLE_TIMEOUT':
      return l10n.t('Look for slow queries, and for calls to others that have no limit of their own.');
    case 'INVALID_RESPONSE_STATUS_CODE':
      return l10n.t('Where it passes on the answer of another service, make a new Response of it.');
    case 'RATE_LIMIT_EXCEEDED':
      return l10n.t('Functions may not call each other that often: wait as long as the message says, and call in batches.');
    case 'NOT_FOUND':
      return l10n.t('Check the name; deploy it, or wait a few minutes after a deploy until every region has it.');
    case 'UNAUTHORIZED_LEGACY_JWT':
    case 'UNAUTHORIZED_ASYMMETRIC_JWT':
      return l10n.t('The JWT has expired, is of another project, or its key was revoked: paste a fresh one.');
    default:
      return adviceOnFamily(code ?? '');
  }
}

function adviceOnFamily(code: string): string | undefined {
  if (code.startsWith('UNAUTHORIZED_')) {
    return l10n.t('Choose another role for the request. The new keys (sb_…) are no JWTs; the legacy anon key is one. Or switch verify_jwt off, if the function checks its callers itself.');
  }
  if (code === 'NOT_FOUND_FUNCTION_BLOB' || code === 'LOAD_FUNCTION_UNBUNDLING_ERROR' || code === 'LOAD_FUNCTION_INVALID_ENTRYPOINT_PATH_ERROR') {
    return l10n.t('Deploy it again, one deploy at a time.');
  }
  return code.startsWith('LOAD_FUNCTION_') ? l10n.t('Try again in a minute; if it stays, ask Supabase’s support.') : undefined;
}

/** Without a code the function may have answered so itself. https://supabase.com/docs/guides/functions/status-codes */
function adviceOnStatus(status: number): string | undefined {
  switch (status) {
    case 401:
      return l10n.t('Choose another role for the request, or read the log of the function, which may refuse it itself.');
    case 405:
      return l10n.t('Functions answer GET, POST, PUT, PATCH, DELETE and OPTIONS; this one may take fewer.');
    case 546:
      return adviceOn(status, 'WORKER_LIMIT');
    default:
      return undefined;
  }
}
