/** What the suites know of the sandbox that runs beside VS Code. */
export interface SandboxFacts {
  apiUrl: string;
  gatewayUrl: string;
  token: string;
  ref: string;
  databaseUrl: string | undefined;
  /** The folder that the window has open. */
  workspace: string;
}

export const sandbox = JSON.parse(process.env['OPSBOOK_SANDBOX'] ?? '{}') as SandboxFacts;
