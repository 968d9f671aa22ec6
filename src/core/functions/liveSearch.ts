import { isOpsError, OpsError } from '../errors.ts';
import type { Commit, Digest } from '../ports.ts';
import { configPath } from '../project/config.ts';
import { algorithmOf } from './blobId.ts';
import type { ChangeGraph, Course } from './changeGraph.ts';
import { hashBody, likenessOf, otherSpacing, provenByLedger, type DeployedFiles, type FileIds } from './deployedFiles.ts';
import type { EdgeFunction, FunctionBody } from './edgeFunction.ts';
import { Histories, searched, type History } from './histories.ts';
import { isBelow, type CommitSources, type HistoryNeeds } from './history.ts';
import { isModule } from './imports.ts';
import type { Deployment } from './ledger.ts';
import type { Live, LiveCommit } from './live.ts';
import { functionsFolder } from './source.ts';
import { toRoot, type CommitTree } from './sourceTree.ts';

export interface LiveNeeds extends HistoryNeeds {
  readonly deployments: readonly Deployment[];
  readonly digest: Digest;
}

/** A deployed function. Its body is fetched only when the ledger does not know the version. */
export interface LiveQuestion {
  readonly fn: EdgeFunction;
  readonly body: (signal: AbortSignal) => Promise<FunctionBody>;
}

/** A question with what is known to be live. */
export interface Evidenced extends LiveQuestion {
  readonly deployed: DeployedFiles;
}

/** What was found, with the commit's hash alone. */
type Found = Omit<LiveCommit, 'commit'> & { readonly hash: string };

/** One function in one history. */
interface Trail {
  readonly question: Evidenced;
  readonly history: History;
  readonly course: Course;
  /** Commits that seem to hold it, to be looked at in this order: HEAD, then newest first. */
  readonly waiting: Candidate[];
}

interface Candidate {
  readonly hash: string;
  readonly number: number;
  readonly isHead: boolean;
}

interface Match {
  readonly trail: Trail;
  readonly candidate: Candidate;
  readonly unlike: LiveCommit['unlike'];
}

/** Contents of one file that are compared when only white space may differ. */
const spacingLimit = 50;

/**
 * Which commit is live, for many functions of one place. One reading of the history that leads to HEAD serves them all, one of all
 * other branches and tags those that are not found there; only the trees of commits that seem to fit are looked at.
 */
export class LiveSearch {
  private readonly head: Commit;
  private readonly needs: LiveNeeds;
  private readonly algorithm: 'sha1' | 'sha256';
  private readonly histories: Histories;

  /** `head` is what is checked out. */
  constructor(head: Commit, needs: LiveNeeds) {
    this.head = head;
    this.needs = needs;
    this.algorithm = algorithmOf(head.hash);
    this.histories = new Histories(head, needs);
  }

  /** Reads the history; who needs it gets its errors, whoever waits here does not. */
  async begin(signal: AbortSignal): Promise<void> {
    await this.histories.read(true, searched, signal).catch(() => undefined);
  }

  private get known(): CommitSources {
    return this.histories.sources;
  }

  /** What is checked out, with the code of these functions read already. */
  async headTree(slugs: readonly string[], signal: AbortSignal): Promise<CommitTree> {
    this.histories.know(await this.histories.read(true, this.known.roots, signal), []);
    const folders = [...slugs.map((slug) => `${functionsFolder}/${slug}`), `${functionsFolder}/_shared`];
    await this.known.fetch([{ hash: this.head.hash, wants: (path) => isSmall(path) && (isOfAll(path) || isBelow(folders, path)) }], signal);
    return this.known.tree(this.head);
  }

  /** Throws what fetching the body throws. */
  async evidence(question: LiveQuestion, signal: AbortSignal): Promise<Evidenced> {
    return { ...question, deployed: provenByLedger(question.fn, this.needs.deployments, this.algorithm) ?? (await this.hashed(question, signal)) };
  }

  /** By slug. Throws what reading git throws. */
  async find(questions: readonly Evidenced[], signal: AbortSignal): Promise<ReadonlyMap<string, Live>> {
    const found = new Map<string, Found>();
    const left = (among: readonly Evidenced[]) => among.filter(({ fn }) => !found.has(fn.slug));
    await this.search(questions, found, signal);
    await this.takeOrigins(left(questions), found, signal);
    const open = await this.seenInBodies(left(questions), signal);
    await this.search(open.filter(({ deployed }) => !questions.some((before) => before.deployed === deployed)), found, signal);
    await this.search(await this.spacedOtherwise(left(open), signal), found, signal);
    const commits = await this.needs.git.commits([...new Set([...found.values()].map(({ hash }) => hash))], signal);
    const answers = new Map<string, Live>();
    for (const [slug, { hash, ...rest }] of found) {
      const commit = commits.get(hash);
      if (!commit) {
        throw new OpsError('commitNotFound', { commit: hash });
      }
      answers.set(slug, { ...rest, commit });
    }
    for (const question of left(open)) {
      answers.set(question.fn.slug, await this.unknown(question, signal));
    }
    return answers;
  }

