/** DESIGN 5.7: windows that tail one project ask together no more often than its log endpoint lets one do, and none waits for one that died. */
import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { temporaryFolder } from '../fixtures/repository.ts';
import { hastyClock, type TailOrder, type Word } from './secondTail.ts';

const perMinute = 30;
const minute = 60_000;

class TailingWindow implements AsyncDisposable {
  readonly turns: number[] = [];
  readonly ids: string[] = [];
  readonly told: string[] = [];
  private readonly child: ChildProcess;
  private heard = () => {};

  constructor(order: TailOrder) {
    this.child = fork(path.join(import.meta.dirname, 'secondTail.ts'), [JSON.stringify(order)]);
    this.child.on('message', (word: Word) => {
      this.turns.push(...('at' in word ? [word.at] : []));
      this.ids.push(...('ids' in word ? word.ids : []));
      this.told.push(...('told' in word ? [word.told] : []));
      this.heard();
    });
    this.child.once('exit', () => this.heard());
  }

  /** Until it has said so much, or has ended. */
  async until(enough: () => boolean): Promise<void> {
    while (!enough() && this.runs) {
      await new Promise<void>((resolve) => (this.heard = resolve));
    }
  }

  get runs(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  async die(): Promise<void> {
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.runs) {
      await this.die();
    }
  }
}

/** A line each second, every seventh 20 s late; a request beyond the limit is refused to the end of the minute. */
class LogEndpoint implements AsyncDisposable {
  readonly asked: number[] = [];
  refused = 0;
  private readonly began = Date.now();
  private readonly clock;
  private readonly haste: number;
  private readonly server = createServer((request, response) => {
    const now = this.clock.now();
    const window = Math.floor((now - this.began) / minute);
    this.asked.push(now);
    const used = this.asked.filter((at) => Math.floor((at - this.began) / minute) === window).length;
    response.setHeader('content-type', 'application/json');
    if (used > perMinute) {
      this.refused++;
      response.writeHead(429, { 'x-ratelimit-reset': String(Math.ceil(((window + 1) * minute + this.began - now) / 1000)) }).end('{"message":"ThrottlerException: Too Many Requests"}');
      return;
    }
    const sql = new URL(request.url ?? '', 'http://localhost').searchParams.get('sql') ?? '';
    const [, from, to] = /timestamp\) >= (\d+) and \S+ < (\d+)/.exec(sql) ?? [];
    const rows = Array.from({ length: Math.floor((now - this.began) / 1000) }, (_, index) => ({ id: `row-${index}`, time: this.began + index * 1000 }))
      .filter(({ time }, index) => time >= Number(from) && time < Number(to) && time + (index % 7 === 0 ? 20_000 : 0) <= now)
      .map(({ id, time }) => ({ id, ts_ms: String(time), source: 'function_logs', level: 'info', event_message: id }));
    response.end(JSON.stringify({ result: sql.includes(' desc') ? rows.reverse() : rows }));
  });

  constructor(haste: number) {
    this.haste = haste;
    this.clock = hastyClock(this.began, haste);
  }

  async order(folder?: string): Promise<TailOrder> {
    if (!this.server.listening) {
      await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    }
    const origin = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return { kind: 'tail', origin, began: this.began, haste: this.haste, ...(folder === undefined ? {} : { folder }) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** The most of these times within any so long. */
function mostWithin(times: readonly number[], span: number): number {
  return Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + span).length));
}

describe('windows that tail one project', function () {
  this.timeout(120_000);
  let folder: string;

  beforeEach(async () => {
    folder = await temporaryFolder('tails');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('take no more turns together than a minute has, also when one is killed at it', async () => {
    const order = { kind: 'take', folder, turns: 60 } as const;
    await using one = new TailingWindow(order);
    await using other = new TailingWindow(order);
    await using third = new TailingWindow({ ...order, turns: 100_000 });
    await third.until(() => third.turns.length >= 20);
    await third.die();
    await Promise.all([one, other].map(async (window) => window.until(() => window.turns.length === order.turns)));
    assert.deepEqual([one, other].map(({ turns, told }) => [turns.length, told]), [[60, []], [60, []]]);
    const most = mostWithin([...one.turns, ...other.turns, ...third.turns], minute);
    assert.ok(most <= perMinute, `${most} within a minute`);
  });

  it('ask together no more often than the endpoint allows, show every line once, and go on when one is killed', async () => {
    await using endpoint = new LogEndpoint(20);
    const order = await endpoint.order(folder);
    await using one = new TailingWindow(order);
    await using other = new TailingWindow(order);
    await Promise.all([one, other].map(async (window) => window.until(() => window.ids.length >= 150)));
    await one.die();
    const atDeath = other.ids.length;
    await other.until(() => other.ids.length >= atDeath + 100);
    assert.deepEqual([endpoint.refused, other.told], [0, ['following']]);
    const most = mostWithin(endpoint.asked, minute);
    assert.ok(most <= perMinute, `${most} requests within a minute`);
    for (const { ids } of [one, other]) {
      assert.equal(new Set(ids).size, ids.length, 'a line came twice');
      // The last may still be late; what came before them has no hole.
      const numbers = ids.map((id) => Number(id.slice(4)));
      const surely = Math.max(...numbers) - 60;
      const from = Math.min(...numbers);
      assert.deepEqual(Array.from({ length: surely - from }, (_, index) => from + index).filter((number) => !numbers.includes(number)), []);
    }
  });
});
