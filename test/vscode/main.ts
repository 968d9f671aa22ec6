/** Runs a folder of these suites in VS Code: `node test/vscode/main.ts vscode[/restricted] [results.json]`, after a build. */
import path from 'node:path';
import { startSandbox } from '../sandbox/sandbox.ts';
import { connectionTo } from '../world/connection.ts';
import { runInCode } from '../world/inCode.ts';
import type { SandboxFacts } from './sandbox.ts';

const [name = 'vscode', results] = process.argv.slice(2);
stopInOrderOnSignal();
const sandbox = await startSandbox();
try {
  const { apiUrl, gatewayUrl, token, ref, databaseUrl, workspace } = sandbox;
  const facts: SandboxFacts = { apiUrl, gatewayUrl, token, ref, databaseUrl, workspace };
  const { environment, machineSettings } = connectionTo(sandbox);
  const passed = await runInCode({
    suites: path.relative('vscode', name),
    trusted: name !== 'vscode/restricted',
    folder: workspace,
    environment: { ...environment, OPSBOOK_SANDBOX: JSON.stringify(facts) },
    machineSettings,
    ...(results === undefined ? {} : { results: path.resolve(results) }),
  });
  process.exitCode = passed ? 0 : 1;
} finally {
  await sandbox.stop();
}

/** `runTests` passes an interrupt on to VS Code, whose end is then ours; the sandbox is stopped on that way. */
function stopInOrderOnSignal(): void {
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => process.kill(process.pid, 'SIGINT'));
  }
}
