import { OpsError, throwIfCancelled } from '../../src/core/errors.ts';
import type { AdvisorFinding, AdvisorKind } from '../../src/core/advisors/finding.ts';
import type { EdgeFunction, FunctionBody } from '../../src/core/functions/edgeFunction.ts';
import type { ServiceHealth } from '../../src/core/health/health.ts';
import type { CallOptions, ManagementApi, PublicKeys } from '../../src/core/ports.ts';
import type { DatabaseTarget } from '../../src/core/project/databaseTarget.ts';
import type { Project } from '../../src/core/project/project.ts';
import type { Settings, SettingsPart } from '../../src/core/project/settings.ts';
import type { Secret } from '../../src/core/secrets/secret.ts';

/** What one project of the fake holds; tests change it as they go. */
export interface FakeProject {
  project: Project;
  branches: Project[];
  health: ServiceHealth[];
  functions: EdgeFunction[];
  /** By slug. */
  bodies: Map<string, FunctionBody>;
  /** Values by name: the fake keeps what the service only digests. */
  secrets: Map<string, { value: string; updatedAt: number }>;
  migrations: { version: string; name?: string }[];
  advisors: AdvisorFinding[];
  backups: { status: string; insertedAt: number }[];
  keys: PublicKeys;
  pooler: { host: string; port: number; user: string } | undefined;
  branchDatabase: DatabaseTarget | undefined;
  settings: Partial<Record<SettingsPart, Settings>>;
}

export interface FakeCall {
  readonly method: keyof ManagementApi;
  readonly ref?: string;
  readonly priority: CallOptions['priority'];
}

/** An account with projects, in memory. Unknown refs and slugs fail as they do with the service. */
export class FakeManagementApi implements ManagementApi {
  readonly calls: FakeCall[] = [];
  account = { email: 'owner@example.test', username: 'owner' };
  organizationList = [{ slug: 'acme', name: 'Acme' }];
  /** Time of the service, for what is changed in it. */
  now = Date.UTC(2026, 10, 20, 9, 0, 0);
  private readonly held = new Map<string, FakeProject>();
  private readonly failures = new Map<keyof ManagementApi, OpsError>();

  /** Adds a project with nothing in it. */
  addProject(ref: string, name = ref): FakeProject {
    const added: FakeProject = {
      project: { kind: 'hosted', ref, name, environment: 'production', accountId: 'owner', status: 'ACTIVE_HEALTHY' },
      branches: [],
      health: ['db', 'auth', 'rest', 'storage', 'realtime', 'pooler'].map((service) => ({ service, state: 'ok' })),
      functions: [],
      bodies: new Map(),
      secrets: new Map(),
      migrations: [],
      advisors: [],
      backups: [],
      keys: { publishable: 'sb_publishable_fake' },
      pooler: undefined,
      branchDatabase: undefined,
      settings: {},
    };
    this.held.set(ref, added);
    return added;
  }

  /** Deploys: a new function, or the next version of a known slug. */
  deploy(ref: string, slug: string, files: ReadonlyMap<string, Uint8Array> = new Map(), change: Partial<EdgeFunction> = {}): EdgeFunction {
    const { functions, bodies } = this.find(ref);
    const known = functions.find((fn) => fn.slug === slug);
    const version = (known?.version ?? 0) + 1;
    const entrypointPath = `supabase/functions/${slug}/index.ts`;
    const deployed: EdgeFunction = {
      id: known?.id ?? `id-of-${slug}`,
      slug,
      name: slug,
      status: 'ACTIVE',
      version,
      createdAt: known?.createdAt ?? this.now,
      updatedAt: this.now,
      verifyJwt: known?.verifyJwt ?? true,
      entrypointPath,
      bundleSha256: `sha256-of-${slug}-${version}`,
      ...change,
    };
    functions.splice(known ? functions.indexOf(known) : functions.length, known ? 1 : 0, deployed);
    bodies.set(slug, { entrypoint: entrypointPath, files });
    return deployed;
  }

  /** Every call of the method fails until {@link mend}. */
  fail(method: keyof ManagementApi, error: OpsError): void {
    this.failures.set(method, error);
  }

  mend(): void {
    this.failures.clear();
  }

  profile(options: CallOptions): Promise<{ email: string; username: string }> {
    return this.answer('profile', undefined, options, () => this.account);
  }

  organizations(options: CallOptions): Promise<{ slug: string; name: string }[]> {
    return this.answer('organizations', undefined, options, () => this.organizationList);
  }

  projects(options: CallOptions): Promise<Project[]> {
    return this.answer('projects', undefined, options, () => [...this.held.values()].map(({ project }) => project));
  }

  project(ref: string, options: CallOptions): Promise<Project> {
    return this.answer('project', ref, options, () => this.find(ref).project);
  }