  private async hashed({ fn, body }: LiveQuestion, signal: AbortSignal): Promise<DeployedFiles> {
    return hashBody(await body(signal), fn.slug, this.needs.digest, this.algorithm);
  }

  /** Adds those that a commit holds: HEAD's history first, then all others. */
  private async search(questions: readonly Evidenced[], found: Map<string, Found>, signal: AbortSignal): Promise<void> {
    if (questions.length === 0) {
      return;
    }
    const beyond = await this.histories.cover(questions.map(({ deployed }) => deployed), signal);
    questions.forEach(({ deployed }) => this.known.add(deployed.contents));
    for (const toHead of [true, false]) {
      const open = questions.filter(({ fn }) => !found.has(fn.slug));
      if (open.length > 0) {
        const history = await this.histories.read(toHead, this.known.roots, signal);
        const trails = open.map((question) => this.trail(question, history, beyond.get(question.deployed) ?? new Set()));
        for (const match of await this.firstMatches(trails, signal)) {
          found.set(match.trail.question.fn.slug, await this.settled(match, signal));
        }
      }
    }
  }

  private trail(question: Evidenced, history: History, beyond: ReadonlySet<string>): Trail {
    const { files } = question.deployed;
    const own = foldersOf(question).map((folder) => `${toRoot(this.needs.git, folder)}/`);
    const elsewhere = new Set([...beyond].map((path) => toRoot(this.needs.git, path)));
    const course = history.graph.follow({
      files: new Map([...files].map(([path, ids]) => [toRoot(this.needs.git, path), (oid: string) => likenessOf(ids, oid) !== undefined])),
      owns: (path) => elsewhere.has(path) || own.some((folder) => path.startsWith(folder)),
    });
    const { commits } = history.graph;
    const fits = course.touching.filter((number) => course.mayHold(number)).map((number) => ({ hash: commits[number]?.hash ?? '', number, isHead: false }));
    // Nothing changed between the newest of these commits and HEAD.
    return { question, history, course, waiting: history.toHead && commits.length > 0 && course.mayHold(0) ? [{ hash: this.head.hash, number: 0, isHead: true }, ...fits] : fits };
  }

  /** Of each trail the first commit that holds what is live, if any. What seems to fit nearly always does; where links are about, it may not. */
  private async firstMatches(trails: readonly Trail[], signal: AbortSignal): Promise<readonly Match[]> {
    const matches: Match[] = [];
    let open = trails.map((trail) => ({ trail, waiting: trail.waiting }));
    for (let count = 1; open.length > 0; count *= 8) {
      // Beside HEAD the commit that will be named for it.
      await this.readCommits(open.map(({ trail, waiting }) => ({ ...trail, waiting: waiting.slice(0, waiting[0]?.isHead ? count + 1 : count) })), signal);
      const next: typeof open = [];
      for (const { trail, waiting } of open) {
        const match = await this.firstMatch(trail, waiting.slice(0, count), signal);
        if (match) {
          matches.push(match);
        } else if (waiting.length > count) {
          next.push({ trail, waiting: waiting.slice(count) });
        }
      }
      open = next;
    }
    return matches;
  }

  private async firstMatch(trail: Trail, candidates: readonly Candidate[], signal: AbortSignal): Promise<Match | undefined> {
    for (const candidate of candidates) {
      const unlike = await this.holds(trail.question, candidate.hash, signal);
      if (unlike) {
        return { trail, candidate, unlike };
      }
    }
    return undefined;
  }

  /** The files of the commits that a trail waits for, and the contents that tell what a function needs; those that are live are known. */
  private async readCommits(trails: readonly Pick<Trail, 'question' | 'history' | 'waiting'>[], signal: AbortSignal): Promise<void> {
    const own = new Map<string, string[]>();
    for (const history of new Set(trails.map((trail) => trail.history))) {
      this.histories.know(history, trails.filter((trail) => trail.history === history).flatMap(({ waiting }) => waiting));
    }
    for (const { question, waiting } of trails) {
      const paths = [...foldersOf(question), ...question.deployed.files.keys()];
      waiting.forEach(({ hash }) => own.set(hash, [...(own.get(hash) ?? []), ...paths]));
    }
    // Whoever asks what is live also asks what is not committed.
    own.set(this.head.hash, [...(own.get(this.head.hash) ?? []), ...trails.flatMap(({ question }) => [...foldersOf(question), ...question.deployed.files.keys()])]);
    await this.known.fetch([...own].map(([hash, paths]) => ({ hash, wants: (path) => isSmall(path) && (isOfAll(path) || isBelow(paths, path)) })), signal);
  }

