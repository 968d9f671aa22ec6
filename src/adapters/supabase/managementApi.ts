/**
 * The Management API, version 1: https://supabase.com/docs/reference/api. Every endpoint that Opsbook calls is in the table
 * below, but for `database/query` (`queryEndpoint.ts`) and `analytics/endpoints/logs` (`logStore.ts`), which send by the same
 * transport.
 */
import type { AdvisorFinding, AdvisorKind } from '../../core/advisors/finding.ts';
import type { EdgeFunction, FunctionBody } from '../../core/functions/edgeFunction.ts';
import type { HealthState, ServiceHealth } from '../../core/health/health.ts';
import { OpsError, isOpsError } from '../../core/errors.ts';
import type { Account } from '../../core/project/accounts.ts';
import type { DatabaseTarget } from '../../core/project/databaseTarget.ts';
import { projectRefPattern, type Project } from '../../core/project/project.ts';
import type { Settings, SettingsPart } from '../../core/project/settings.ts';
import type { CallOptions, ManagementApi, PublicKeys } from '../../core/ports.ts';
import type { Secret } from '../../core/secrets/secret.ts';
import { defined } from '../../util/defined.ts';
import { Field } from './decode.ts';
import { pathInBody, readFunctionBody } from './functionBody.ts';
import { flatSettings, settingsPaths } from './settings.ts';
import { createTransport, decodeJson, type ApiAnswer, type ApiRequest, type Transport, type TransportNeeds } from './http.ts';

const endpoints = {
  profile: () => '/v1/profile',
  organizations: () => '/v1/organizations',
  projects: () => '/v1/projects',
  project: (ref: string) => `/v1/projects/${ref}`,
  branches: (ref: string) => `/v1/projects/${ref}/branches`,
  branch: (ref: string) => `/v1/branches/${ref}`,
  health: (ref: string) => `/v1/projects/${ref}/health`,
  functions: (ref: string) => `/v1/projects/${ref}/functions`,
  oneFunction: (ref: string, slug: string) => `/v1/projects/${ref}/functions/${slug}`,
  functionBody: (ref: string, slug: string) => `/v1/projects/${ref}/functions/${slug}/body`,
  secrets: (ref: string) => `/v1/projects/${ref}/secrets`,
  migrations: (ref: string) => `/v1/projects/${ref}/database/migrations`,
  advisors: (ref: string, kind: AdvisorKind) => `/v1/projects/${ref}/advisors/${kind}`,
  backups: (ref: string) => `/v1/projects/${ref}/database/backups`,
  apiKeys: (ref: string) => `/v1/projects/${ref}/api-keys`,
  pooler: (ref: string) => `/v1/projects/${ref}/config/database/pooler`,
  settings: (ref: string, part: SettingsPart) => `/v1/projects/${ref}/${settingsPaths[part]}`,
} as const;

const partNames: Readonly<Record<SettingsPart, string>> = { auth: 'Auth', dataApi: 'the Data API', database: 'the database', storage: 'Storage', realtime: 'Realtime', tls: 'TLS', network: 'the network' };

/** The services of `health`; `db_postgres_user` and `pg_bouncer` say nothing that `db` and `pooler` do not. */
const services = ['db', 'auth', 'rest', 'storage', 'realtime', 'pooler'];

/** How the platform says what a service does; members that are not here are judged by `healthy` alone. */
const serviceStates: Readonly<Record<string, HealthState>> = { ACTIVE_HEALTHY: 'ok', COMING_UP: 'warn', UNHEALTHY: 'critical' };

export interface ManagementApiNeeds extends Omit<TransportNeeds, 'baseUrl' | 'account' | 'credential'> {
  /** Its origin is the only one that the token is sent to. */
  readonly account: Account;
  readonly token: string;
}

/** The transport of an account, for this API and for what else goes to the same origin: SQL and logs. Throws `tokenMalformed`. */
export function createAccountTransport({ account, token, ...needs }: ManagementApiNeeds): Transport {
  if (!/^[\x21-\x7e]+$/.test(token)) {
    // fetch would refuse it as a header, with the token in the error's text.
    throw new OpsError('tokenMalformed', {});
  }
  return createTransport({
    ...needs,
    baseUrl: account.origin,
    account: account.name,
    credential: { header: 'authorization', value: `Bearer ${token}` },
  });
}

export function createManagementApi(transport: Transport, account: Pick<Account, 'id'>): ManagementApi {
  return new RestManagementApi(transport, account.id);
}

