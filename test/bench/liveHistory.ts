/** A repository with a long history of many functions, what each of them was deployed from, and what is to be found out about it. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';

export interface LongHistory {
  readonly folder: string;
  readonly deployed: readonly DeployedFunction[];
  /** Commits that lead to HEAD or to the other branch. */
  readonly commits: number;
}

export interface DeployedFunction {
  readonly slug: string;
  readonly files: ReadonlyMap<string, string>;
  /** The live commit; absent where none holds these files. */
  readonly hash?: string;
  /** Commits since then, up to HEAD, that touched its files; absent for a commit that only another branch has. */
  readonly behind?: number;
}

const counts = { commits: 10_000, functions: 50, shared: 12, app: 40 } as const;

type Files = ReadonlyMap<string, string>;

interface Made {
  readonly number: number;
  readonly parents: readonly number[];
  /** Against the first parent. */
  readonly changes: Files;
  /** Of a merge: what each side had changed since they parted. */
  readonly sides?: readonly [ReadonlySet<string>, ReadonlySet<string>];
}

const folder = 'supabase/functions';
const slugOf = (index: number) => `fn-${String(index).padStart(2, '0')}`;
const ownFile = (index: number, name: string) => `${folder}/${slugOf(index)}/${name}`;
const sharedFile = (index: number) => `${folder}/_shared/part-${index % counts.shared}.ts`;

/** What a function consists of: its own three files and two of those that functions share. */
function filesOf(index: number): readonly string[] {
  return [...['index.ts', 'handler.ts', 'deno.json'].map((name) => ownFile(index, name)), sharedFile(index), sharedFile(index * 5 + 1)];
}

/** A hundred lines, one of which tells the number. */
function code(file: string, number: number): string {
  const lines = Array.from({ length: 100 }, (_, line) => (line === number % 100 ? `  console.log('as of ${number}');` : `  // ${file}, ${line}: ${'x'.repeat(line % 40)}`));
  return `export function run() {\n${lines.join('\n')}\n}\n`;
}

function config(number: number): string {
  const sections = Array.from({ length: counts.functions }, (_, index) => `[functions.${slugOf(index)}]\nverify_jwt = ${index % 2 === 0}\n`);
  return `project_id = "acme"\n# ${number}\n\n${sections.join('\n')}`;
}

function firstFiles(): Files {
  const files = new Map([['supabase/config.toml', config(0)]]);
  for (let index = 0; index < counts.functions; index++) {
    const shared = filesOf(index).slice(3).map((file, at) => `import { run as run${at} } from '../_shared/${path.basename(file)}';\n`);
    files.set(ownFile(index, 'index.ts'), `${shared.join('')}import { run } from './handler.ts';\n\nDeno.serve(() => run(run0, run1));\n`);
    files.set(ownFile(index, 'handler.ts'), code('handler.ts', 0));
    files.set(ownFile(index, 'deno.json'), '{ "imports": { "@supabase/supabase-js": "npm:@supabase/supabase-js@2" } }\n');
  }
  for (let index = 0; index < counts.shared; index++) {
    files.set(sharedFile(index), code(sharedFile(index), 0));
  }
  return files;
}

/**
 * Of ten commits seven change one function, one the code that functions share, the others what lies beside `supabase/` (and one in a
 * hundred the config). One in twenty begins a branch of two commits, merged with the next one; the last commit's branch never is.
 */
function makeCommits(): readonly Made[] {
  const commits: Made[] = [];
  let seed = 1;
  const random = (limit: number) => (seed = (seed * 48_271) % 2_147_483_647) % limit;
  const add = (parents: readonly number[], changes: Files, sides?: Made['sides']): Made => {
    const made = { number: commits.length, parents, changes, ...(sides ? { sides } : {}) };
    commits.push(made);
    return made;
  };
  const change = (): Files => {
    const [number, kind] = [commits.length, random(100)];
    const file = kind < 70 ? ownFile(random(counts.functions), 'handler.ts') : kind < 80 ? sharedFile(random(counts.shared)) : kind === 80 ? 'supabase/config.toml' : `src/app-${random(counts.app)}.ts`;
    return new Map([[file, file.endsWith('.toml') ? config(number) : code(file, number)]]);
  };
  let main = add([], firstFiles());
  while (commits.length < counts.commits - 5) {
    if (random(20) > 0) {
      main = add([main.number], change());
      continue;
    }
    const first = add([main.number], change());
    const second = add([first.number], change());
    const brought = new Map([...first.changes, ...second.changes]);
    let own = change();
    while ([...own.keys()].some((file) => brought.has(file))) {
      own = change();
    }
    const beside = add([main.number], own);
    main = add([beside.number, second.number], brought, [new Set(own.keys()), new Set(brought.keys())]);
  }
  while (commits.length < counts.commits - 1) {
    main = add([main.number], change());
  }
  add([main.number - 4], new Map([[ownFile(1, 'handler.ts'), code('handler.ts', -1)]]));
  return commits;
}

