import assert from 'node:assert/strict';
import { OpsError } from '../../../../src/core/errors.ts';
import { ActiveTails } from '../../../../src/core/logs/activeTails.ts';
import type { HealthRow } from '../../../../src/core/health/report.ts';
import type { Connection } from '../../../../src/core/project/connection.ts';
import { LineLinks } from '../../../../src/features/logs/lineLinks.ts';
import { SavedFilters } from '../../../../src/features/logs/savedFilters.ts';
import { tailHandlers } from '../../../../src/features/logs/tailCommands.ts';
import { statusOf } from '../../../../src/features/logs/tailsInWords.ts';
import { createGuard } from '../../../../src/host/guard.ts';
import { FakeClock, settle } from '../../../fakes/clock.ts';
import { acme, fakeConnection } from '../../../fakes/connection.ts';
import { FakeLogger } from '../../../fakes/logger.ts';
import { FakeLogStore, logLine } from '../../../fakes/logStore.ts';
import { FakeManagementApi } from '../../../fakes/managementApi.ts';
import { sessionOf } from '../../../fakes/session.ts';
import { FakeStorage } from '../../../fakes/storage.ts';
import { FakeUi } from '../../../fakes/ui.ts';

const second = 1000;
const minute = 60 * second;

class FakeChannel {
  text = '';
  shows = 0;

  append(text: string): void {
    this.text += text;
  }

  replace(text: string): void {
    this.text = text;
  }

  show(): void {
    this.shows++;
  }

  /** Messages of log lines, without Opsbook's own marks. */
  get lines(): string[] {
    return this.text.split('\n').filter((line) => / \[\w+\] +/.test(line)).map((line) => line.replace(/^\S+ \[\w+\] +/, ''));
  }

  get marks(): string[] {
    return [...this.text.matchAll(/^\S+ ── (.*) ──$/gm)].map((match) => (match[1] ?? '').replace(/ · (⟨[^⟩]+⟩ ?)+$/, ''));
  }
}

