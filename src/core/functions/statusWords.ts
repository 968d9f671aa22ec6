import { l10n } from '../../util/l10n.ts';

/**
 * What the platform's own failures of a call mean, by the code in the answer's header `sb-error-code`:
 * https://supabase.com/docs/guides/functions/error-codes
 */
function wordsOfCode(code: string): string | undefined {
  switch (code) {
    case 'BOOT_ERROR':
    case 'WORKER_BOOT_ERROR':
      return l10n.t('the function did not start: a syntax error, a missing import or an exception at the top level');
    case 'IDLE_TIMEOUT':
    case 'GATEWAY_TIMEOUT':
      return l10n.t('no answer within the time limit (150 s without a byte)');
    case 'WORKER_LIMIT':
    case 'WORKER_RESOURCE_LIMIT':
      return l10n.t('the worker was ended: out of memory, CPU time or wall-clock time');
    case 'WORKER_ERROR':
      return l10n.t('the function threw an exception that it did not catch');
    case 'EDGE_FUNCTION_ERROR':
      return l10n.t('the function answered so itself, or threw an exception that it did not catch');
    case 'INVALID_RESPONSE_STATUS_CODE':
      return l10n.t('the function answered with a status that HTTP does not have');
    case 'RATE_LIMIT_EXCEEDED':
      return l10n.t('too many requests in a short time');
    case 'NOT_FOUND':
      return l10n.t('no function has this name, or it was removed');
    case 'NOT_FOUND_FUNCTION_BLOB':
      return l10n.t('the deployed code cannot be found: a deploy was interrupted or overtaken by another; deploy again');
    default:
      if (code.startsWith('UNAUTHORIZED')) {
        return l10n.t('no valid JWT in the Authorization header, and the function asks for one');
      }
      return code.startsWith('LOAD_FUNCTION') ? l10n.t('the platform could not load the deployed code') : undefined;
  }
}

/** Statuses that the platform itself gives; any other is the function's own. */
function codeOfStatus(status: number): string | undefined {
  switch (status) {
    case 503:
      return 'BOOT_ERROR';
    case 504:
      return 'IDLE_TIMEOUT';
    case 546:
      return 'WORKER_LIMIT';
    default:
      return undefined;
  }
}

/**
 * A failed call in words, without a period; `undefined` where the status says it all. Without a code the words stand under the
 * reserve that the function may have answered so itself; 546 is the platform's alone.
 */
export function explainStatus(status: number, code?: string): string | undefined {
  if (code !== undefined && code !== '') {
    const words = wordsOfCode(code);
    return words === undefined ? code : `${code}: ${words}`;
  }
  const likely = codeOfStatus(status);
  const words = likely === undefined ? undefined : wordsOfCode(likely);
  if (status === 401) {
    return l10n.t('probably no valid JWT, if the function asks for one (verify_jwt)');
  }
  return words === undefined || status === 546 ? words : l10n.t('probably {0}', words);
}
