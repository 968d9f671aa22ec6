import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { loadContract, watchContract, type Watch } from '../contract/contract.ts';
import { startControlPlane, type Sandbox } from '../sandbox/controlPlane.ts';
import { createSmallScenario } from '../sandbox/smallScenario.ts';
import type { ProjectState } from '../sandbox/state.ts';
import type { DeployedFunction, LogEngine, PostgresEngine } from '../sandbox/types.ts';
import { openCli, type CliMajor, type CliRun, type RunOptions, type SupabaseCli } from './supabaseCli.ts';

/** A sandbox, a CLI and the trees that it works in; everything it says and hears is held against the contract. */
export class Suite {
  readonly #major: CliMajor;
  readonly #folders: string[] = [];
  #sandbox: Sandbox | undefined;
  #cli: SupabaseCli | undefined;
  #watch: Watch | undefined;

  constructor(major: CliMajor) {
    this.#major = major;
  }

  async start(engines: { postgres?: PostgresEngine; logs?: LogEngine } = {}): Promise<void> {
    this.#sandbox = await startControlPlane({ scenario: createSmallScenario(), engines });
    this.#cli = await openCli(this.#major, this.#sandbox);
    const contract = loadContract();
    this.#watch = contract === undefined ? undefined : watchContract(this.#sandbox, contract);
  }

  async stop(): Promise<void> {
    await this.#sandbox?.stop();
    await this.#cli?.remove();
    await Promise.all(this.#folders.map((folder) => rm(folder, { recursive: true, force: true })));
  }

  checkContract(): void {
    assert.deepEqual(this.#watch?.faults ?? [], []);
  }

  get sandbox(): Sandbox {
    assert.ok(this.#sandbox !== undefined);
    return this.#sandbox;
  }

  get project(): ProjectState {
    const project = this.sandbox.state.projects.get(this.sandbox.ref);
    assert.ok(project !== undefined);
    return project;
  }

  deployed(slug: string): DeployedFunction {
    const fn = this.project.functions.get(slug);
    assert.ok(fn !== undefined, `${slug} is not deployed`);
    return fn;
  }

  /** A folder with these files, for `--workdir`. */
  async tree(files: Record<string, string>): Promise<string> {
    const folder = await mkdtemp(path.join(tmpdir(), 'opsbook-cli-tree-'));
    this.#folders.push(folder);
    for (const [name, content] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await writeFile(path.join(folder, name), content);
    }
    return folder;
  }

  async run(args: string[], options: RunOptions = {}, target = ['--project-ref', this.sandbox.ref]): Promise<CliRun> {
    assert.ok(this.#cli !== undefined);
    return this.#cli.run([...args, ...target], options);
  }

  /** Runs with JSON output, wants success, and gives what it printed. */
  async json(args: string[], options: RunOptions = {}): Promise<object> {
    const { code, stdout, stderr } = await this.run([...args, '--output-format', 'json'], options);
    assert.equal(code, 0, `${args.join(' ')}\n${stdout}\n${stderr}`);
    return JSON.parse(stdout) as object;
  }
}
