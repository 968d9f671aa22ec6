import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Governor } from '../../src/adapters/supabase/governor.ts';
import { createTransport } from '../../src/adapters/supabase/http.ts';
import { createHostedLogStore } from '../../src/adapters/supabase/logStore.ts';
import { OpsError } from '../../src/core/errors.ts';
import { compareLines, type LogLine, type LogWindow } from '../../src/core/logs/log.ts';
import { LogTail } from '../../src/core/logs/tail.ts';
import type { Clock, LogReadOptions, LogStore } from '../../src/core/ports.ts';
import { ActiveTails } from '../../src/core/logs/activeTails.ts';
import { followLogs } from '../../src/features/logs/follow.ts';
import { LineLinks } from '../../src/features/logs/lineLinks.ts';
import { SavedFilters } from '../../src/features/logs/savedFilters.ts';
import { fakeConnection } from '../fakes/connection.ts';
import { FakeLogger } from '../fakes/logger.ts';
import { FakeStorage } from '../fakes/storage.ts';
import { enoughRuns, median, p90, rounded, type Benchmark, type Line } from './benchmark.ts';

/**
 * A tail on a virtual clock, over real HTTP, and into a channel. Rows come late, twice and out of order, and some answers are a 429 or
 * torn; a row that is lost or comes twice is an error, not a number.
 */
export const benchmark: Benchmark = {
  name: 'tail',
  run: async (say) => [...(await throughCore(say)), await overHttp(say), await sharedOverHttp(say), await intoChannel(say)],
};

const start = Date.UTC(2026, 10, 20, 9);

type Page = Pick<LogReadOptions, 'limit' | 'order' | 'after'>;
type Wanted = (line: LogLine) => boolean;

function within({ from, to }: LogWindow): Wanted {
  return ({ time }) => time >= from && time < to;
}

/** Lines of a busy project, made as time goes on; a part of them arrives up to 40 s late, a part twice. */
class Stream {
  readonly total: number;
  private readonly perSecond: number;
  private rows: { readonly line: LogLine; readonly visibleAt: number }[] = [];
  private made = 0;
  private seed = 7;

  constructor(total: number, perSecond: number) {
    this.total = total;
    this.perSecond = perSecond;
  }

  get endsAt(): number {
    return start + (this.total / this.perSecond) * 1000 + 120_000;
  }

  read(wanted: Wanted, { limit, order, after }: Page, now: number): LogLine[] {
    this.grow(now);
    const rows = this.rows
      .filter(({ line, visibleAt }) => visibleAt <= now && wanted(line) && (after === undefined || compareLines(line, after) > 0))
      .map(({ line }) => line)
      .sort(compareLines);
    return order === 'newest' ? rows.slice(-limit) : rows.slice(0, limit);
  }

  private grow(now: number): void {
    for (; this.made < this.total && start + (this.made / this.perSecond) * 1000 < now; this.made++) {
      const time = Math.floor(start + (this.made / this.perSecond) * 1000);
      const row = {
        line: { id: `row-${String(this.made).padStart(8, '0')}`, time, service: 'functions', level: 'info', message: `message ${this.made}`, functionId: this.made % 2 === 0 ? 'even' : 'odd' } as const,
        visibleAt: time + (this.random() < 0.02 ? this.random() * 40_000 : this.random() * 900),
      };
      this.rows.push(row, ...(this.random() < 0.01 ? [row] : []));
    }
    const old = now - 10 * 60_000;
    if ((this.rows[0]?.line.time ?? now) < old - 60_000) {
      this.rows = this.rows.filter(({ line }) => line.time >= old);
    }
  }

  private random(): number {
    this.seed = (this.seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return this.seed / 2 ** 31;
  }
}

/** Throws when one is missing or came again. */
class Received {
  private readonly seen: Uint8Array;
  count = 0;

  constructor(total: number) {
    this.seen = new Uint8Array(total);
  }

