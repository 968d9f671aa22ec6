/** A server on loopback that answers what a test tells it to, and remembers what it was asked. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Governor } from '../../../../src/adapters/supabase/governor.ts';
import { createAccountTransport, createManagementApi } from '../../../../src/adapters/supabase/managementApi.ts';
import type { Transport } from '../../../../src/adapters/supabase/http.ts';
import { systemClock } from '../../../../src/adapters/systemClock.ts';
import type { CallOptions, Clock, Logger, ManagementApi } from '../../../../src/core/ports.ts';

export interface Asked {
  readonly method: string;
  /** Path and query as they came. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Answering = (asked: Asked, response: ServerResponse) => void;

export interface AnsweringServer {
  readonly origin: string;
  readonly asked: readonly Asked[];
  /** From now on. */
  answer(answering: Answering): void;
  stop(): Promise<void>;
}

export async function startAnsweringServer(): Promise<AnsweringServer> {
  const asked: Asked[] = [];
  let current: Answering = (_, response) => void response.writeHead(500).end();
  const server = createServer((message, response) => {
    const chunks: Buffer[] = [];
    message.on('data', (chunk: Buffer) => chunks.push(chunk));
    message.on('end', () => {
      const one = { method: message.method ?? '', url: message.url ?? '', headers: message.headers, body: Buffer.concat(chunks).toString() };
      asked.push(one);
      current(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    answer: (answering) => {
      current = answering;
    },
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Answering {
  return (_, response) => void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** One answer per call, the last one for all that follow. */
export function inTurn(...answers: readonly Answering[]): Answering {
  let next = 0;
  return (asked, response) => answers[Math.min(next++, answers.length - 1)]?.(asked, response);
}

export const ref = 'abcdefghijklmnopqrst';
export const token = `sbp_${'0123456789abcdef'.repeat(3).slice(0, 40)}`;

/** Waits a hundredth of what it is asked to, so that pauses between attempts cost a test no time. */
export const hastyClock: Clock = {
  now: () => systemClock.now(),
  sleep: (milliseconds, signal) => systemClock.sleep(milliseconds / 100, signal),
};

export class RecordingLogger implements Logger {
  readonly lines: string[] = [];
  readonly debug = (message: string, facts?: Record<string, unknown>): void => this.add(message, facts);
  readonly info = this.debug;
  readonly warn = this.debug;
  readonly error = this.debug;

  private add(message: string, facts: unknown): void {
    this.lines.push(`${message} ${JSON.stringify(facts ?? {})}`);
  }
}

export interface Client {
  readonly transport: Transport;
  readonly api: ManagementApi;
  readonly log: RecordingLogger;
}

export function createClient(origin: string, change: { token?: string; clock?: Clock } = {}): Client {
  const clock = change.clock ?? hastyClock;
  const log = new RecordingLogger();
  const account = { id: 'me', name: 'me@example.test', origin };
  const transport = createAccountTransport({ account, token: change.token ?? token, version: '1.2.3', clock, governor: new Governor(clock), log });
  return { transport, api: createManagementApi(transport, account), log };
}

export function asUser(signal: AbortSignal = new AbortController().signal): CallOptions {
  return { signal, priority: 'user' };
}
