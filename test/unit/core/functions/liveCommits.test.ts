import assert from 'node:assert/strict';
import { digest } from '../../../../src/adapters/files/digest.ts';
import { tomlReader } from '../../../../src/adapters/files/toml.ts';
import { OpsError } from '../../../../src/core/errors.ts';
import type { EdgeFunction, FunctionBody } from '../../../../src/core/functions/edgeFunction.ts';
import { Ledger } from '../../../../src/core/functions/ledger.ts';
import { LiveCommits } from '../../../../src/core/functions/liveCommits.ts';
import type { CallOptions } from '../../../../src/core/ports.ts';
import type { Connection } from '../../../../src/core/project/connection.ts';
import type { Place } from '../../../../src/core/project/project.ts';
import { FakeClock, settle } from '../../../fakes/clock.ts';
import { acme, fakeConnection } from '../../../fakes/connection.ts';
import { FakeGitHistory } from '../../../fakes/gitHistory.ts';
import { FakeJournal } from '../../../fakes/journal.ts';
import { FakeManagementApi } from '../../../fakes/managementApi.ts';
import { FakePlaceFiles } from '../../../fakes/placeFiles.ts';
import { FakeBodyArchive } from '../../../fakes/storage.ts';

const shop: Place = { id: 'file:///work/shop', name: 'shop', folder: '/work/shop' };
const code = (slug: string) => `Deno.serve(() => new Response('${slug}'));\n`;
const path = (slug: string) => `supabase/functions/${slug}/index.ts`;

/** Hands bodies out one at a time, and knows how many are asked for at once. */
class SlowBodies extends FakeManagementApi {
  readonly asked: string[] = [];
  readonly waiting: (() => void)[] = [];
  atOnce = 0;
  /** The slug whose body this token may not read. */
  refused = '';

  override async functionBody(ref: string, slug: string, { signal, priority }: CallOptions): Promise<FunctionBody> {
    this.asked.push(slug);
    await new Promise<void>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new OpsError('cancelled', {})), { once: true });
      this.waiting.push(resolve);
      this.atOnce = Math.max(this.atOnce, this.waiting.length);
    });
    if (slug === this.refused) {
      throw new OpsError('permissionMissing', { operation: 'read the body of a function', account: 'me' });
    }
    return super.functionBody(ref, slug, { signal, priority });
  }

  /** Waits for one to be asked for, and hands it out. */
  async answerOne(): Promise<void> {
    while (this.waiting.length === 0) {
      await settle();
    }
    this.waiting.shift()?.();
    await settle();
  }

  /** Hands out whatever is asked for, until the work ends. */
  async answerAll(work: Promise<void>): Promise<void> {
    let done = false;
    const ended = () => void (done = true);
    void work.then(ended, ended);
    while (!done) {
      this.waiting.shift()?.();
      await settle();
    }
    await work;
  }
}

describe('looking for the live commits', () => {
  const slugs = Array.from({ length: 10 }, (_, index) => `fn-${index}`);
  let management: SlowBodies;
  let git: FakeGitHistory;
  let connection: Connection;
  let live: LiveCommits;
  let functions: EdgeFunction[];
  beforeEach(() => {
    management = new SlowBodies();
    management.addProject(acme.ref);
    git = new FakeGitHistory();
    git.add('all of them', Object.fromEntries(slugs.map((slug) => [path(slug), code(slug)])));
    functions = slugs.map((slug) => management.deploy(acme.ref, slug, new Map([[path(slug), new TextEncoder().encode(code(slug))]])));
    connection = fakeConnection({ management, place: shop });
    const files = new FakePlaceFiles(Object.fromEntries(slugs.map((slug) => [path(slug), code(slug)])));
    live = new LiveCommits({ tools: async () => ({ git, files, toml: tomlReader, ledger: new Ledger(new FakeJournal(), new FakeClock()), digest, bodies: new FakeBodyArchive() }) });
  });
  const open = () => functions.filter((fn) => !live.answer(acme.ref, fn));
  const known = () => functions.filter((fn) => live.answer(acme.ref, fn)?.kind === 'known').length;

  it('asks for each body once and for four at a time, although each answer has the list ask again', async () => {
    live.onDidChange(() => open().length > 0 && void live.look(connection, open()));
    await management.answerAll(live.look(connection, functions));
    await management.answerAll(live.look(connection, open()));
    assert.equal(known(), 10);
    assert.deepEqual([...management.asked].sort(), slugs);
    assert.equal(management.atOnce, 4);
  });

  it('names the commit that holds what is live', async () => {
    await management.answerAll(live.look(connection, functions.slice(0, 1)));
    const answer = live.answer(acme.ref, functions[0] as EdgeFunction);
    assert.equal(answer?.kind === 'known' && answer.knowledge.live.kind === 'commit' && answer.knowledge.live.commit.subject, 'all of them');
  });

  it('ends for a project that is no longer shown', async () => {
    const looking = live.look(connection, functions);
    await management.answerOne();
    void live.look(fakeConnection({ management, place: shop, project: { ...acme, ref: 'bcdefghijklmnopqrstu' } }), []);
    await looking;
    assert.ok(management.asked.length < 10);
    assert.ok(known() < 10);
  });

  it('begins anew once everything is forgotten', async () => {
    await management.answerAll(live.look(connection, functions.slice(0, 1)));
    const [first] = functions;
    assert.ok(first && !live.isOpen(acme.ref, first));
    live.forget();
    assert.ok(live.isOpen(acme.ref, first));
    assert.equal(live.answer(acme.ref, first)?.kind, 'known', 'the list shows what was known until there is a newer answer');
    await management.answerAll(live.look(connection, functions.slice(0, 1)));
    assert.equal(known(), 1);
    assert.ok(!live.isOpen(acme.ref, first));
  });

  it('says why one could not be looked up, and goes on with the others', async () => {
    management.refused = 'fn-0';
    await management.answerAll(live.look(connection, functions.slice(0, 2)));
    assert.deepEqual(functions.slice(0, 2).map((fn) => live.answer(acme.ref, fn)?.kind), ['failed', 'known']);
  });

  it('says nothing without a history, without a folder, and in a folder that is not trusted', async () => {
    for (const tools of [async () => Promise.reject(new OpsError('untrusted', { what: 'Reading the history' })), async () => Promise.reject(new OpsError('gitMissing', {}))]) {
      live = new LiveCommits({ tools });
      await live.look(connection, functions);
      assert.equal(open().length, 10);
    }
    await live.look(fakeConnection({ management }), functions);
    assert.deepEqual(management.asked, []);
  });
});
