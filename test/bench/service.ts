/** The sandbox in a process of its own, as the hosted service is: what it works at keeps nobody else waiting. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Sandbox } from '../sandbox/controlPlane.ts';

export type ServiceFacts = Pick<Sandbox, 'apiUrl' | 'gatewayUrl' | 'token' | 'ref' | 'profilePath' | 'databaseUrl' | 'caPath' | 'workspace'> & {
  /** The database as far away as {@link ServiceOptions.databaseLatencyMs} says. */
  readonly distantDatabaseUrl: string | undefined;
};

export interface ServiceOptions {
  readonly latencyMs: number;
  /** With a database and logs. */
  readonly engines: boolean;
  /** From a question to the database to its answer and back. */
  readonly databaseLatencyMs?: number;
}

/** A request to the Management API. */
export interface ServiceCall {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Path template of the endpoint; empty where there is none. */
  readonly route: string;
}

export interface Service extends ServiceFacts {
  /** What was asked of it since the last time. */
  takeCalls(): Promise<readonly ServiceCall[]>;
  stop(): Promise<void>;
}

/** The realistic project, without functions that run. Its rate limits are out of the way. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const child = fork(path.join(import.meta.dirname, 'service.child.ts'), [JSON.stringify(options)]);
  const ended = once(child, 'exit');
  const answer = async (): Promise<unknown> => {
    const [told] = (await Promise.race([once(child, 'message'), ended.then(() => Promise.reject(new Error('the sandbox ended')))])) as [unknown];
    return told;
  };
  const facts = (await answer()) as ServiceFacts;
  return {
    ...facts,
    takeCalls: async () => {
      const told = answer();
      child.send('calls');
      return (await told) as readonly ServiceCall[];
    },
    stop: async () => {
      if (child.connected) {
        child.disconnect();
      }
      await ended;
    },
  };
}