  take(lines: readonly LogLine[]): void {
    for (const { id } of lines) {
      const index = Number(id.slice('row-'.length));
      if (this.seen[index] !== 0) {
        throw new Error(`${id} came twice`);
      }
      this.seen[index] = 1;
      this.count++;
    }
  }

  check(expected = this.seen.length): void {
    if (this.count !== expected) {
      throw new Error(`${expected - this.count} of ${expected} lines were lost`);
    }
  }
}

/** A million rows on a virtual clock; what the stream itself takes to answer does not count. */
async function throughCore(say: (line: string) => void): Promise<Line[]> {
  const stream = new Stream(1_000_000, 80);
  const received = new Received(stream.total);
  const stop = new AbortController();
  let now = start;
  let answering = 0;
  let queries = 0;
  const clock: Clock = {
    now: () => now,
    sleep: async (milliseconds) => {
      now += milliseconds;
      if (now > stream.endsAt) {
        stop.abort();
      }
    },
  };
  const store: LogStore = {
    skewMs: 0,
    read: async (_, window, options) => {
      queries++;
      if (queries % 97 === 0) {
        throw new OpsError('rateLimited', { operation: 'read logs', retryAfterSeconds: 5 });
      }
      if (queries % 131 === 0) {
        throw new OpsError('badAnswer', { operation: 'read logs', problem: 'it broke off' });
      }
      const begun = performance.now();
      const lines = stream.read(within(window), options, now);
      answering += performance.now() - begun;
      return lines;
    },
  };
  const memory: number[] = [];
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const begun = performance.now();
  for await (const event of new LogTail({ store, clock }).follow({ services: ['functions'] }, { lookBackMs: 1000 }, stop.signal)) {
    received.take(event.kind === 'lines' ? event.lines : []);
    if (event.kind === 'lines' && received.count >= memory.length * 50_000) {
      collectGarbage();
      memory.push(process.memoryUsage().heapUsed);
      say(`${received.count} of ${stream.total}, ${Math.round((memory.at(-1) ?? 0) / 2 ** 20)} MB`);
    }
  }
  const perSecond = received.count / ((performance.now() - begun - answering) / 1000);
  received.check();
  // The first lines fill the windows; from then on it has to stay as it is.
  const growth = Math.max(...memory.slice(2)) - (memory[1] ?? 0);
  const facts = { rows: stream.total, queries, against: undefined, ratio: undefined };
  return [
    { name: 'tail.core', value: rounded(perSecond), unit: 'rows/s', limit: 'value >= 50000', ok: perSecond >= 50_000, ...facts },
    { name: 'tail.memory', value: growth, unit: 'bytes', limit: 'value <= 30 MB', ok: growth <= 30 * 2 ** 20, ...facts },
  ];
}

/** Time runs fifty times as fast for whoever waits, so that thirty thousand rows come in seconds. */
const haste = 50;

function hastyClock(haste: number): Clock {
  const begun = performance.now();
  const { sleep } = realClock;
  return { now: () => start + (performance.now() - begun) * haste, sleep: async (milliseconds, signal) => sleep(milliseconds / haste, signal) };
}

const realClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, milliseconds);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(new OpsError('cancelled', {}));
      });
    }),
};

/**
 * The hosted endpoint as far as a tail can tell: its own window, whose ends it rounds down to the minute, and the SQL's window, cursor,
 * order and limit, also of several questions at once. With faults every 23rd answer is a 429, and every 31st is torn.
 */
