import { OpsError, isOpsError } from '../core/errors.ts';
import type { CallOptions, Clock, Database, Gateway, GatewayRequest, HttpAnswer, Logger, LogStore, ManagementApi, PublicKeys, SecretStore, SqlGrammar } from '../core/ports.ts';
import type { Account, Accounts } from '../core/project/accounts.ts';
import { absent, available, logKeyName, ProjectData, type Connection, type Way } from '../core/project/connection.ts';
import type { Place } from '../core/project/project.ts';
import type { Selection } from '../core/project/session.ts';
import { readElsewhere } from '../core/sql/readElsewhere.ts';
import { guardReads } from '../core/sql/run.ts';
import { tellSchemaChanges } from '../core/sql/schemaChanges.ts';
import { createSharedTurns } from './files/sharedTurns.ts';
import { createPostgresDatabase } from './postgres/database.ts';
import { createGateway } from './supabase/gateway.ts';
import { Governor } from './supabase/governor.ts';
import { createTransport, type Transport } from './supabase/http.ts';
import { createHostedLogStore, createLegacyLogStore } from './supabase/logStore.ts';
import { createAccountTransport, createManagementApi } from './supabase/managementApi.ts';
import { createQueryEndpoint } from './supabase/queryEndpoint.ts';

export interface ConnectNeeds {
  readonly accounts: Accounts;
  readonly secrets: SecretStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly grammar: SqlGrammar;
  readonly version: string;
  /** Where the windows of this machine tell each other of their log queries; absent where there is but one. */
  readonly turnsFolder?: string;
  readonly settings: () => {
    /** `https://{ref}.supabase.co`, with `{ref}` for the project's ref. */
    readonly gatewayUrl: string;
    /** PEM file; empty for the system's authorities. */
    readonly caFile: string;
  };
  readonly readFile: (path: string) => Promise<string>;
  /** Something that was run over a way of ours may have changed the schema of the project with this ref; absent where nobody keeps one. */
  readonly schemaChanged?: (ref: string) => void;
  /** What the local stack of a place listens on, and its keys as far as they can be known. */
  readonly localStack: (place: Place) => Promise<{ readonly gatewayUrl: string; readonly databaseUrl: string; readonly keys: PublicKeys; readonly logs?: { readonly url: string; readonly key: string } }>;
}

/** Builds the ways to a project. Nothing is opened or asked before its first use; one governor per token, for all projects. */
export interface Connector {
  connect(selection: Selection, place: Place | undefined): Promise<Connection>;
  management(account: Account): Promise<ManagementApi>;
  /** For a token that belongs to no account yet. */
  managementFor(token: string, origin: string): ManagementApi;
}

export function createConnector(needs: ConnectNeeds): Connector {
  const { accounts, version, clock, log, turnsFolder } = needs;
  const transports = new Map<string, Transport>();
  const transportFor = (account: Account, token: string) => createAccountTransport({ account, token, version, clock, log, governor: new Governor(clock, turnsFolder === undefined ? undefined : createSharedTurns({ folder: turnsFolder, owner: account.id, clock, log })) });
  const transportOf = async (account: Account): Promise<Transport> => {
    const token = await accounts.token(account);
    const key = `${account.id} ${token}`;
    const known = transports.get(key) ?? whileSignedIn(accounts, account, transportFor(account, token));
    transports.set(key, known);
    return known;
  };
  accounts.onDidChange(({ id }) => [...transports.keys()].filter((key) => key.startsWith(`${id} `)).forEach((key) => transports.delete(key)));
  return {
    management: async (account) => createManagementApi(await transportOf(account), account),
    managementFor: (token, origin) => {
      // Nobody's yet: who it belongs to is what is asked first.
      const account = { id: `new ${origin}`, name: '', origin };
      return createManagementApi(transportFor(account, token), account);
    },
    connect: async (selection, place) => {
      switch (selection.kind) {
        case 'hosted': {
          const account = accounts.find(selection.accountId);
          if (!account) {
            throw new OpsError('notSignedIn', {});
          }
          return hosted(needs, selection, account, await transportOf(account), place);
        }
        case 'local':
          return local(needs, selection, place);
        case 'selfHosted':
          return selfHosted(needs, selection, place);
        default:
          return selection satisfies never;
      }
    },
  };
}

/** A token that was signed out is sent no more, whoever still has its transport: a tail, a list that is asked again. */
function whileSignedIn(accounts: Accounts, account: Account, transport: Transport): Transport {
  return {
    get skewMs() {
      return transport.skewMs;
    },
    used: (ref, budget) => transport.used?.(ref, budget),
    makeRoom: async (...question) => transport.makeRoom(...question),
    send: async (request, options) => {
      if (!accounts.find(account.id)) {
        throw new OpsError('notSignedIn', {});
      }
      return transport.send(request, options);
    },
  };
}

