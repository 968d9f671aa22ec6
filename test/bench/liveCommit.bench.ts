import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { createBodyArchive } from '../../src/adapters/files/bodyArchive.ts';
import { digest } from '../../src/adapters/files/digest.ts';
import { createJournal } from '../../src/adapters/files/journal.ts';
import { createPlaceFiles } from '../../src/adapters/files/placeFiles.ts';
import { tomlReader } from '../../src/adapters/files/toml.ts';
import { findGit } from '../../src/adapters/git/findGit.ts';
import { createGitHistory } from '../../src/adapters/git/gitHistory.ts';
import { systemClock } from '../../src/adapters/systemClock.ts';
import type { EdgeFunction } from '../../src/core/functions/edgeFunction.ts';
import { Ledger } from '../../src/core/functions/ledger.ts';
import { LiveCommits } from '../../src/core/functions/liveCommits.ts';
import type { LiveKnowledge } from '../../src/core/functions/liveKnowledge.ts';
import { fakeConnection } from '../fakes/connection.ts';
import { FakeManagementApi } from '../fakes/managementApi.ts';
import { measurePairs, median, RivalAbsent, rounded, summary, timed, type Benchmark, type Side } from './benchmark.ts';
import { makeLongHistory, type LongHistory } from './liveHistory.ts';

const run = promisify(execFile);

const atMost = 3;

/** The live commit of every function, as the Functions view looks it up, against one `git log --name-only` over the same paths. */
export const benchmark: Benchmark = {
  name: 'liveCommit',
  async run(say) {
    const folder = await mkdtemp(path.join(tmpdir(), 'opsbook-live-'));
    try {
      say('making a repository');
      const history = await makeLongHistory(path.join(folder, 'work'));
      const program = await findGit({ searchPath: process.env['PATH'] ?? '', forbiddenFolders: [history.folder] }).catch((error: unknown) => {
        throw new RivalAbsent('git', { cause: error });
      });
      const version = (await run(program, ['--version'])).stdout.trim().replace('git version ', '');
      const { ours, rival, sum } = await measurePairs({ ours: await looking(history, program, path.join(folder, 'storage')), rival: listing(history, program) }, say);
      const ratio = median(ours) / median(rival);
      return [
        {
          name: 'liveCommit',
          value: summary(ours).median,
          unit: 'ms',
          against: { name: 'git log --name-only', version, ...summary(rival) },
          ratio: rounded(ratio),
          limit: `ratio <= ${atMost}`,
          ok: ratio <= atMost,
          p90: summary(ours).p90,
          runs: ours.length,
          commits: history.commits,
          functions: history.deployed.length,
          input: sum,
        },
      ];
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** Each run knows nothing but the bodies, which are kept on the disk once they were fetched; git is found and the history opened anew. */
async function looking({ folder, deployed }: LongHistory, program: string, storage: string): Promise<Side> {
  const bodies = createBodyArchive(path.join(storage, 'bodies'));
  const connection = fakeConnection({ management: new FakeManagementApi(), place: { id: 'file:///work', name: 'work', folder } });
  const functions = deployed.map(({ slug }, index): EdgeFunction => ({ id: slug, slug, name: slug, status: 'ACTIVE', version: 3, createdAt: 1, updatedAt: 2, verifyJwt: index % 2 === 0, bundleSha256: slug }));
  for (const { slug, files } of deployed) {
    const encoded = new Map([...files].map(([file, text]) => [file, new TextEncoder().encode(text)]));
    await bodies.put(connection.project.ref, slug, 3, { entrypoint: `supabase/functions/${slug}/index.ts`, files: encoded }, { id: slug, bundleSha256: slug });
  }
  const tools = async (signal: AbortSignal) => ({
    git: await createGitHistory({ program, folder, forbiddenFolders: [folder], environment: process.env, isTrusted: () => true }, signal),
    files: createPlaceFiles(folder),
    toml: tomlReader,
    ledger: new Ledger(createJournal(path.join(storage, 'ledger.jsonl')), systemClock),
    digest,
    bodies,
  });
  return {
    name: 'the search for live commits',
    run: async () => {
      const live = new LiveCommits({ tools: async (_, signal) => tools(signal) });
      const { value } = await timed(async () => live.look(connection, functions));
      const work = functions.map((fn) => {
        const answer = live.answer(connection.project.ref, fn);
        return `${fn.slug} ${answer?.kind === 'known' ? found(answer.knowledge) : answer?.kind}`;
      });
      return { value, work };
    },
  };
}

function found({ live, uncommitted }: LiveKnowledge): string {
  const facts = live.kind === 'commit' ? `${live.commit.hash} ${live.behind}` : live.kind;
  return [facts, ...uncommitted].join(' ');
}

/** What it prints is held against what the history was made of, so that both sides are known to have read the same. */
function listing({ folder, deployed }: LongHistory, program: string): Side {
  const args = ['-C', folder, 'log', '--name-only', '--format=%H', 'HEAD', '--', 'supabase/functions', 'supabase/config.toml'];
  return {
    name: 'git log --name-only',
    run: async () => {
      const { value, result } = await timed(async () => run(program, args, { maxBuffer: 1e9 }));
      const hashes = new Set(result.stdout.split('\n').filter((line) => /^[0-9a-f]{40}$/.test(line)));
      const work = deployed.map(({ slug, hash, behind }) => {
        if (behind !== undefined && !hashes.has(hash ?? '')) {
          throw new Error(`git log does not list ${hash} of ${slug}`);
        }
        return `${slug} ${hash === undefined ? 'unknown' : `${hash} ${behind}`}`;
      });
      return { value, work };
    },
  };
}
