import { databaseHost } from './projects.ts';
import type { ProjectState } from '../state.ts';
import { json, Refusal, type Answer } from './answer.ts';
import { isRecord, jsonBody } from './call.ts';
import { databaseOf } from './database.ts';
import type { Route, Visit } from './route.ts';

const project = '/v1/projects/{ref}';

/** Settings of the project's parts, as far as Opsbook and the CLI's `link` read them. */
export const configRoutes: Route[] = [
  {
    method: 'GET',
    path: `${project}/config/database/pooler`,
    permissions: [['database_pooling_config_read']],
    handle: async (visit) => json(200, [await pooler(visit)]),
  },
  {
    method: 'GET',
    path: `${project}/config/database/pgbouncer`,
    permissions: [['database_read']],
    handle: async (visit) => {
      const { default_pool_size, max_client_conn, pool_mode, connection_string } = await pooler(visit);
      return json(200, { default_pool_size, max_client_conn, pool_mode, connection_string });
    },
  },
  {
    method: 'GET',
    path: `${project}/config/database/postgres`,
    permissions: [['database_config_read']],
    handle: postgresConfig,
  },
  {
    method: 'GET',
    path: `${project}/config/disk/util`,
    permissions: [['infra_disk_config_read']],
    handle: diskUse,
  },
  {
    method: 'GET',
    path: `${project}/config/disk`,
    permissions: [['infra_disk_config_read']],
    handle: () => json(200, { attributes: { iops: 3000, size_gb: 8, throughput_mibps: 125, type: 'gp3' } }),
  },
  {
    method: 'GET',
    path: `${project}/config/storage`,
    permissions: [['storage_config_read']],
    handle: () => json(200, storageConfig),
  },
  {
    method: 'GET',
    path: `${project}/config/auth`,
    permissions: [['auth_config_read']],
    handle: (visit) => json(200, visit.project().settings.auth),
  },
  {
    method: 'GET',
    path: `${project}/config/realtime`,
    permissions: [['realtime_config_read']],
    handle: (visit) => json(200, visit.project().settings.realtime),
  },
  {
    method: 'GET',
    path: `${project}/network-restrictions`,
    permissions: [['database_network_restrictions_read']],
    handle: (visit) => json(200, visit.project().settings.network),
  },
  {
    method: 'GET',
    path: `${project}/postgrest`,
    permissions: [['data_api_config_read'], ['data_api_config_read', 'data_api_config_secret_read']],
    handle: (visit) => json(200, restConfig(visit)),
  },
  {
    method: 'GET',
    path: `${project}/ssl-enforcement`,
    permissions: [['database_ssl_config_read']],
    handle: (visit) => json(200, sslEnforcement(visit.project())),
  },
  {
    method: 'PUT',
    path: `${project}/ssl-enforcement`,
    permissions: [['database_ssl_config_write']],
    handle: setSslEnforcement,
  },
  {
    method: 'GET',
    path: `${project}/readonly`,
    permissions: [['database_readonly_config_read']],
    handle: readOnlyMode,
  },
  {
    method: 'POST',
    path: `${project}/network-bans/retrieve`,
    permissions: [['database_network_bans_read']],
    handle: (visit) => json(201, { banned_ipv4_addresses: visit.project().bannedAddresses }),
  },
];

/** Supavisor's shared pooler; here the database itself, on the address where it can be reached. */
async function pooler(visit: Visit) {
  const { ref } = visit.project();
  const postgres = await visit.world.database(ref);
  const port = postgres?.port ?? 6543;
  const host = postgres === undefined ? databaseHost(ref) : '127.0.0.1';
  const address = `postgresql://postgres:[YOUR-PASSWORD]@${host}:${port}/postgres`;
  return {
    identifier: ref,
    database_type: 'PRIMARY',
    is_using_scram_auth: true,
    db_user: 'postgres',
    db_host: host,
    db_port: port,
    db_name: 'postgres',
    connection_string: address,
    connectionString: address,
    default_pool_size: 15,
    max_client_conn: 200,
    pool_mode: 'transaction',
  };
}

/** The hosted answer holds the settings that somebody changed; here that is the one that health compares with. */
async function postgresConfig(visit: Visit): Promise<Answer> {
  const value = await scalar(visit, "select current_setting('max_connections')::int");
  return json(200, { max_connections: Number(value) });
}

async function scalar(visit: Visit, sql: string): Promise<unknown> {
  const database = await databaseOf(visit);
  const answer = await database.query(sql, { readOnly: false });
  if ('failure' in answer) {
    throw new Refusal(500, answer.failure.message);
  }
  return Object.values(answer.rows[0] ?? {})[0];
}

/** A disk of 8 GiB that holds what the database holds, and the system. */
async function diskUse(visit: Visit): Promise<Answer> {
  const used = Number(await scalar(visit, 'select sum(pg_database_size(oid)) from pg_database')) + 1.5 * 2 ** 30;
  const size = 8 * 2 ** 30;
  return json(200, {
    timestamp: new Date(visit.world.now()).toISOString(),
    metrics: { fs_size_bytes: size, fs_avail_bytes: size - used, fs_used_bytes: used },
  });
}

const storageConfig = {
  fileSizeLimit: 52_428_800,
  features: {
    imageTransformation: { enabled: true },
    s3Protocol: { enabled: true },
    purgeCache: { enabled: false },
    icebergCatalog: { enabled: false, maxNamespaces: 0, maxTables: 0, maxCatalogs: 0 },
    vectorBuckets: { enabled: false, maxBuckets: 0, maxIndexes: 0 },
  },
  capabilities: { list_v2: true, iceberg_catalog: false, object_versioning: false },
  external: { upstreamTarget: 'main' },
  migrationVersion: 'operation-ergonomics',
};

/** The secret that signs JWTs is part of the answer only for a token that may see it. */
function restConfig(visit: Visit): unknown {
  return {
    ...visit.project().settings.rest,
    ...(visit.token.lacks.has('data_api_config_secret_read') ? {} : { jwt_secret: visit.project().keys.jwtSecret }),
  };
}

function sslEnforcement(state: ProjectState): unknown {
  return { currentConfig: { database: state.sslEnforced }, appliedSuccessfully: true };
}

function setSslEnforcement(visit: Visit): Answer {
  const body = jsonBody(visit.call);
  const requested = isRecord(body) ? body['requestedConfig'] : undefined;
  const database = isRecord(requested) ? requested['database'] : undefined;
  if (typeof database !== 'boolean') {
    throw new Refusal(400, 'requestedConfig.database: must be a boolean');
  }
  visit.project().sslEnforced = database;
  return json(200, sslEnforcement(visit.project()));
}

/** A full disk turns the database read-only; the setting is the evidence. */
async function readOnlyMode(visit: Visit): Promise<Answer> {
  const value = await scalar(visit, "select current_setting('default_transaction_read_only')");
  return json(200, { enabled: value === 'on', override_enabled: false, override_active_until: '' });
}
