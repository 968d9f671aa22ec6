/**
 * The history of the scenario's workspace as data: who committed what and when, and the tree after each commit.
 *
 * The files of a commit lie in `workspace/<name of the commit>/`, whole, at the paths they have in the repository. A file
 * name that begins with `dot.` stands for a dot file, so that a `.gitignore` there does not act on this repository.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface Author {
  name: string;
  email: string;
  /** As git writes it, e.g. `+0100`. */
  zone: string;
}

export interface CommitPlan {
  /** Folder under `workspace/`; also the name by which other modules speak of the commit. */
  name: string;
  author: Author;
  /** Hours between this commit and the newest one. */
  hoursBefore: number;
  message: string;
  /** Files that move before the commit's own files are written: old path to new path. */
  moves?: Record<string, string>;
  /** An annotated tag when it has words, else a lightweight one. */
  tag?: { name: string; words?: string };
}

/** Path in the repository to content. */
export type Tree = ReadonlyMap<string, Buffer>;

/** Local ports as `supabase/config.toml` names them. */
export interface LocalPorts {
  api: number;
  db: number;
}

export const defaultPorts: LocalPorts = { api: 55321, db: 55322 };

const ines: Author = { name: 'Ines Okafor', email: 'ines@acme.test', zone: '+0000' };
const marek: Author = { name: 'Marek Lindqvist', email: 'marek@acme.test', zone: '+0100' };
const days = (count: number, hours = 0): number => count * 24 + hours;

/** Oldest first. `18-fees-per-tier` breaks `mint-token`; there is no mend. */
export const plans: readonly CommitPlan[] = [
  { name: '01-health-and-auth', author: ines, hoursBefore: days(47), message: 'Functions health and auth, in a repository of their own' },
  { name: '02-tokens', author: ines, hoursBefore: days(45, 3), message: 'Tokens: mint-token and upload-metadata' },
  { name: '03-images', author: marek, hoursBefore: days(41), message: 'generate-image draws a picture for a token' },
  { name: '04-circle-webhook', author: marek, hoursBefore: days(38, 5), message: 'Take payment events from Circle' },
  {
    name: '05-request-ids',
    author: ines,
    hoursBefore: days(34),
    message: 'Log lines carry the request, health looks at secrets and webhooks\n\nTwo people asked the same night which lines belong together.',
  },
  {
    name: '06-rename-webhook',
    author: ines,
    hoursBefore: days(31),
    message: 'Rename circle-webhook to payments-circle-webhook',
    moves: { 'supabase/functions/circle-webhook/index.ts': 'supabase/functions/payments-circle-webhook/index.ts' },
    tag: { name: 'v1.0.0' },
  },
  { name: '07-valuations', author: marek, hoursBefore: days(27, 2), message: 'Vehicle valuations: PDF reports and a test of the mail service' },
  { name: '08-chat', author: ines, hoursBefore: days(24), message: 'Tables of the assistant, health in one row, and a runbook' },
  { name: '09-wallet-checks', author: marek, hoursBefore: days(20, 7), message: 'mint-token: refuse what cannot be a wallet' },
  { name: '10-maintenance-manual', author: ines, hoursBefore: days(17), message: 'Manual for the launchpad' },
  { name: '11-image-styles', author: marek, hoursBefore: days(14, 4), message: 'generate-image: styles and sizes' },
  {
    name: '12-rate-limits',
    author: ines,
    hoursBefore: days(12),
    message: 'auth: thirty tries a minute are enough',
    tag: { name: 'v1.1.0', words: 'Before the keyword monitor' },
  },
  { name: '13-keywords', author: marek, hoursBefore: days(9, 6), message: 'monitor-keywords counts what customers talk about' },
  {
    name: '14-webhook-signatures',
    author: ines,
    hoursBefore: days(7),
    message: 'payments-circle-webhook: check signatures in constant time\n\nAlso answers 202 to events that we do not handle.',
  },
  { name: '15-moderate-prompts', author: marek, hoursBefore: days(5, 1), message: 'generate-image: refuse logos and portraits' },
  { name: '16-image-timing', author: marek, hoursBefore: days(3, 2), message: 'generate-image: say how long it took' },
  { name: '17-pending-migrations', author: ines, hoursBefore: days(2), message: 'Migrations for the search and for long messages' },
  { name: '18-fees-per-tier', author: marek, hoursBefore: 3, message: "mint-token: fees follow the creator's plan" },
  { name: '19-minting-advice', author: ines, hoursBefore: 0, message: 'Manual: after a deploy, go back first' },
];

const workspaceFolder = path.join(import.meta.dirname, 'workspace');

/** The files that one commit writes, at their paths in the repository. */
export function filesOf(plan: CommitPlan, ports: LocalPorts = defaultPorts): Map<string, Buffer> {
  const folder = path.join(workspaceFolder, plan.name);
  const files = new Map<string, Buffer>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) {
      const full = path.join(entry.parentPath, entry.name);
      const inRepository = path.relative(folder, path.join(entry.parentPath, entry.name.replace(/^dot\./, '.')));
      files.set(inRepository.split(path.sep).join('/'), contentOf(full, ports));
    }
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function contentOf(file: string, ports: LocalPorts): Buffer {
  const content = readFileSync(file);
  if (path.basename(file) !== 'config.toml') {
    return content;
  }
  const text = content.toString('utf8');
  return Buffer.from(text.replace(`= ${defaultPorts.api}`, `= ${ports.api}`).replace(`= ${defaultPorts.db}`, `= ${ports.db}`));
}

/** The whole tree after each commit, by the commit's name. */
export function trees(ports: LocalPorts = defaultPorts): Map<string, Tree> {
  const all = new Map<string, Tree>();
  const files = new Map<string, Buffer>();
  for (const plan of plans) {
    for (const [from, to] of Object.entries(plan.moves ?? {})) {
      const moved = files.get(from);
      if (!moved) {
        throw new Error(`${plan.name} moves ${from}, which is not there`);
      }
      files.delete(from);
      files.set(to, moved);
    }
    for (const [file, content] of filesOf(plan, ports)) {
      files.set(file, content);
    }
    all.set(plan.name, new Map(files));
  }
  return all;
}

/** The tree after the commit of that name. */
export function treeOf(all: Map<string, Tree>, name: string): Tree {
  const tree = all.get(name);
  if (!tree) {
    throw new Error(`the scenario has no commit ${name}`);
  }
  return tree;
}
