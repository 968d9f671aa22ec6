/** One connection to the server: opened with verified TLS, told apart from others by its process id, cancelled from beside. */
import type { Client, ClientConfig } from 'pg';
import type { ConnectionOptions } from 'node:tls';
import { OpsError, throwIfCancelled } from '../../core/errors.ts';
import type { Clock } from '../../core/ports.ts';
import { isLoopbackHost } from '../supabase/localAddress.ts';
import { toConnectFailure } from './failure.ts';
import { formatHost, type DatabaseTarget } from '../../core/project/databaseTarget.ts';
import { RowTap } from './rowTap.ts';
import { textTypes } from './types.ts';

export interface ConnectionNeeds {
  readonly target: DatabaseTarget;
  /** PEM of the authority that signed the server's certificate, when the system does not know it. */
  readonly ca: string | undefined;
  readonly clock: Clock;
}

export interface OpenConnection {
  readonly client: Client;
  /** Takes rows out of what comes, while a statement of ours runs. */
  readonly tap: RowTap;
  /** The server or the network ended it; it is of no more use. */
  readonly lost: boolean;
  /** Resolves when it is lost or ended, with what was said last: an error of the server or the network, if there was one. */
  readonly ended: Promise<unknown>;
  /** Asks the server, over a connection of its own, to end what this one runs. Failing to is no error: the statement goes on. */
  cancel(): Promise<void>;
  /** Says good-bye when it can. */
  end(): Promise<void>;
  /** Ends it whatever it is doing; the server rolls back. */
  destroy(): void;
}

const connectTimeoutMs = 10_000;
const cancelTimeoutMs = 5_000;

/** Throws `databaseRefused`, `unreachable`, `tlsRefused`, `timedOut`, `cancelled`. */
export async function openConnection(needs: ConnectionNeeds, signal: AbortSignal): Promise<OpenConnection> {
  throwIfCancelled(signal);
  const pg = await import('pg');
  const client = new pg.Client(clientConfig(needs));
  const connection = watch(client, RowTap.on(client.connection), needs);
  const over = new AbortController();
  const limit = AbortSignal.any([signal, over.signal]);
  try {
    await Promise.race([client.connect(), timeOut(needs.clock, limit)]);
    return connection;
  } catch (error) {
    connection.destroy();
    throwIfCancelled(signal);
    throw error instanceof OpsError ? error : toConnectFailure(error, formatHost(needs.target));
  } finally {
    over.abort();
  }
}

async function timeOut(clock: Clock, signal: AbortSignal): Promise<never> {
  await clock.sleep(connectTimeoutMs, signal);
  throw new OpsError('timedOut', { operation: 'connect to the database', seconds: connectTimeoutMs / 1000 });
}

/** Everything that `pg` would else take from the environment (`PGPASSWORD`, `PGSSLMODE`, …) is said here. */
function clientConfig(needs: ConnectionNeeds): ClientConfig {
  const { host, port, user, password, database } = needs.target;
  return {
    host,
    port,
    user,
    database,
    // A function, because an empty text would be looked for elsewhere.
    password: () => password,
    ssl: tlsOptions(needs),
    sslnegotiation: 'postgres',
    application_name: 'opsbook',
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
    types: textTypes,
  };
}

/** TLS is verified for every host that is not this machine (SAFETY 8); on this machine when there is an authority to verify with. */
function tlsOptions({ target, ca }: ConnectionNeeds): false | ConnectionOptions {
  if (isLoopbackHost(target.host) && ca === undefined) {
    return false;
  }
  return { rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) };
}

function watch(client: Client, tap: RowTap, needs: ConnectionNeeds): OpenConnection {
  let lost = false;
  let tell = (_why: unknown): void => {};
  const ended = new Promise<unknown>((resolve) => (tell = resolve));
  const lose = (why?: unknown): void => {
    lost = true;
    tell(why);
  };
  // Without a listener an idle connection that breaks would end the process.
  client.on('error', lose);
  client.on('end', () => lose());
  return {
    client,
    tap,
    get lost() {
      return lost;
    },
    ended,
    cancel: () => sendCancelRequest(client, needs),
    end: async () => {
      lose();
      await client.end().catch(() => {});
    },
    destroy: () => {
      lose();
      client.connection.stream.destroy();
    },
  };
}

/** Known to `pg`, not to its types. */
interface BackendKey {
  readonly processID: number | null;
  readonly secretKey: number | null;
}

interface CancelConnection extends NodeJS.EventEmitter {
  readonly stream: { destroy(): void };
  connect(port: number, host: string): void;
  requestSsl(): void;
  cancel(processId: number, secretKey: number): void;
  end(): void;
}

/**
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS. Not `Client.cancel`, which knows no
 * TLS. The server answers nothing; it closes the connection when it has looked at the request.
 */
async function sendCancelRequest(client: Client, needs: ConnectionNeeds): Promise<void> {
  const { processID, secretKey } = client as unknown as BackendKey;
  if (processID === null || secretKey === null) {
    return;
  }
  const pg = await import('pg');
  const tls = tlsOptions(needs);
  const connection = new pg.Connection({ ssl: tls }) as unknown as CancelConnection;
  const closed = new Promise<void>((resolve) => {
    connection.once('end', resolve);
    connection.once('error', () => resolve());
  });
  connection.on('error', () => {});
  const send = (): void => connection.cancel(processID, secretKey);
  connection.once('connect', tls === false ? send : () => connection.requestSsl());
  connection.once('sslconnect', send);
  connection.connect(needs.target.port, needs.target.host);
  const over = new AbortController();
  await Promise.race([closed, needs.clock.sleep(cancelTimeoutMs, over.signal)]).catch(() => {});
  over.abort();
  connection.stream.destroy();
}
