/**
 * The realistic project that the sandbox, the demonstration and the tests start from: a workspace with its history, what
 * of it is deployed, secrets, a database with rows and statistics, and days of logs.
 *
 * The story: a team of two runs four products on one project. `mint-token` was deployed forty minutes ago with a fault and
 * fails; `generate-image` runs an older commit and lacks a secret; `upload-metadata` was edited in the dashboard.
 */
import path from 'node:path';
import type { DeployedFunction, Scenario } from '../types.ts';
import { databaseScripts } from './database.ts';
import { breakingDeployHours, deployedFunctions } from './deployed.ts';
import { defaultPorts, plans, treeOf, trees } from './history.ts';
import type { LocalPorts, Tree } from './history.ts';
import { logHistory } from './logs/logs.ts';
import type { Story } from './logs/story.ts';
import { createRepository, historyEnd, writeUncommitted } from './repository.ts';
import type { Commit } from './repository.ts';
import { secrets } from './secrets.ts';

export interface ScenarioOptions {
  /** Epoch ms that ages of deploys, secrets and backups count from. Default: the clock. */
  now?: number;
  /** Time of the newest commit, epoch ms. Default: a constant, so that the hashes are the same everywhere. */
  historyEnd?: number;
  /** Written into `supabase/config.toml` in every commit. */
  ports?: LocalPorts;
}

/** A scenario with its commits, oldest first. */
export interface BuiltScenario extends Scenario {
  commits: Commit[];
}

const ref = 'wkdqzvtnhxmrbpclsyfg';
const hour = 3_600_000;

/** Builds the scenario; its workspace is `folder`, which must be empty or absent. */
export async function createScenario(folder: string, options: ScenarioOptions = {}): Promise<BuiltScenario> {
  const now = options.now ?? Date.now();
  const ports = options.ports ?? defaultPorts;
  const commits = await createRepository(folder, options.historyEnd ?? historyEnd, ports);
  await writeUncommitted(folder, ref);
  const all = trees(ports);
  const migrations = migrationsOf(treeOf(all, plans.at(-1)?.name ?? ''));
  const applied = migrations.slice(0, -2);
  const functions = deployedFunctions(all, now);
  const story: Story = { ref, functions, breakingDeployHours, breakingError: breakingError(functions) };
  return {
    ref,
    organization: { id: 'acme', slug: 'acme', name: 'Acme' },
    project: { name: 'acme', region: 'eu-central-1', created_at: new Date(now - 433 * 24 * hour).toISOString() },
    branch: { ref: 'jtbnrqzmcwylxhdvpgks', name: 'search', git_branch: 'search' },
    functions,
    secrets: secrets(now),
    migrations: applied.map(({ version, name }) => ({ version, name })),
    backups: backups(now),
    sql: databaseScripts(applied),
    logs: (end) => logHistory(story, end),
    workspace: folder,
    commits,
  };
}

export interface Migration {
  version: string;
  name: string;
  sql: string;
}

/** The migrations in a tree, oldest first. */
export function migrationsOf(tree: Tree): Migration[] {
  return [...tree]
    .filter(([file]) => path.posix.dirname(file) === 'supabase/migrations')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([file, content]) => {
      const [, version = '', name = ''] = /^(\d{14})_(.*)\.sql$/.exec(path.posix.basename(file)) ?? [];
      return { version, name, sql: content.toString('utf8') };
    });
}

/** What Deno prints when the deployed `mint-token` throws, with the places where its files have the fault. */
function breakingError(functions: readonly DeployedFunction[]): string {
  const fn = functions.find(({ slug }) => slug === 'mint-token');
  const place = (file: string, code: string, word: string): string => {
    const lines = Buffer.from(fn?.files.get(file) ?? []).toString('utf8').split('\n');
    const line = lines.findIndex((text) => text.includes(code));
    const root = `/tmp/user_fn_${ref}_${fn?.id ?? ''}_${fn?.version ?? 0}/source/`;
    return `file://${root}${file}:${line + 1}:${(lines[line] ?? '').indexOf(word) + 1}`;
  };
  return [
    "TypeError: Cannot read properties of undefined (reading 'lamports')",
    `    at feeFor (${place('supabase/functions/_shared/fees.ts', 'fees[plan]', 'lamports')})`,
    `    at ${place('supabase/functions/mint-token/index.ts', "feeFor('standard')", 'feeFor')}`,
  ].join('\n');
}

/** One a night for a week, newest first, at about three o'clock; one of them failed. */
function backups(now: number): Scenario['backups'] {
  const tonight = Math.floor((now - 3 * hour) / (24 * hour)) * 24 * hour + 3 * hour;
  return Array.from({ length: 7 }, (_, night) => ({
    id: 90417 - night,
    status: night === 3 ? 'FAILED' : 'COMPLETED',
    inserted_at: new Date(tonight - night * 24 * hour + 252_000).toISOString(),
  }));
}
