/**
 * What a program needs of the machine to run at all, and nothing that steers it: no proxies, no tokens, no `NODE_OPTIONS`, no
 * `GIT_*`, no `SUPABASE_*` (SAFETY 1). `PATH` is set by the caller, cleaned.
 */
const machineVariables = ['TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'SystemDrive', 'windir', 'ComSpec', 'PATHEXT', 'PROCESSOR_ARCHITECTURE'];

/** Where the user's own settings lie; only for programs that should read them. */
export const homeVariables = ['HOME', 'USERPROFILE', 'HOMEDRIVE', 'HOMEPATH', 'APPDATA', 'LOCALAPPDATA', 'XDG_CONFIG_HOME'];

export type Environment = Readonly<Record<string, string>>;

/** The named variables of `source` that are set, those of the machine always. */
export function allowedEnvironment(source: NodeJS.ProcessEnv, names: readonly string[] = []): Environment {
  const allowed: Record<string, string> = {};
  for (const name of [...machineVariables, ...names]) {
    const value = source[name];
    if (value !== undefined) {
      allowed[name] = value;
    }
  }
  return allowed;
}