/** What a request is about, without what follows from it. */
type Ask = Omit<ApiRequest, 'method' | 'path'>;

class RestManagementApi implements ManagementApi {
  private readonly transport: Transport;
  private readonly accountId: string;

  constructor(transport: Transport, accountId: string) {
    this.transport = transport;
    this.accountId = accountId;
  }

  async profile(options: CallOptions): Promise<{ email: string; username: string }> {
    const profile = await this.get(endpoints.profile(), { operation: 'read your profile' }, options);
    const email = profile.at('primary_email').text();
    return { email, username: profile.at('username').optionalText() ?? email };
  }

  async organizations(options: CallOptions): Promise<{ slug: string; name: string }[]> {
    const list = await this.get(endpoints.organizations(), { operation: 'list organizations' }, options);
    return list.list().map((item) => {
      const slug = (item.at('slug').present ? item.at('slug') : item.at('id')).text();
      return { slug, name: item.at('name').optionalText() ?? slug };
    });
  }

  async projects(options: CallOptions): Promise<Project[]> {
    const list = await this.get(endpoints.projects(), { operation: 'list projects' }, options);
    return list.list().map((item) => this.toProject(item));
  }

  async project(ref: string, options: CallOptions): Promise<Project> {
    return this.toProject(await this.get(endpoints.project(checked(ref)), { operation: 'read the project', ref }, options));
  }

  async branches(ref: string, options: CallOptions): Promise<Project[]> {
    try {
      const list = await this.get(endpoints.branches(checked(ref)), { operation: 'list preview branches', ref }, options);
      return list
        .list()
        .filter((item) => item.at('is_default').value !== true)
        .map((item) => this.toBranch(item, ref));
    } catch (error) {
      // The answer where branching is off.
      if (isOpsError(error, 'serviceFailed') && error.facts.status === 422) {
        return [];
      }
      throw error;
    }
  }

  async health(ref: string, options: CallOptions): Promise<ServiceHealth[]> {
    const ask = { operation: 'read the health of the services', ref, query: { services } };
    const answered = (await this.get(endpoints.health(checked(ref)), ask, options)).list().map(toServiceHealth);
    const silent = services.filter((service) => !answered.some((health) => health.service === service));
    return [...answered, ...silent.map((service) => ({ service, state: 'unknown' as const }))];
  }

  async functions(ref: string, options: CallOptions): Promise<EdgeFunction[]> {
    const list = await this.get(endpoints.functions(checked(ref)), { operation: 'list functions', ref }, options);
    return list.list().map(toEdgeFunction);
  }

  async makeRoom(ref: string, requests: number, options: CallOptions): Promise<void> {
    await this.transport.makeRoom(checked(ref), requests, options);
  }

  async functionBody(ref: string, slug: string, options: CallOptions): Promise<FunctionBody> {
    const name = checkedSlug(slug);
    const ask: Ask = { operation: `download the function ${name}`, ref, missing: `The function ${name}` };
    const request: ApiRequest = { ...ask, method: 'GET', path: endpoints.functionBody(checked(ref), name), accept: 'multipart/form-data' };
    const body = await readFunctionBody(await this.transport.send(request, options), ask.operation);
    if (body.entrypoint !== undefined) {
      return body;
    }
    const listed = await this.get(endpoints.oneFunction(ref, name), ask, options);
    const entrypoint = pathInBody(listed.at('entrypoint_path').optionalText());
    return { ...body, ...defined({ entrypoint }) };
  }

  async deleteFunction(ref: string, slug: string, options: CallOptions): Promise<void> {
    const name = checkedSlug(slug);
    const ask: Ask = { operation: `delete the function ${name}`, ref, missing: `The function ${name}` };
    await this.transport.send({ ...ask, method: 'DELETE', path: endpoints.oneFunction(checked(ref), name) }, options);
  }

  async updateFunction(ref: string, slug: string, { verifyJwt }: { verifyJwt: boolean }, options: CallOptions): Promise<EdgeFunction> {
    const name = checkedSlug(slug);
    const ask: Ask = { operation: `change the function ${name}`, ref, missing: `The function ${name}`, query: { verify_jwt: String(verifyJwt) } };
    const answer = await this.transport.send({ ...ask, method: 'PATCH', path: endpoints.oneFunction(checked(ref), name) }, options);
    return toEdgeFunction(new Field(decodeJson(answer, ask.operation), ask.operation));
  }

