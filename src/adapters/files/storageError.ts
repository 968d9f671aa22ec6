import { OpsError } from '../../core/errors.ts';

/** The system's code of a failed file operation, such as `ENOENT`. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Runs an operation on Opsbook's own files; a disk that is full, read-only or closed to us throws `storageFailed`. */
export async function inStorage<T>(path: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    const reason = systemCode(error);
    throw reason === undefined ? error : new OpsError('storageFailed', { path, reason }, error);
  }
}
