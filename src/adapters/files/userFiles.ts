import { access, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { OpsError } from '../../core/errors.ts';
import { systemCode } from './storageError.ts';

/** Reads a text file that a machine-scoped setting names. Throws `notFound`. */
export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new OpsError('notFound', { what: `${file} (${systemCode(error) ?? 'unreadable'})` }, error);
  }
}

/** An access token that lies on this machine; nothing is read before it is chosen (SAFETY 6). */
export interface TokenOnMachine {
  readonly from: string;
  readonly read: () => Promise<string>;
}

/**
 * Where the CLI keeps its token: the environment, then `$SUPABASE_HOME/access-token`. The system's keyring is not read.
 * https://supabase.com/docs/reference/cli/supabase-login
 */
export async function findTokens(environment: NodeJS.ProcessEnv): Promise<readonly TokenOnMachine[]> {
  const found: TokenOnMachine[] = [];
  const variable = environment['SUPABASE_ACCESS_TOKEN'];
  if (variable) {
    found.push({ from: 'SUPABASE_ACCESS_TOKEN', read: async () => variable });
  }
  const file = path.join(environment['SUPABASE_HOME'] ?? path.join(homedir(), '.supabase'), 'access-token');
  if (await isReadable(file)) {
    found.push({ from: file, read: async () => readText(file) });
  }
  return found;
}

async function isReadable(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch {
    return false;
  }
}