  /**
   * Whether every live file is the commit's, and everything the function needs at that commit is live. What is live beyond that does no
   * harm: the CLI also sends what is named in comments. Gives the files that are not alike to the byte, or `undefined` when it does not hold.
   */
  private async holds(question: Evidenced, hash: string, signal: AbortSignal): Promise<LiveCommit['unlike'] | undefined> {
    const { deployed, fn } = question;
    const tree = this.known.tree({ hash });
    const unlike: { path: string; how: 'lineEndings' | 'whiteSpace' }[] = [];
    for (const [path, ids] of deployed.files) {
      const oid = await tree.oid(path, signal);
      const likeness = oid === undefined ? undefined : likenessOf(ids, oid);
      if (likeness === undefined) {
        return undefined;
      }
      if (likeness !== 'exact') {
        unlike.push({ path, how: likeness });
      }
    }
    const at = (await this.known.at({ hash }, fn.slug, fn.slug, signal)) ?? (await this.known.at({ hash }, fn.slug, folderName(question), signal));
    if (at === undefined && this.known.isPartial(hash)) {
      // All that is live is the commit's; whether it needs more, a partial clone does not tell.
      return unlike;
    }
    const needed = [...(at?.source.files ?? [])].filter(([, file]) => file.role === 'module').map(([path]) => path);
    return at !== undefined && needed.every((path) => deployed.files.has(path)) ? unlike : undefined;
  }

  /** The files are the commit's; now the settings, and how far behind it is. */
  private async settled({ trail, candidate, unlike }: Match, signal: AbortSignal): Promise<Found> {
    const { question, history, course } = trail;
    const newest = candidate.isHead ? course.touching.find((number) => course.mayHold(number)) : candidate.number;
    const agreed = await history.settings.agrees(namesOf(question), question.fn.verifyJwt, candidate.number, signal);
    const isSettled = agreed && (newest === undefined || !(await history.settings.differ(namesOf(question), newest, candidate.number, signal)));
    const bySettings = isSettled ? undefined : await this.newestThatAgrees(trail, signal);
    const number = bySettings ?? newest;
    const isHead = candidate.isHead && (agreed || bySettings === undefined);
    const hash = number === undefined ? undefined : history.graph.commits[number]?.hash;
    return {
      kind: 'commit',
      hash: hash ?? this.head.hash,
      evidence: question.deployed.evidence,
      ...(history.toHead ? { behind: isHead || number === undefined ? 0 : await this.behind(trail, number, signal) } : {}),
      alike: course.touching.filter((other) => other > (number ?? other) && course.holds(other)).length,
      unlike,
      jwtDiffers: !agreed && bySettings === undefined,
    };
  }

  /** A commit with the same files that says of the JWT what is live; settings change without files. */
  private async newestThatAgrees(trail: Trail, signal: AbortSignal): Promise<number | undefined> {
    const { history, course, question } = trail;
    const touching = new Set(course.touching);
    await history.settings.prepare(signal);
    for (const number of history.graph.commits.keys()) {
      const mayBe = course.mayHold(number) && (touching.has(number) || (await history.settings.isChangedAt(namesOf(question), number, signal)));
      if (mayBe && (await history.settings.agrees(namesOf(question), question.fn.verifyJwt, number, signal))) {
        const hash = history.graph.commits[number]?.hash ?? '';
        await this.readCommits([{ ...trail, waiting: [{ hash, number, isHead: false }] }], signal);
        if (await this.holds(question, hash, signal)) {
          return number;
        }
      }
    }
    return undefined;
  }

  /** Commits up to HEAD that this one does not have, and that touched the function's files or settings. */
  private async behind({ question, history, course }: Trail, number: number, signal: AbortSignal): Promise<number> {
    const has = history.graph.ancestry(number);
    const later = new Set(course.touching.filter((other) => !has(other)));
    if (await history.settings.differ(namesOf(question), 0, number, signal)) {
      await history.settings.prepare(signal);
      for (const other of history.graph.commits.keys()) {
        if (!has(other) && (await history.settings.isChangedAt(namesOf(question), other, signal))) {
          later.add(other);
        }
      }
    }
    return later.size;
  }