/** Where the function of this number was deployed from: a third from HEAD, most from the last thousand commits, some from long ago. */
function deployedFrom(index: number): number {
  const head = counts.commits - 2;
  return index === 1 ? head + 1 : index < 16 ? head : index < 40 ? head - (index - 15) * 40 : head - 1000 - (index - 40) * 980;
}

class Expectation {
  private readonly commits: readonly Made[];
  private readonly hashes: readonly string[];

  constructor(commits: readonly Made[], hashes: readonly string[]) {
    this.commits = commits;
    this.hashes = hashes;
  }

  of(index: number): DeployedFunction {
    const from = deployedFrom(index);
    const files = new Map(filesOf(index).map((file) => [file, this.contentAt(file, from)]));
    if (index === 2) {
      return { slug: slugOf(index), files: files.set(ownFile(index, 'handler.ts'), 'export const run = 1; // by hand\n') };
    }
    const [own, head] = [this.touchedUpTo(index, from), this.touchedUpTo(index, counts.commits - 2)];
    const hash = this.hashes[Math.max(...own)] ?? '';
    return { slug: slugOf(index), files, hash, ...(from === counts.commits - 1 ? {} : { behind: [...head].filter((number) => !own.has(number)).length }) };
  }

  private contentAt(file: string, number: number): string {
    for (let made = this.commits[number]; made; made = this.commits[made.parents[0] ?? -1]) {
      const content = made.changes.get(file);
      if (content !== undefined) {
        return content;
      }
    }
    throw new Error(`${file} was never written`);
  }

  /** Commits that lead to this one and changed what the function consists of; merges when both sides had. */
  private touchedUpTo(index: number, number: number): ReadonlySet<number> {
    const files = filesOf(index);
    const seen = new Set<number>();
    for (const waiting = [number]; waiting.length > 0; ) {
      const at = waiting.pop() ?? 0;
      if (!seen.has(at)) {
        seen.add(at);
        waiting.push(...(this.commits[at]?.parents ?? []));
      }
    }
    const touches = ({ changes, sides }: Made) => (sides ? sides.every((side) => files.some((file) => side.has(file))) : files.some((file) => changes.has(file)));
    return new Set(this.commits.filter((made) => seen.has(made.number) && touches(made)).map((made) => made.number));
  }
}

/** Lays the repository out in a new folder, packed as git packs one. */
export async function makeLongHistory(target: string): Promise<LongHistory> {
  await mkdir(target, { recursive: true });
  const git = (...args: string[]) => execFileSync('git', ['-C', target, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1e9 });
  git('init', '-q', '-b', 'main');
  const commits = makeCommits();
  const writing = spawn('git', ['-C', target, 'fast-import', '--quiet'], { stdio: ['pipe', 'inherit', 'inherit'] });
  for (const made of commits) {
    if (!writing.stdin.write(stream(made, made.number === counts.commits - 1 ? 'other' : 'main'))) {
      await once(writing.stdin, 'drain');
    }
  }
  writing.stdin.end();
  const [code] = (await once(writing, 'close')) as [number];
  if (code !== 0) {
    throw new Error(`git fast-import ended with ${code}`);
  }
  git('gc', '-q');
  git('reset', '-q', '--hard');
  const hashes = git('log', '--branches', '--format=%H %s').trim().split('\n').map((line) => line.split(' ') as [string, string]).sort(([, a], [, b]) => Number(a) - Number(b)).map(([hash]) => hash);
  const expectation = new Expectation(commits, hashes);
  return { folder: target, commits: hashes.length, deployed: Array.from({ length: counts.functions }, (_, index) => expectation.of(index)) };
}

/** For `git fast-import`; the subject is the number, the time a minute for each. */
function stream({ number, parents, changes }: Made, branch: string): string {
  const [first, ...others] = parents.map((parent) => `:${parent + 1}`);
  const files = [...changes].map(([file, content]) => `M 100644 inline ${file}\ndata ${Buffer.byteLength(content)}\n${content}\n`);
  const links = first === undefined ? '' : `from ${first}\n${others.map((other) => `merge ${other}\n`).join('')}`;
  return `commit refs/heads/${branch}\nmark :${number + 1}\ncommitter Ada <ada@example.test> ${1_700_000_000 + number * 60} +0000\ndata ${String(number).length}\n${number}\n${links}${files.join('')}`;
}