  branches(ref: string, options: CallOptions): Promise<Project[]> {
    return this.answer('branches', ref, options, () => this.find(ref).branches);
  }

  health(ref: string, options: CallOptions): Promise<ServiceHealth[]> {
    return this.answer('health', ref, options, () => this.find(ref).health);
  }

  functions(ref: string, options: CallOptions): Promise<EdgeFunction[]> {
    return this.answer('functions', ref, options, () => [...this.find(ref).functions]);
  }

  makeRoom(ref: string, _requests: number, options: CallOptions): Promise<void> {
    return this.answer('makeRoom', ref, options, () => undefined);
  }

  functionBody(ref: string, slug: string, options: CallOptions): Promise<FunctionBody> {
    return this.answer('functionBody', ref, options, () => {
      const body = this.find(ref).bodies.get(slug);
      if (!body) {
        throw new OpsError('notFound', { what: `The function ${slug}` });
      }
      return body;
    });
  }

  deleteFunction(ref: string, slug: string, options: CallOptions): Promise<void> {
    return this.answer('deleteFunction', ref, options, () => {
      const { functions, bodies } = this.find(ref);
      functions.splice(functions.indexOf(this.deployed(ref, slug)), 1);
      bodies.delete(slug);
    });
  }

  /** Each change is a version, as in the service. */
  updateFunction(ref: string, slug: string, { verifyJwt }: { verifyJwt: boolean }, options: CallOptions): Promise<EdgeFunction> {
    return this.answer('updateFunction', ref, options, () => {
      const known = this.deployed(ref, slug);
      const { functions } = this.find(ref);
      const changed = { ...known, verifyJwt, version: known.version + 1, updatedAt: this.now };
      functions.splice(functions.indexOf(known), 1, changed);
      return changed;
    });
  }

  secrets(ref: string, options: CallOptions): Promise<Secret[]> {
    return this.answer('secrets', ref, options, () =>
      [...this.find(ref).secrets].map(([name, { value, updatedAt }]) => ({ name, digest: `digest of ${value.length} characters`, updatedAt })),
    );
  }

  setSecrets(ref: string, secrets: readonly { name: string; value: string }[], options: CallOptions): Promise<void> {
    return this.answer('setSecrets', ref, options, () => {
      for (const { name, value } of secrets) {
        this.find(ref).secrets.set(name, { value, updatedAt: this.now });
      }
    });
  }

  unsetSecrets(ref: string, names: readonly string[], options: CallOptions): Promise<void> {
    return this.answer('unsetSecrets', ref, options, () => {
      for (const name of names) {
        this.find(ref).secrets.delete(name);
      }
    });
  }

  migrations(ref: string, options: CallOptions): Promise<{ version: string; name?: string }[]> {
    return this.answer('migrations', ref, options, () => this.find(ref).migrations);
  }

  advisors(ref: string, kind: AdvisorKind, options: CallOptions): Promise<AdvisorFinding[]> {
    return this.answer('advisors', ref, options, () => this.find(ref).advisors.filter((finding) => finding.kind === kind));
  }

  backups(ref: string, options: CallOptions): Promise<{ status: string; insertedAt: number }[]> {
    return this.answer('backups', ref, options, () => this.find(ref).backups);
  }

  publicKeys(ref: string, options: CallOptions): Promise<PublicKeys> {
    return this.answer('publicKeys', ref, options, () => this.find(ref).keys);
  }

  settings(ref: string, part: SettingsPart, options: CallOptions): Promise<Settings> {
    return this.answer('settings', ref, options, () => this.find(ref).settings[part] ?? {});
  }

  pooler(ref: string, options: CallOptions): Promise<{ host: string; port: number; user: string } | undefined> {
    return this.answer('pooler', ref, options, () => this.find(ref).pooler);
  }

  branchDatabase(ref: string, options: CallOptions): Promise<DatabaseTarget | undefined> {
    return this.answer('branchDatabase', ref, options, () => this.find(ref).branchDatabase);
  }

  private deployed(ref: string, slug: string): EdgeFunction {
    const known = this.find(ref).functions.find((fn) => fn.slug === slug);
    if (!known) {
      throw new OpsError('notFound', { what: `The function ${slug}` });
    }
    return known;
  }

  /** Throws `projectNotFound`. */
  find(ref: string): FakeProject {
    const held = this.held.get(ref);
    if (!held) {
      throw new OpsError('projectNotFound', { ref });
    }
    return held;
  }

  private async answer<T>(method: keyof ManagementApi, ref: string | undefined, { signal, priority }: CallOptions, work: () => T): Promise<T> {
    this.calls.push({ method, priority, ...(ref === undefined ? {} : { ref }) });
    await Promise.resolve();
    throwIfCancelled(signal);
    const failure = this.failures.get(method);
    if (failure) {
      throw failure;
    }
    return work();
  }
}