  /** The ledger knows the commit, though no branch leads to it any more. */
  private async takeOrigins(open: readonly Evidenced[], found: Map<string, Found>, signal: AbortSignal): Promise<void> {
    const origins = open.flatMap(({ deployed }) => deployed.origin ?? []);
    const known = origins.length === 0 ? undefined : await this.needs.git.commits(origins, signal);
    for (const { fn, deployed } of open) {
      if (deployed.origin !== undefined && known?.has(deployed.origin)) {
        found.set(fn.slug, { kind: 'commit', hash: deployed.origin, evidence: 'ledger', alike: 0, unlike: [], jwtDiffers: false });
      }
    }
  }

  /** The ledger knows what was sent; of a working tree git may hold it with other line endings, which only the body can tell. */
  private async seenInBodies(open: readonly Evidenced[], signal: AbortSignal): Promise<readonly Evidenced[]> {
    return Promise.all(
      open.map(async (question) => {
        if (question.deployed.evidence === 'body') {
          return question;
        }
        try {
          return { ...question, deployed: await this.hashed(question, signal) };
        } catch (error) {
          if (signal.aborted || !isOpsError(error)) {
            throw error;
          }
          return question;
        }
      }),
    );
  }

  /** Those whose files the repository may hold with other white space: what was formatted on its way is said to be so, and is no stranger. */
  private async spacedOtherwise(open: readonly Evidenced[], signal: AbortSignal): Promise<readonly Evidenced[]> {
    const graphs = open.length === 0 ? [] : await this.graphs(signal);
    const spaced: Evidenced[] = [];
    for (const question of open) {
      const { files, contents } = question.deployed;
      const changed = new Map<string, FileIds>();
      for (const [path, ids] of files) {
        const held = [...new Set(graphs.flatMap((graph) => graph.contentsOf(toRoot(this.needs.git, path)).files))];
        if (!held.some((oid) => likenessOf(ids, oid))) {
          const otherSpace = otherSpacing(contents.get(ids.exact), await this.contentsOf(held.slice(0, spacingLimit), signal));
          changed.set(path, { ...ids, otherSpace });
          if (otherSpace.size === 0) {
            break;
          }
        }
      }
      if (changed.size > 0 && [...changed.values()].every(({ otherSpace }) => otherSpace && otherSpace.size > 0)) {
        spaced.push({ ...question, deployed: { ...question.deployed, files: new Map([...files, ...changed]) } });
      }
    }
    return spaced;
  }

  private async graphs(signal: AbortSignal): Promise<readonly ChangeGraph[]> {
    return (await Promise.all([true, false].map((toHead) => this.histories.read(toHead, this.known.roots, signal)))).map(({ graph }) => graph);
  }

  private async contentsOf(oids: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Uint8Array>> {
    const all = await this.known.read(oids, signal);
    return new Map(oids.flatMap((oid) => (all.has(oid) ? [[oid, all.get(oid) ?? new Uint8Array()] as const] : [])));
  }

  private async unknown(question: Evidenced, signal: AbortSignal): Promise<Live> {
    const { deployed } = question;
    const own = foldersOf(question).map((folder) => toRoot(this.needs.git, folder));
    if (!(await this.graphs(signal)).some((graph) => graph.knows((path) => isBelow(own, path)))) {
      return { kind: 'notInRepository' };
    }
    const tree = await this.headTree([], signal);
    const differing: string[] = [];
    for (const [path, ids] of deployed.files) {
      const oid = await tree.oid(path, signal);
      if (oid === undefined || likenessOf(ids, oid) === undefined) {
        differing.push(path);
      }
    }
    return { kind: 'unknown', evidence: deployed.evidence, differing };
  }
}

/** The folder that the deployed entrypoint lies in may have another name than the function. */
function folderName({ fn, deployed }: Evidenced): string {
  return /^supabase\/functions\/([^/]+)\//.exec(deployed.entrypoint)?.[1] ?? fn.slug;
}

function namesOf(question: Evidenced): readonly string[] {
  return [...new Set([question.fn.slug, folderName(question)])];
}

function foldersOf(question: Evidenced): readonly string[] {
  return namesOf(question).map((name) => `${functionsFolder}/${name}`);
}

/** What a closure reads: code and configuration. */
function isSmall(path: string): boolean {
  return isModule(path) || /\.(jsonc?|toml)$/.test(path);
}

/** `config.toml`, and an import map of all functions. */
function isOfAll(path: string): boolean {
  return path === configPath || /^supabase\/(functions\/)?[^/]+\.jsonc?$/.test(path);
}