  async secrets(ref: string, options: CallOptions): Promise<Secret[]> {
    const list = await this.get(endpoints.secrets(checked(ref)), { operation: 'list secrets', ref }, options);
    return list.list().map((item) => ({
      name: item.at('name').text(),
      digest: item.at('value').optionalText() ?? '',
      ...defined({ updatedAt: item.at('updated_at').optionalTime() }),
    }));
  }

  async setSecrets(ref: string, secrets: readonly { name: string; value: string }[], options: CallOptions): Promise<void> {
    const ask: Ask = { operation: 'set secrets', ref, json: secrets, withheld: secrets.map(({ value }) => value) };
    await this.transport.send({ ...ask, method: 'POST', path: endpoints.secrets(checked(ref)) }, options);
  }

  async unsetSecrets(ref: string, names: readonly string[], options: CallOptions): Promise<void> {
    const ask: Ask = { operation: 'unset secrets', ref, json: names };
    await this.transport.send({ ...ask, method: 'DELETE', path: endpoints.secrets(checked(ref)) }, options);
  }

  async migrations(ref: string, options: CallOptions): Promise<{ version: string; name?: string }[]> {
    const list = await this.get(endpoints.migrations(checked(ref)), { operation: 'list applied migrations', ref }, options);
    return list.list().map((item) => ({ version: item.at('version').text(), ...defined({ name: item.at('name').optionalText() }) }));
  }

  async advisors(ref: string, kind: AdvisorKind, options: CallOptions): Promise<AdvisorFinding[]> {
    const operation = { security: 'read the security advisor', performance: 'read the performance advisor' }[kind];
    const answer = await this.get(endpoints.advisors(checked(ref), kind), { operation, ref }, options);
    return answer.at('lints').list().map((item) => toAdvisorFinding(item, kind));
  }

  async backups(ref: string, options: CallOptions): Promise<{ status: string; insertedAt: number }[]> {
    const answer = await this.get(endpoints.backups(checked(ref)), { operation: 'list backups', ref }, options);
    return answer
      .at('backups')
      .list()
      .map((item) => ({ status: item.at('status').text(), insertedAt: item.at('inserted_at').time() }));
  }

  async publicKeys(ref: string, options: CallOptions): Promise<PublicKeys> {
    const ask: Ask = { operation: 'read the public API keys', ref, query: { reveal: 'false' } };
    const keys = (await this.get(endpoints.apiKeys(checked(ref)), ask, options)).list().map((item) => ({
      type: item.at('type').optionalText(),
      name: item.at('name').optionalText(),
      key: item.at('api_key').optionalText(),
    }));
    // A key that is not revealed comes cut short, with signs in it that no key has.
    const whole = keys.filter((key) => key.key !== undefined && /^[\w.-]+$/.test(key.key));
    return defined({
      publishable: whole.find(({ type }) => type === 'publishable')?.key,
      anon: whole.find(({ type, name }) => (type === 'legacy' || type === undefined) && name === 'anon')?.key,
    });
  }

  async pooler(ref: string, options: CallOptions): Promise<{ host: string; port: number; user: string } | undefined> {
    const answer = await this.get(endpoints.pooler(checked(ref)), { operation: 'read the address of the pooler', ref }, options);
    const poolers = Array.isArray(answer.value) ? answer.list() : [answer];
    const primary = poolers.find((item) => item.at('database_type').value === 'PRIMARY') ?? poolers[0];
    if (primary?.at('db_host').present !== true) {
      return undefined;
    }
    return { host: primary.at('db_host').text(), port: primary.at('db_port').number(), user: primary.at('db_user').text() };
  }

  async branchDatabase(ref: string, options: CallOptions): Promise<DatabaseTarget | undefined> {
    const answer = await this.get(endpoints.branch(checked(ref)), { operation: 'read where a preview branch’s database is', ref }, options);
    const password = answer.at('db_pass').optionalText() ?? '';
    // A password that is not shown may come as stars.
    return /^\**$/.test(password)
      ? undefined
      : { host: answer.at('db_host').text(), port: answer.at('db_port').number(), user: answer.at('db_user').optionalText() ?? 'postgres', password, database: 'postgres' };
  }

  async settings(ref: string, part: SettingsPart, options: CallOptions): Promise<Settings> {
    const answer = await this.get(endpoints.settings(checked(ref), part), { operation: `read the settings of ${partNames[part]}`, ref }, options);
    return flatSettings(answer.object());
  }

