/** `npm test`: every suite there is, one after another; ends with `N passed, N failed` and exit code 1 if any failed. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { listFiles, root } from './build.ts';
import { startChild, stopChildren } from './world/children.ts';
import { provisionAll } from './world/provision.ts';
import { provisionBrowser } from './world/browser.ts';
import { readResults, tell, tellAll, type Outcome } from './world/results.ts';

interface Suite {
  name: string;
  /** Arguments for Node, one list per command. With `results` mocha's JSON comes to lie there, else all count as one test. */
  commands: string[][];
  results?: string;
}

/** A suite that takes longer hangs. */
const limit = 15 * 60_000;

async function main(folder: string): Promise<Outcome[]> {
  await provisionAll(console.log);
  await provisionBrowser(console.log);
  const cheap = await Promise.all([lint, types].map((suite) => runSuite(suite)));
  const outcomes = [...cheap, await runSuite(bundles)];
  for (const suite of await findSuites(folder)) {
    if (interrupted) {
      break;
    }
    outcomes.push(await runTwiceAtMost(suite));
  }
  return interrupted ? outcomes : [...outcomes, await nothingForgotten()];
}

const tool = (file: string): string => path.join(root, 'node_modules', file);

const lint: Suite = {
  name: 'lint',
  commands: [[tool('eslint/bin/eslint.js'), '-c', 'test/eslint.config.mjs', '--max-warnings', '0', 'src', 'media', 'test']],
};
const types: Suite = {
  name: 'types',
  commands: ['tsconfig.json', 'media/tsconfig.json']
    .filter((file) => existsSync(path.join(root, file)))
    .map((file) => [tool('typescript/bin/tsc'), '--noEmit', '-p', file]),
};
const bundles: Suite = { name: 'package', commands: [['test/package.ts']] };

const names = ['unit', 'sandbox', 'contract', 'sql', 'diagnostics', 'cli', 'safety', 'vscode', 'vscode/restricted', 'vscode/fresh', 'e2e'] as const;

/** Of a suite; those in VS Code lie flat. */
async function filesOf(name: (typeof names)[number]): Promise<string[]> {
  return listFiles(root, [`test/${name}/${name.startsWith('vscode') ? '' : '**/'}*.test.ts`]);
}

/** Those in VS Code come from `dist/test`, which the package step has built. A suite whose files are gone fails: it holds no test. */
async function findSuites(folder: string): Promise<Suite[]> {
  return Promise.all(names.map(async (name): Promise<Suite> => {
    const results = path.join(folder, `${name.replace('/', '-')}.json`);
    const command = name.startsWith('vscode') ? ['test/vscode/main.ts', name, results] : mocha(await filesOf(name), results);
    return { name, commands: [command], results };
  }));
}

/** A test in a folder that no suite looks into would never fail. */
async function nothingForgotten(): Promise<Outcome> {
  const run = new Set((await Promise.all(names.map(filesOf))).flat());
  const forgotten = (await listFiles(root, ['test/**/*.test.ts'])).filter((file) => !run.has(file) && !file.includes('/scenario/workspace/'));
  return { suite: 'every test file', passed: forgotten.length === 0 ? 1 : 0, failures: forgotten.map((title) => ({ title, text: 'It belongs to no suite of test/run.ts.' })), skipped: [] };
}

function mocha(files: string[], results: string): string[] {
  const report = ['--reporter', 'json', '--reporter-option', `output=${results}`, '--forbid-only'];
  return [tool('mocha/bin/mocha.js'), '--config', 'test/mocha.json', ...report, ...files];
}

/** Suites in which a real window is clicked: a machine in trouble can be too slow for them once. */
const inWindows = ['vscode', 'vscode/restricted', 'vscode/fresh', 'e2e'];

/** What failed in a window is tried once more: a fault fails twice. The first failure stays in the output, and the last lines point to it. */
async function runTwiceAtMost(suite: Suite): Promise<Outcome> {
  const outcome = await runSuite(suite);
  if (outcome.failures.length === 0 || !inWindows.includes(suite.name) || interrupted) {
    return outcome;
  }
  console.log(`${suite.name}: once more`);
  return { ...(await runSuite(suite)), again: true };
}

async function runSuite({ name, commands, results }: Suite): Promise<Outcome> {
  const start = performance.now();
  let output = '';
  let succeeded = true;
  for (const command of commands) {
    const child = startChild([process.execPath, ...command], { cwd: root, environment: process.env });
    const timer = setTimeout(() => void child.stop(), limit);
    succeeded = (await child.exit) === 0 && succeeded;
    clearTimeout(timer);
    output += child.output();
  }
  const outcome = await judge(name, results, succeeded, output);
  console.log(tell(outcome, (performance.now() - start) / 1000));
  return outcome;
}

/** A suite that ended badly though no test of it failed has itself failed; what it printed tells why. */
async function judge(suite: string, results: string | undefined, succeeded: boolean, output: string): Promise<Outcome> {
  if (results === undefined || !existsSync(results)) {
    return succeeded && results === undefined
      ? { suite, passed: 1, failures: [], skipped: [] }
      : { suite, passed: 0, failures: [{ title: suite, text: output.trim() }], skipped: [] };
  }
  const outcome = await readResults(suite, results);
  if (!succeeded && outcome.failures.length === 0) {
    outcome.failures.push({ title: `${suite} ended badly`, text: output.trim() });
  }
  return outcome;
}

let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    interrupted = true;
    void stopChildren();
  });
}
const folder = await mkdtemp(path.join(tmpdir(), 'opsbook-results-'));
try {
  const outcomes = await main(folder);
  console.log(`\n${tellAll(outcomes)}`);
  process.exitCode = interrupted ? 130 : outcomes.some(({ failures }) => failures.length > 0) ? 1 : 0;
} finally {
  await rm(folder, { recursive: true, force: true });
}