describe('log tails', () => {
  let clock: FakeClock;
  let store: FakeLogStore;
  let management: FakeManagementApi;
  let tails: ActiveTails;
  let ui: FakeUi;
  let storage: FakeStorage;
  let channels: Map<string, FakeChannel>;
  let run: ReturnType<typeof tailHandlers>;
  let mask: boolean;

  async function open(connection: Connection): Promise<void> {
    const guard = createGuard({ ui, log: new FakeLogger(), execute: async () => undefined });
    run = tailHandlers({
      session: await sessionOf(connection),
      tails,
      clock,
      ui,
      follow: {
        tails,
        clock,
        saved: new SavedFilters(storage),
        settings: () => ({ lookBackMinutes: 60, mask, details: false }),
        channelOf: (name) => {
          const channel = channels.get(name) ?? new FakeChannel();
          channels.set(name, channel);
          return channel;
        },
        guard,
        links: new LineLinks(),
      },
    });
  }

  beforeEach(async () => {
    clock = new FakeClock();
    store = new FakeLogStore();
    management = new FakeManagementApi();
    management.addProject(acme.ref, 'acme');
    management.deploy(acme.ref, 'mint-token', new Map(), { id: 'id-mint', version: 12 });
    management.deploy(acme.ref, 'health', new Map(), { id: 'id-health' });
    tails = new ActiveTails();
    ui = new FakeUi();
    storage = new FakeStorage();
    channels = new Map();
    mask = true;
    await open(fakeConnection({ management, logs: store, clock }));
  });

  afterEach(async () => {
    tails.stopAll();
    await settle();
    assert.equal(tails.any, false);
    assert.equal(clock.sleeping, 0);
    ui.done();
  });

  const mintRow = { kind: 'function', slug: 'mint-token', ref: acme.ref };
  const mint = () => channelNamed('Function logs: mint-token · acme');
  function channelNamed(name: string): FakeChannel {
    const channel = channels.get(name);
    assert.ok(channel, `a channel ${name}; there are ${[...channels.keys()].join(', ')}`);
    return channel;
  }
  const say = (message: string, more: Parameters<typeof logLine>[0] | object = {}) => store.add(logLine({ time: clock.now() - second, functionId: 'id-mint', message, ...more }));

  it('follow the row’s function in a channel of its own, under its name', async () => {
    say('minted');
    say('of another', { functionId: 'id-health' });
    await run.tailFunction({ node: mintRow });
    await settle();
    say('again', { time: clock.now() + second });
    await clock.advance(2 * second);
    assert.deepEqual(mint().lines, ['mint-token minted', 'mint-token again']);
    assert.match(mint().marks[0] ?? '', /^mint-token from 2026-11-20T08:00:00\.000Z on · filter: none, all lines$/);
    assert.deepEqual(tails.state(acme.ref, 'mint-token'), { kind: 'following' });
  });

  it('are started once: a second time shows the one that runs', async () => {
    await run.tailFunction(mintRow);
    await run.tailFunction(mintRow);
    await settle();
    assert.deepEqual([tails.all.length, mint().shows, mint().marks.length], [1, 2, 1]);
  });

  it('ask for the function in the palette', async () => {
    ui.willPick('health');
    await run.tailFunction();
    await settle();
    assert.deepEqual([...channels.keys()], ['Function logs: health · acme']);
  });

  it('follow a service from its row in Health, and everything merged by time', async () => {
    store.add(logLine({ time: clock.now() - 3 * second, service: 'postgres', message: 'checkpoint' }), logLine({ time: clock.now() - 2 * second, service: 'auth', message: 'signed in' }));
    say('minted');
    const row: HealthRow = { kind: 'service', id: 'database', label: 'Database', state: 'ok', description: '' };
    await run.tailService({ node: { kind: 'service', row } });
    ui.willPick('Everything, merged by time');
    await run.tailService();
    await settle();
    assert.deepEqual(channelNamed('Supabase logs: Postgres · acme').lines, ['postgres checkpoint']);
    assert.deepEqual(channelNamed('Supabase logs: everything · acme').lines, ['postgres checkpoint', 'auth signed in', 'mint-token minted']);
    await run.pauseTail({ node: { kind: 'service', ref: acme.ref, row } });
    await settle();
    assert.equal(tails.state(acme.ref, 'service postgres')?.kind, 'paused');
    await run.stopTail({ node: { kind: 'service', ref: acme.ref, row } });
    await settle();
    assert.deepEqual(tails.all.map(({ key }) => key), ['service *']);
  });

  it('take what a manual asks for: level, filter keys, span and number of lines', async () => {
    say('failed', { level: 'error' });
    say('failed long ago', { level: 'error', time: clock.now() - 90 * minute });
    say('fine');
    await run.tailService({ functions: '*', level: 'error', text: 'function_name=mint-token', sinceMinutes: 60, limit: 50 });
    await settle();
    const channel = channelNamed('Function logs: all functions · acme');
    assert.deepEqual(channel.lines, ['mint-token failed']);
    assert.match(channel.marks[0] ?? '', /filter: level=error function_name=mint-token$/);
    assert.equal(store.reads[0]?.options.limit, 50);
  });

  it('narrow one that runs when a manual asks for more precise lines', async () => {
    say('failed', { level: 'error' });
    say('fine');
    await run.tailFunction(mintRow);
    await settle();
    await run.tailService({ functions: ['mint-token'], level: 'error' });
    await settle();
    assert.deepEqual([tails.all.length, mint().lines], [1, ['mint-token failed']]);
  });

  it('read again what was shown when the filter changes, and say what it is now', async () => {
    say('failed', { level: 'error' });
    say('fine');
    await run.tailFunction(mintRow);
    await settle();
    assert.equal(mint().lines.length, 2);
    ui.willPick('Errors');
    await run.changeFilter(mintRow);
    await settle();
    assert.deepEqual(mint().lines, ['mint-token failed']);
    assert.match(mint().marks[0] ?? '', /^mint-token from 2026-11-20T08:00:00\.000Z on · filter: level=error · read again$/);
    ui.willPick('Type a filter…').willType('/^fi/');
    await run.changeFilter(mintRow);
    await settle();
    assert.deepEqual(mint().lines, ['mint-token fine']);
    assert.equal(tails.all[0]?.filter.pattern?.source, '^fi');
  });

  it('show of ten thousand lines in one second each once and in order, and mark where some are passed over: the service gives no more in time', async () => {
    await run.tailFunction(mintRow);
    await settle();
    const begun = clock.now();
    const all = Array.from({ length: 10_000 }, (_, at) => logLine({ time: begun + at / 10, id: String(at).padStart(5, '0'), functionId: 'id-mint', message: `line ${at}` }));
    store.add(...all);
    await clock.advance(minute);
    const shown = mint().lines.map((line) => Number(/line (\d+)$/.exec(line)?.[1]));
    assert.ok(shown.every((number, at) => at === 0 || number > (shown[at - 1] ?? 0)), 'in order, none twice');
    assert.equal(shown.at(-1), all.length - 1);
    const [gap = '', ...others] = mint().marks.slice(1);
    const [, from = '', to = ''] = /^lines between (\S+) and (\S+) may be missing$/.exec(gap) ?? assert.fail(gap);
    const missing = all.filter((_, at) => !shown.includes(at)).map(({ time }) => time);
    assert.deepEqual(others, []);
    assert.ok(missing.length > 0 && missing.every((time) => time >= Date.parse(from) - 1 && time <= Date.parse(to) + 1), `${missing.length} missing`);
  });

  it('of all functions are held by their own row', async () => {
    await run.tailFunction({ functions: '*' });
    await run.tailFunction(mintRow);
    await settle();
    const row = { node: { kind: 'tail', ref: acme.ref, key: '*', name: 'all functions · acme', state: { kind: 'following' } } };
    const channel = channelNamed('Function logs: all functions · acme');
    const shows = channel.shows;
    await run.showTail(row);
    assert.equal(channel.shows, shows + 1);
    await run.pauseTail(row);
    await settle();
    assert.deepEqual([tails.state(acme.ref, '*')?.kind, tails.state(acme.ref, 'mint-token')?.kind], ['paused', 'following']);
    await run.stopTail(row);
    await settle();
    assert.deepEqual(tails.all.map(({ key }) => key), ['mint-token']);
  });

  it('follow the name of a function: when it was deleted and deployed anew, the lines of both', async () => {
    say('of the former');
    await run.tailFunction(mintRow);
    await settle();
    await management.deleteFunction(acme.ref, 'mint-token', { signal: AbortSignal.timeout(1000), priority: 'user' });
    await clock.advance(2 * minute);
    assert.equal(mint().marks.filter((mark) => mark.startsWith('mint-token is not deployed any more')).length, 1);
    management.deploy(acme.ref, 'mint-token', new Map(), { id: 'id-anew' });
    store.add(logLine({ time: clock.now(), functionId: 'id-anew', message: 'of the new one' }));
    await clock.advance(minute + 5 * second);
    assert.deepEqual(mint().lines, ['mint-token of the former', 'mint-token of the new one']);
    assert.match(mint().marks.join('\n'), /^mint-token was deleted and deployed anew, now version 1: the lines of both are shown$/m);
    assert.deepEqual(tails.find(acme.ref, 'mint-token')?.query.functionIds, ['id-mint', 'id-anew']);
    store.add(logLine({ time: clock.now(), functionId: 'id-anew', message: 'more of it' }));
    await clock.advance(minute);
    assert.equal(mint().lines.at(-1), 'mint-token more of it');
  });

  it('ask nothing more while lines come, while paused, and of all functions', async () => {
    await run.tailFunction(mintRow);
    await run.tailFunction({ functions: '*' });
    await settle();
    const asked = () => management.calls.filter(({ method }) => method === 'functions').length;
    const before = asked();
    for (let count = 0; count < 10; count++) {
      say('minted', { time: clock.now() });
      await clock.advance(20 * second);
    }
    assert.equal(asked(), before);
    await run.pauseTail(mintRow);
    await clock.advance(5 * minute);
    assert.equal(asked(), before);
    await run.resumeTail(mintRow);
    management.fail('functions', new OpsError('unreachable', { host: 'api', reason: 'no route' }));
    await clock.advance(3 * minute);
    assert.ok(asked() > before);
    assert.deepEqual(tails.state(acme.ref, 'mint-token'), { kind: 'following' });
  });

  it('keep the lines that are shown when the next reading fails, and mark that it waits', async () => {
    say('fine');
    await run.tailFunction(mintRow);
    await settle();
    store.failNext(new OpsError('rateLimited', { operation: 'read logs', retryAfterSeconds: 20 }));
    ui.willPick('Errors');
    await run.changeFilter(mintRow);
    await settle();
    assert.deepEqual(mint().lines, ['mint-token fine']);
    assert.match(mint().marks.join('\n'), /the filter is now: level=error.*\n.*again in 20 s/s);
    assert.equal(tails.state(acme.ref, 'mint-token')?.kind, 'waiting');
    assert.deepEqual(statusOf(tails), { text: '$(warning) 1 tail', tooltip: statusOf(tails).tooltip, troubled: true });
    await clock.advance(20 * second);
    assert.deepEqual(mint().lines, []);
    assert.equal(statusOf(tails).troubled, false);
  });

  it('take a filter from a link', async () => {
    say('of the call', { executionId: 'e-1' });
    say('of another', { executionId: 'e-2' });
    await run.tailFunction(mintRow);
    await run.changeFilter({ ref: acme.ref, key: 'mint-token', filter: 'execution_id=e-1' });
    await settle();
    assert.deepEqual(mint().lines, ['mint-token of the call']);
  });

  it('refuse a filter that cannot be compiled while it is typed, with a sentence', async () => {
    await run.tailFunction(mintRow);
    ui.willPick('Type a filter…').willDismiss();
    await assert.rejects(run.changeFilter(mintRow), (error) => error instanceof OpsError && error.code === 'cancelled');
    const check = ui.questions.at(-1)?.check;
    assert.match(check?.('/(a/') ?? '', /no regular expression/);
    assert.match(check?.('level=loud') ?? '', /level=loud is not understood/);
    assert.equal(check?.('level=error'), undefined);
  });

  it('refuse a manual’s filter in the same words', async () => {
    await assert.rejects(run.tailService({ services: ['auth'], text: 'status=nine' }), (error) => error instanceof OpsError && error.code === 'badFilter');
    assert.equal(tails.any, false);
  });

  it('remember the filter of each, and those that were saved, but not moments', async () => {
    await run.tailFunction(mintRow);
    ui.willPick('Type a filter…').willType('level=warn since=2h timeout');
    await run.changeFilter(mintRow);
    ui.willPick('Save this filter…').willType('Slow');
    await run.changeFilter(mintRow);
    await settle();
    await run.stopTail(mintRow);
    await settle();
    await run.tailFunction(mintRow);
    await settle();
    assert.match(mint().marks.at(-1) ?? '', /filter: level=warn timeout$/);
    assert.match(mint().marks.at(-1) ?? '', /from 2026-11-20T08:00/);
    ui.willPick('health');
    await run.tailFunction();
    ui.willPick('Slow');
    await run.changeFilter({ ...mintRow, slug: 'health' });
    assert.deepEqual(tails.find(acme.ref, 'health')?.filter.levels, ['warn', 'error']);
    ui.willPick('Forget a saved filter…').willPick('Slow');
    await run.changeFilter(mintRow);
    assert.deepEqual(new SavedFilters(storage).list(), []);
  });

  it('offer the live version and the one before', async () => {
    say('old', { version: '11' });
    say('new', { version: '12' });
    await run.tailFunction(mintRow);
    ui.willPick('Only version 11');
    await run.changeFilter(mintRow);
    await settle();
    assert.deepEqual(mint().lines, ['mint-token old']);
  });

  it('pause and resume, in row, channel and status bar', async () => {
    await run.tailFunction(mintRow);
    await settle();
    await run.pauseTail(mintRow);
    await settle();
    assert.equal(tails.state(acme.ref, 'mint-token')?.kind, 'paused');
    assert.match(mint().marks.at(-1) ?? '', /^paused/);
    assert.equal(statusOf(tails).text, '$(debug-pause) 1 tail');
    say('meanwhile', { time: clock.now() + minute });
    await clock.advance(10 * minute);
    assert.deepEqual(mint().lines, []);
    await run.resumeTail(mintRow);
    await settle();
    assert.deepEqual(mint().lines, ['mint-token meanwhile']);
  });

  it('never end quietly: the row, the channel and a message say why, and trying again starts anew', async () => {
    await run.tailFunction(mintRow);
    await settle();
    store.failNext(new OpsError('permissionMissing', { operation: 'read logs', account: 'me' }));
    await clock.advance(2 * second);
    assert.match(JSON.stringify(tails.state(acme.ref, 'mint-token')), /failed.*may not read logs/);
    assert.match(mint().marks.slice(-2).join(), /may not read logs.*,stopped$/);
    assert.match(ui.told.at(-1)?.message ?? '', /may not read logs/);
    assert.equal(statusOf(tails).troubled, true);
    const ended = ui.press('Retry');
    await settle();
    assert.deepEqual(tails.state(acme.ref, 'mint-token'), { kind: 'following' });
    tails.stopAll();
    await ended;
  });

  it('are listed with their states, and each can be stopped from there', async () => {
    store.budget = { limit: 30, used: 12, resetsAt: clock.now() + 40 * second };
    await run.tailFunction(mintRow);
    await run.tailService({ services: ['auth'] });
    await settle();
    ui.willPick('Auth · acme').willPick('Stop');
    await run.manageTails();
    await settle();
    assert.deepEqual(tails.all.map(({ key }) => key), ['mint-token']);
    assert.match(ui.lists[0]?.choices.map(({ description }) => description).join() ?? '', /^tailing · since 60 min,tailing/);
    assert.equal(ui.lists[0]?.placeholder, 'Log queries this minute: 12 of 30.');
  });

  it('tell the budget of log queries while they wait', async () => {
    store.budget = { limit: 30, used: 30, resetsAt: clock.now() + 40 * second };
    store.failNext(new OpsError('rateLimited', { operation: 'read logs', retryAfterSeconds: 40 }));
    await run.tailFunction(mintRow);
    await settle();
    assert.match(mint().marks.at(-1) ?? '', /Log queries this minute: 30 of 30\. Counted anew in 40 s\.$/);
  });

  it('learn the name of a function that was deployed later', async () => {
    await run.tailService({ functions: '*' });
    await settle();
    management.deploy(acme.ref, 'brand-new', new Map(), { id: 'id-new' });
    await clock.advance(61 * second);
    store.add(logLine({ time: clock.now(), functionId: 'id-new', message: 'hello' }));
    await clock.advance(15 * second);
    assert.deepEqual(channelNamed('Function logs: all functions · acme').lines, ['brand-new hello']);
  });

  it('name a function that is not deployed', async () => {
    await assert.rejects(run.tailService({ functions: ['ghost'] }), (error) => error instanceof OpsError && error.code === 'notFound');
  });

  it('follow all functions also where nobody can list them, by their ids', async () => {
    await open(fakeConnection({ logs: store, clock }));
    say('minted');
    await run.tailService({ functions: '*' });
    await settle();
    assert.deepEqual(channelNamed('Function logs: all functions · acme').lines, ['id-mint minted']);
    await assert.rejects(run.tailService({ functions: ['mint-token'] }), (error) => error instanceof OpsError && error.code === 'absent');
  });

  it('are absent with the reason where there are no logs', async () => {
    await open(fakeConnection({ clock }));
    await assert.rejects(run.tailService({ services: ['auth'] }), (error) => error instanceof OpsError && error.code === 'absent');
  });

  it('mask credentials unless told not to', async () => {
    say('key sb_secret_abcdef');
    await run.tailFunction(mintRow);
    await settle();
    assert.deepEqual(mint().lines, ['mint-token key sb_secret_…']);
    mask = false;
    say('key sb_secret_abcdef', { time: clock.now() + second });
    await clock.advance(2 * second);
    assert.equal(mint().lines.at(-1), 'mint-token key sb_secret_abcdef');
  });
});
