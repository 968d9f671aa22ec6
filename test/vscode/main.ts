/**
 * Runs a folder of these suites in VS Code: `node test/vscode/main.ts vscode[/restricted|/fresh] [results.json]`, after a build.
 *
 *   vscode              a trusted window on the scenario, connected
 *   vscode/restricted   the scenario in Restricted Mode, signed out; git and the CLI are programs that note that they were run
 *   vscode/fresh        an empty folder, signed out; nothing may be asked of the service
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startPostgres } from '../sandbox/postgres.ts';
import { startSandbox } from '../sandbox/sandbox.ts';
import { connectionTo } from '../world/connection.ts';
import { runInCode } from '../world/inCode.ts';
import type { SandboxFacts } from './sandbox.ts';

const [name = 'vscode', results] = process.argv.slice(2);
stopInOrderOnSignal();
const folder = await mkdtemp(path.join(tmpdir(), 'opsbook-suite-'));
// The database of a local stack, as the CLI would start one for the folder.
const localDatabase = name === 'vscode' ? await startPostgres({ password: 'postgres', tls: 'accepted', sql: ['create table public.tokens (id bigint primary key, symbol text, created_at timestamptz); alter table public.tokens owner to postgres'] }) : undefined;
// The suites do in a minute what takes a person an hour; the rate limit has tests of its own.
const sandbox = await startSandbox(name === 'vscode/fresh' ? { postgres: false, logs: false, runtime: false, gateway: false } : { budgets: { standard: 1200, logs: 300 } });
try {
  const { apiUrl, gatewayUrl, token, ref, databaseUrl, workspace } = sandbox;
  const executions = path.join(folder, 'executed');
  const facts: SandboxFacts = { apiUrl, gatewayUrl, token, ref, databaseUrl, workspace, executions, localPort: localDatabase?.port };
  const { environment, machineSettings } = connectionTo(sandbox);
  const spies = name === 'vscode/restricted' ? { 'opsbook.gitPath': await spy('git', executions), 'opsbook.cliPath': await spy('supabase', executions) } : {};
  const passed = await runInCode({
    suites: path.relative('vscode', name),
    trusted: name !== 'vscode/restricted',
    folder: name === 'vscode/fresh' ? folder : workspace,
    environment: { ...(name === 'vscode' ? environment : {}), OPSBOOK_SANDBOX: JSON.stringify(facts) },
    machineSettings: { ...machineSettings, ...spies },
    ...(results === undefined ? {} : { results: path.resolve(results) }),
  });
  // Every command there is has been run in that window.
  const asked = name === 'vscode/fresh' ? sandbox.exchanges.map(({ call }) => `${call.method} ${call.path}`) : [];
  if (asked.length > 0) {
    console.error(`The service was asked although nobody had signed in: ${asked.join(', ')}`);
  }
  process.exitCode = passed && asked.length === 0 ? 0 : 1;
} finally {
  await sandbox.stop();
  await localDatabase?.stop();
  await rm(folder, { recursive: true, force: true });
}

/** A program that notes that it was run, and does nothing. */
async function spy(program: string, executions: string): Promise<string> {
  const file = path.join(folder, program);
  await writeFile(file, `#!/bin/sh\necho ${program} "$@" >>'${executions}'\n`, { mode: 0o755 });
  return file;
}

/** `runTests` passes an interrupt on to VS Code, whose end is then ours; the sandbox is stopped on that way. */
function stopInOrderOnSignal(): void {
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => process.kill(process.pid, 'SIGINT'));
  }
}
