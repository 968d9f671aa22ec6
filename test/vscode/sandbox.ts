/** What the suites know of the sandbox that runs beside VS Code. */
export interface SandboxFacts {
  apiUrl: string;
  gatewayUrl: string;
  token: string;
  ref: string;
  databaseUrl: string | undefined;
  /** Where the database of a local stack listens, whose password is the one that the CLI gives it. */
  localPort: number | undefined;
  /** The scenario's folder. */
  workspace: string;
  /** In Restricted Mode: the file in which git and the CLI note that they were run; absent as long as neither was. */
  executions: string;
}

export const sandbox = JSON.parse(process.env['OPSBOOK_SANDBOX'] ?? '{}') as SandboxFacts;