async function serve(read: (wanted: Wanted, page: Page) => LogLine[], { faults }: { faults: boolean }): Promise<{ origin: string; counts: { asked: number; shared: number }; close: () => void }> {
  const counts = { asked: 0, shared: 0 };
  const server = createServer((request, response) => {
    counts.asked++;
    const query = new URL(request.url ?? '', 'http://localhost').searchParams;
    const sql = query.get('sql') ?? '';
    const [start, end] = ['iso_timestamp_start', 'iso_timestamp_end'].map((name) => Math.floor(Date.parse(query.get(name) ?? '') / 60_000) * 60_000) as [number, number];
    const questions = [...sql.matchAll(/source = 'function_logs'(?: and \(log_attributes\['function_id'\] = '(\w+)'\))?(?: or source = '\w+')*\)+ and toUnix\w+\(timestamp\) >= (\d+) and \S+ < (\d+)/g)].map(
      ([, id, from, to]): Wanted =>
        (line) =>
          (id === undefined || line.functionId === id) && within({ from: Math.max(start, Number(from)), to: Math.min(end, Number(to)) })(line),
    );
    counts.shared += questions.length > 1 ? 1 : 0;
    const [, time, id] = /timestamp\) = (\d+) and id > '([^']+)'/.exec(sql) ?? [];
    const [, direction, limit] = /order by ts_ms (asc|desc).* limit (\d+)$/.exec(sql) ?? [];
    const after = id === undefined ? {} : { after: { time: Number(time), id } };
    const lines = read((line) => questions.some((wanted) => wanted(line)), { limit: Number(limit), order: direction === 'asc' ? 'oldest' : 'newest', ...after });
    const rows = (direction === 'asc' ? lines : lines.reverse()).map((line) => ({ id: line.id, ts_ms: String(line.time), source: 'function_logs', level: 'info', event_message: line.message, function_id: line.functionId, ...Object.fromEntries(questions.map((wanted, index) => [`for_${index}`, wanted(line) ? 1 : 0])) }));
    response.setHeader('content-type', 'application/json');
    if (faults && counts.asked % 23 === 0) {
      response.writeHead(429, { 'x-ratelimit-reset': '5' }).end('{"message":"ThrottlerException: Too Many Requests"}');
    } else if (faults && counts.asked % 31 === 0) {
      response.write('{"result":[');
      response.destroy();
    } else {
      response.end(JSON.stringify({ result: rows }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, counts, close };
}

/** A hosted project's logs as the product reads them: query, governor and all. */
function storeAt(origin: string, clock: Clock): LogStore {
  const transport = createTransport({ baseUrl: origin, account: 'me', credential: { header: 'authorization', value: 'Bearer x' }, version: '0', clock, governor: new Governor(clock), log: new FakeLogger() });
  const hosted = createHostedLogStore({ transport, ref: 'abcdefghijklmnopqrst', clock });
  // The answers' dates are of a real clock: nothing to correct ours by.
  return { skewMs: 0, read: async (...question) => hosted.read(...question) };
}

async function overHttp(say: (line: string) => void): Promise<Line> {
  const stream = new Stream(30_000, 60);
  const received = new Received(stream.total);
  const clock = hastyClock(haste);
  const { origin, close } = await serve((wanted, page) => stream.read(wanted, page, clock.now()), { faults: true });
  const store = storeAt(origin, clock);
  const stop = new AbortController();
  const begun = performance.now();
  try {
    for await (const event of new LogTail({ store, clock }).follow({ services: ['functions'] }, { lookBackMs: 1000 }, stop.signal)) {
      received.take(event.kind === 'lines' ? event.lines : []);
      if (received.count === stream.total || clock.now() > stream.endsAt) {
        stop.abort();
      }
    }
  } finally {
    close();
  }
  received.check();
  const seconds = (performance.now() - begun) / 1000;
  say(`${received.count} rows over HTTP in ${seconds.toFixed(1)} s`);
  return { name: 'tail.http', value: received.count, unit: 'rows', against: undefined, ratio: undefined, limit: 'none lost, none twice', ok: true, seconds: rounded(seconds) };
}

/** As windows read: of a tail of all functions and one of a single function, which ask together as long as a page is enough for both. */
async function sharedOverHttp(say: (line: string) => void): Promise<Line> {
  const stream = new Stream(30_000, 10);
  const clock = hastyClock(haste * 5);
  const { origin, counts, close } = await serve((wanted, page) => stream.read(wanted, page, clock.now()), { faults: true });
  const store = storeAt(origin, clock);
  const begun = performance.now();
  const follow = async (functionIds: readonly string[] | undefined, total: number) => {
    const received = new Received(stream.total);
    const stop = new AbortController();
    for await (const event of new LogTail({ store, clock }).follow({ services: ['functions'], ...(functionIds ? { functionIds } : {}) }, { lookBackMs: 1000 }, stop.signal)) {
      received.take(event.kind === 'lines' ? event.lines : []);
      if (received.count === total || clock.now() > stream.endsAt) {
        stop.abort();
      }
    }
    received.check(total);
    return received.count;
  };
  let rows = 0;
  try {
    rows = (await Promise.all([follow(undefined, stream.total), follow(['odd'], stream.total / 2)])).reduce((sum, count) => sum + count, 0);
  } finally {
    close();
  }
  const seconds = (performance.now() - begun) / 1000;
  say(`${rows} rows of two tails over HTTP in ${seconds.toFixed(1)} s, ${counts.shared} of ${counts.asked} queries for both`);
  const ok = counts.shared > counts.asked / 2;
  return { name: 'tail.shared', value: rows, unit: 'rows', against: undefined, ratio: undefined, limit: 'none lost, none twice, most queries for both', ok, queries: counts.asked, shared: counts.shared, seconds: rounded(seconds) };
}

/** A tail asks every two seconds while lines come, and by the governor's word no more often than 70 % of 30 times a minute. */
const pollMs = 60_000 / (30 * 0.7) / haste;

/**
 * From the moment a line can be read to its being in the channel, while lines come: at most one poll interval and 100 ms. The line is of
 * this very minute, whose end the endpoint would round away.
 */
async function intoChannel(say: (line: string) => void): Promise<Line> {
  const delays: number[] = [];
  let visible: { readonly line: LogLine; readonly at: number } | undefined;
  let arrived: () => void = () => undefined;
  const clock = hastyClock(haste);
  const { origin, close } = await serve((wanted) => (visible && wanted(visible.line) ? [visible.line] : []), { faults: false });
  const store = storeAt(origin, clock);
  const channel = {
    append: (text: string) => {
      if (visible && text.includes(visible.line.message)) {
        delays.push(performance.now() - visible.at);
        arrived();
      }
    },
    replace: () => undefined,
    show: () => undefined,
  };
  const tails = new ActiveTails();
  const settings = () => ({ lookBackMinutes: 1, mask: true, details: false });
  await followLogs({ tails, clock, saved: new SavedFilters(new FakeStorage()), settings, channelOf: () => channel, links: new LineLinks(), guard: async (_, work) => work() }, fakeConnection({ logs: store, clock }), { functions: '*' });
  for (let run = 0; run <= enoughRuns * 4; run++) {
    const done = new Promise<void>((resolve) => (arrived = resolve));
    await realClock.sleep(Math.random() * pollMs, new AbortController().signal);
    visible = { line: { id: `row-${run}`, time: clock.now(), service: 'functions', level: 'info', message: `the line of run ${run}.`, functionId: 'even' }, at: performance.now() };
    await done;
  }
  tails.stopAll();
  close();
  // The first is the warm-up.
  const own = delays.slice(1);
  say(`a line is in the channel after ${median(own).toFixed(1)} ms, polls being ${Math.round(pollMs)} ms apart`);
  const worst = p90(own);
  return { name: 'tail.channel', value: rounded(median(own)), unit: 'ms', against: undefined, ratio: undefined, limit: `p90 <= ${Math.round(pollMs + 100)}`, ok: worst <= pollMs + 100, p90: rounded(worst), runs: own.length, pollMs: rounded(pollMs) };
}