async function hosted(needs: ConnectNeeds, { project }: Selection, account: Account, transport: Transport, place: Place | undefined): Promise<Connection> {
  const management = createManagementApi(transport, account);
  const connectionString = await needs.secrets.get(`database ${project.ref}`);
  const endpoint = createQueryEndpoint({ transport, ref: project.ref, grammar: needs.grammar, clock: needs.clock });
  const database = connectionString === undefined ? endpoint : readElsewhere({ database: await postgres(needs, connectionString), other: endpoint, clock: needs.clock });
  const gateway = lazyGateway(needs.settings().gatewayUrl.replaceAll('{ref}', project.ref), needs.version, async (options) => keysOf(management, project.ref, options));
  return assemble(needs, {
    project,
    ...(place ? { place } : {}),
    account,
    management: available(management),
    database: available(database),
    logs: available(createHostedLogStore({ transport, ref: project.ref, clock: needs.clock })),
    gateway: available(gateway),
  });
}

/** A token that may not read the keys still reaches what asks for none. */
async function keysOf(management: ManagementApi, ref: string, options: CallOptions): Promise<PublicKeys> {
  try {
    return await management.publicKeys(ref, options);
  } catch (error) {
    if (isOpsError(error, 'permissionMissing')) {
      return {};
    }
    throw error;
  }
}

async function local(needs: ConnectNeeds, { project }: Selection, place: Place | undefined): Promise<Connection> {
  if (!place) {
    throw new Error('a local stack belongs to a folder');
  }
  const stack = await needs.localStack(place);
  return assemble(needs, {
    project,
    place,
    management: absent('noManagementApi'),
    // With an authority to verify by TLS would be asked for, which a local stack does not offer.
    database: available(guardedPostgres(needs, stack.databaseUrl, {})),
    logs: stack.logs ? available(logflare(needs, stack.logs)) : absent('noLogStore'),
    gateway: available(createGateway({ origin: stack.gatewayUrl, keys: stack.keys, version: needs.version })),
  });
}

async function selfHosted(needs: ConnectNeeds, selection: Extract<Selection, { kind: 'selfHosted' }>, place: Place | undefined): Promise<Connection> {
  const { project } = selection;
  const [key, connectionString, logKey] = await Promise.all([needs.secrets.get(`gatewayKey ${project.ref}`), needs.secrets.get(`database ${project.ref}`), needs.secrets.get(logKeyName(selection.gatewayUrl))]);
  return assemble(needs, {
    project,
    ...(place ? { place } : {}),
    management: absent('noManagementApi'),
    database: connectionString === undefined ? absent('noDatabaseConnection') : available(await postgres(needs, connectionString)),
    logs: logKey === undefined ? absent('noLogStore') : available(logflare(needs, { url: `${selection.gatewayUrl}/analytics/v1`, key: logKey })),
    gateway: available(createGateway({ origin: selection.gatewayUrl, keys: key === undefined ? {} : { anon: key }, version: needs.version })),
  });
}

/** A log store of one's own: the gateway leads to it below `/analytics/v1`, a local stack has a port for it. */
function logflare({ version, clock, log }: ConnectNeeds, { url, key }: { readonly url: string; readonly key: string }): LogStore {
  const credential = { header: 'x-api-key', value: key } as const;
  return createLegacyLogStore({ transport: createTransport({ baseUrl: url, account: 'Logflare', credential, version, clock, log, governor: new Governor(clock) }) });
}

async function postgres(needs: ConnectNeeds, connectionString: string): Promise<Database> {
  const { caFile } = needs.settings();
  return guardedPostgres(needs, connectionString, caFile === '' ? {} : { ca: await needs.readFile(caFile) });
}

/** Whoever reads over it is kept from what a read-only transaction does not prevent (SAFETY 11). */
function guardedPostgres({ clock, log, grammar }: ConnectNeeds, connection: string, ssl: { readonly ca?: string }): Database {
  return guardReads({ database: createPostgresDatabase({ connection, ssl, clock, log }), grammar });
}

function assemble({ clock, grammar, schemaChanged }: ConnectNeeds, given: Omit<Connection, 'data' | 'close'>): Connection {
  const { ref } = given.project;
  const database = given.database.kind === 'absent' ? given.database : available(tellSchemaChanges({ database: given.database.use, grammar, changed: () => schemaChanged?.(ref) }));
  const ways = { ...given, database };
  const closeWay = async (way: Way<Database>) => (way.kind === 'available' ? way.use.close() : undefined);
  return { ...ways, data: new ProjectData({ ref, management: ways.management, gateway: ways.gateway, logs: ways.logs, clock }), close: async () => closeWay(ways.database) };
}

/** A gateway whose keys are asked for with its first request. */
function lazyGateway(origin: string, version: string, keys: (options: CallOptions) => Promise<PublicKeys>): Gateway {
  let made: Promise<Gateway> | undefined;
  const gateway = async (options: CallOptions): Promise<Gateway> => {
    made ??= keys(options).then((known) => createGateway({ origin, keys: known, version }));
    made.catch(() => (made = undefined));
    return made;
  };
  return {
    origin: new URL(origin).origin,
    health: async (options) => (await gateway(options)).health(options),
    request: async (request: GatewayRequest, options: CallOptions): Promise<HttpAnswer> => (await gateway(options)).request(request, options),
    removeFiles: async (removal, options) => (await gateway(options)).removeFiles(removal, options),
  };
}
