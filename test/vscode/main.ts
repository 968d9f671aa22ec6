/** Runs a folder of these suites in VS Code: `node test/vscode/main.ts vscode[/restricted] [results.json]`, after a build. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runInCode } from '../world/inCode.ts';

const [name = 'vscode', results] = process.argv.slice(2);
const folder = await mkdtemp(path.join(tmpdir(), 'opsbook-workspace-'));
try {
  const passed = await runInCode({
    suites: path.relative('vscode', name),
    trusted: name !== 'vscode/restricted',
    folder,
    ...(results === undefined ? {} : { results: path.resolve(results) }),
  });
  process.exitCode = passed ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
