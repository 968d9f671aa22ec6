import assert from 'node:assert/strict';
import { OpsError } from '../../../../src/core/errors.ts';
import { ActiveTails } from '../../../../src/core/logs/activeTails.ts';
import type { SupabaseCli } from '../../../../src/core/ports.ts';
import { LineLinks } from '../../../../src/features/logs/lineLinks.ts';
import { SavedFilters } from '../../../../src/features/logs/savedFilters.ts';
import { serveFunctions } from '../../../../src/features/logs/serve.ts';
import type { Guard } from '../../../../src/host/guard.ts';
import { FakeClock, settle } from '../../../fakes/clock.ts';
import { fakeConnection } from '../../../fakes/connection.ts';
import { sessionOf } from '../../../fakes/session.ts';
import { FakeStorage } from '../../../fakes/storage.ts';

const place = { id: 'file:///acme', name: 'acme', folder: '/acme' };
const local = { kind: 'local', ref: 'local-acme', name: 'acme', environment: 'local' } as const;

describe('functions served on this machine', () => {
  let clock: FakeClock;
  let tails: ActiveTails;
  let text: string;
  let say: (line: string) => void;
  let fail: (error: unknown) => void;
  let folders: string[];

  beforeEach(() => {
    clock = new FakeClock();
    tails = new ActiveTails();
    text = '';
    folders = [];
  });

  /** A CLI that prints when told, and ends with its signal. */
  const cli: Pick<SupabaseCli, 'serveFunctions'> = {
    serveFunctions: (folder, onLine, signal) =>
      new Promise((_, reject) => {
        folders.push(folder);
        say = onLine;
        fail = reject;
        signal.addEventListener('abort', () => reject(new OpsError('cancelled', {})), { once: true });
      }),
  };
  const guard: Guard = async (_, work) => work();

  async function command(connection = fakeConnection({ project: local, place, clock })) {
    return serveFunctions({
      session: await sessionOf(connection),
      clock,
      cli: async () => cli,
      follow: {
        tails,
        clock,
        saved: new SavedFilters(new FakeStorage()),
        settings: () => ({ lookBackMinutes: 60, mask: true, details: false }),
        channelOf: (name) => {
          assert.equal(name, 'Function logs: served on this machine · acme');
          return { append: (more) => void (text += more), replace: (whole) => void (text = whole), show: () => undefined };
        },
        guard,
        links: new LineLinks(),
      },
    });
  }

  it('print into a channel at once, rows of a message together, and can be filtered like any tail', async () => {
    const ended = (await command())();
    await settle();
    assert.deepEqual(folders, ['/acme']);
    say('serving the request with supabase/functions/mint-token');
    say('[Error] no wallet');
    say('    at index.ts:1:1');
    say('[Info] done');
    await clock.advance(100);
    assert.match(text, /\[error\] mint-token no wallet\n {8}at index\.ts:1:1\n\S+ \[info\] {2}mint-token done\n$/);
    await tails.all[0]?.reins.filter({ levels: ['error'] });
    await settle();
    assert.doesNotMatch(text, /done/);
    tails.stopAll();
    await ended;
    assert.equal(tails.any, false);
    assert.equal(clock.sleeping, 0);
  });

  it('say why they ended by themselves, in channel and row', async () => {
    const ended = (await command())();
    await settle();
    say('Cannot connect to the Docker daemon');
    fail(new OpsError('cliFailed', { command: 'supabase functions serve', exitCode: 1, message: 'Cannot connect to the Docker daemon' }));
    const failed = assert.rejects(ended, (error) => error instanceof OpsError && error.code === 'cliFailed');
    await clock.advance(30_000);
    await failed;
    assert.match(text, /served on this machine|functions Cannot connect/);
    assert.match(text, /── supabase functions serve failed \(exit code 1\): Cannot connect to the Docker daemon/);
    assert.equal(tails.state(local.ref, 'served')?.kind, 'failed');
  });

  it('are served once', async () => {
    const run = await command();
    const ended = run();
    await settle();
    await run();
    assert.equal(folders.length, 1);
    tails.stopAll();
    await ended;
  });

  it('need a folder', async () => {
    await assert.rejects((await command(fakeConnection({ project: local, clock })))(), (error) => error instanceof OpsError && error.code === 'notFound');
  });
});