  private async get(path: string, ask: Ask, options: CallOptions): Promise<Field> {
    const answer: ApiAnswer = await this.transport.send({ ...ask, method: 'GET', path }, options);
    return new Field(decodeJson(answer, ask.operation), ask.operation);
  }

  private toProject(item: Field): Project {
    const ref = (item.at('ref').present ? item.at('ref') : item.at('id')).text();
    return {
      kind: 'hosted',
      ref,
      name: item.at('name').optionalText() ?? ref,
      environment: 'production',
      accountId: this.accountId,
      ...defined({
        organization: item.at('organization_slug').optionalText() ?? item.at('organization_id').optionalText(),
        region: item.at('region').optionalText(),
        status: item.at('status').optionalText(),
      }),
    };
  }

  private toBranch(item: Field, parent: string): Project {
    return {
      kind: 'hosted',
      ref: item.at('project_ref').text(),
      name: item.at('name').optionalText() ?? item.at('project_ref').text(),
      environment: 'preview',
      accountId: this.accountId,
      parentRef: item.at('parent_project_ref').optionalText() ?? parent,
      ...defined({ status: item.at('preview_project_status').optionalText() ?? item.at('status').optionalText() }),
    };
  }
}

/** A ref becomes part of a path, so one that is none is not sent. */
function checked(ref: string): string {
  if (!projectRefPattern.test(ref)) {
    throw new OpsError('projectNotFound', { ref });
  }
  return ref;
}

/** The API's own pattern of the path's last part. */
function checkedSlug(slug: string): string {
  if (!/^[A-Za-z0-9_-]+$/.test(slug)) {
    throw new OpsError('notFound', { what: `The function ${slug}` });
  }
  return slug;
}

function toServiceHealth(item: Field): ServiceHealth {
  const healthy = item.at('healthy').optionalBoolean();
  const byFlag: HealthState = healthy === undefined ? 'unknown' : healthy ? 'ok' : 'critical';
  const state = serviceStates[item.at('status').optionalText() ?? ''] ?? byFlag;
  const error = item.at('error').optionalText();
  return { service: item.at('name').text(), state, ...defined({ error: error === '' ? undefined : error }) };
}

/** Names of findings that say of themselves that nothing was looked at (SUPABASE.md §2). */
const notLookedAt: ReadonlySet<string> = new Set(['advisor_check_unavailable', 'project_not_active']);

/** Levels that are not here are new ones: of those nobody knows how grave they are. */
const advisorLevels: Readonly<Record<string, AdvisorFinding['level']>> = { ERROR: 'error', WARN: 'warn', INFO: 'info' };

function toAdvisorFinding(item: Field, kind: AdvisorKind): AdvisorFinding {
  const name = item.at('name').text();
  const detail = item.at('detail').optionalText() ?? '';
  const metadata = item.at('metadata').present ? item.at('metadata') : undefined;
  const object = metadata?.at('name').optionalText();
  return {
    kind,
    name,
    // What a mute is kept by; two findings of one kind on one object differ in their detail.
    key: item.at('cache_key').optionalText() ?? `${name} ${detail}`,
    title: item.at('title').optionalText() ?? name,
    level: notLookedAt.has(name) ? 'unchecked' : (advisorLevels[item.at('level').optionalText() ?? ''] ?? 'warn'),
    description: item.at('description').optionalText() ?? '',
    detail,
    ...defined({
      guide: item.at('remediation').optionalText(),
      object: object === undefined ? undefined : { name: object, ...defined({ schema: metadata?.at('schema').optionalText(), type: metadata?.at('type').optionalText() }) },
    }),
  };
}

function toEdgeFunction(item: Field): EdgeFunction {
  const slug = item.at('slug').text();
  return {
    id: item.at('id').text(),
    slug,
    name: item.at('name').optionalText() ?? slug,
    status: item.at('status').optionalText() ?? 'UNKNOWN',
    version: item.at('version').number(),
    createdAt: item.at('created_at').time(),
    updatedAt: item.at('updated_at').time(),
    ...defined({
      verifyJwt: item.at('verify_jwt').optionalBoolean(),
      entrypointPath: pathInBody(item.at('entrypoint_path').optionalText()),
      importMapPath: pathInBody(item.at('import_map_path').optionalText()),
      bundleSha256: item.at('ezbr_sha256').optionalText(),
    }),
  };
}
