/** Writes the planned history as a real git repository: the same bytes, so the same hashes, on every machine. */
import { execa } from 'execa';
import { mkdir, writeFile } from 'node:fs/promises';
import { devNull } from 'node:os';
import path from 'node:path';
import { filesOf, plans } from './history.ts';
import type { Author, CommitPlan, LocalPorts } from './history.ts';

export interface Commit {
  /** Name of the plan, e.g. `18-fees-per-tier`. */
  name: string;
  hash: string;
  subject: string;
  /** Epoch seconds. */
  time: number;
}

/** Time of the newest commit (epoch ms) unless a caller wants another. */
export const historyEnd = Date.UTC(2026, 10, 20, 15, 5);

/** Makes `folder` a repository with the planned history on `main`, checked out and clean. Oldest commit first. */
export async function createRepository(folder: string, end: number, ports: LocalPorts): Promise<Commit[]> {
  await mkdir(folder, { recursive: true });
  await git(folder, ['init', '--quiet', '--template=', '--initial-branch=main']);
  await git(folder, ['fast-import', '--quiet', '--date-format=raw'], importStream(end, ports));
  await git(folder, ['reset', '--quiet', '--hard', 'main']);
  for (const [key, value] of Object.entries({ 'user.name': 'Ines Okafor', 'user.email': 'ines@acme.test', 'commit.gpgsign': 'false' })) {
    await git(folder, ['config', '--local', key, value]);
  }
  const listed = await git(folder, ['log', '--reverse', '--format=%H %ct %s', 'main']);
  return listed.split('\n').map((line, index) => commitOf(line, plans[index]));
}

function commitOf(line: string, plan: CommitPlan | undefined): Commit {
  const [hash = '', time = '', ...words] = line.split(' ');
  return { name: plan?.name ?? '', hash, subject: words.join(' '), time: Number(time) };
}

/** What the CLI and a developer leave behind without committing it: the linked project and local values. */
export async function writeUncommitted(folder: string, ref: string): Promise<void> {
  const temporary = path.join(folder, 'supabase', '.temp');
  await mkdir(temporary, { recursive: true });
  await writeFile(path.join(temporary, 'project-ref'), ref);
  const local = ['ALERT_EMAIL=ines@acme.test', 'JWT_SECRET=only-for-my-own-machine-0123456789', 'OPENAI_API_KEY=local-stand-in'];
  await writeFile(path.join(folder, 'supabase', 'functions', '.env'), local.join('\n') + '\n');
}

/** No configuration of the machine or its user takes part, and no hook runs. */
async function git(folder: string, args: string[], input?: Buffer): Promise<string> {
  const { stdout } = await execa('git', ['-c', `core.hooksPath=${devNull}`, '-c', 'core.autocrlf=false', ...args], {
    cwd: folder,
    extendEnv: false,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: devNull, LC_ALL: 'C' },
    ...(input ? { input } : {}),
  });
  return stdout;
}

/** The input of `git fast-import`. */
function importStream(end: number, ports: LocalPorts): Buffer {
  const parts: Buffer[] = [];
  const say = (text: string): unknown => parts.push(Buffer.from(text));
  const data = (content: Buffer): void => {
    parts.push(Buffer.from(`data ${content.length}\n`), content, Buffer.from('\n'));
  };
  plans.forEach((plan, index) => {
    const who = stamp(plan.author, end - plan.hoursBefore * 3_600_000);
    say(`commit refs/heads/main\nmark :${index + 1}\nauthor ${who}\ncommitter ${who}\n`);
    data(Buffer.from(plan.message + '\n'));
    Object.entries(plan.moves ?? {}).forEach(([from, to]) => say(`R ${from} ${to}\n`));
    for (const [file, content] of filesOf(plan, ports)) {
      say(`M 100644 inline ${file}\n`);
      data(content);
    }
    if (plan.tag?.words !== undefined) {
      say(`tag ${plan.tag.name}\nfrom :${index + 1}\ntagger ${who}\n`);
      data(Buffer.from(plan.tag.words + '\n'));
    } else if (plan.tag) {
      say(`reset refs/tags/${plan.tag.name}\nfrom :${index + 1}\n\n`);
    }
  });
  return Buffer.concat(parts);
}

function stamp(author: Author, time: number): string {
  return `${author.name} <${author.email}> ${Math.floor(time / 1000)} ${author.zone}`;
}
