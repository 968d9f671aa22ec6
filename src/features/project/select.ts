import { OpsError, isCancelled, isOpsError } from '../../core/errors.ts';
import type { ManagementApi, SecretStore, Storage } from '../../core/ports.ts';
import type { Account, Accounts } from '../../core/project/accounts.ts';
import type { Environment, Place, Project } from '../../core/project/project.ts';
import { projectState } from '../../core/project/projectState.ts';
import type { Selection, Session } from '../../core/project/session.ts';
import type { CommandRegistry } from '../../host/commands.ts';
import { askConnectionString, checkConnectionString } from '../../host/connectionString.ts';
import { errorMessage } from '../../host/errorMessage.ts';
import type { Choice, Ui } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';

export interface ProjectNeeds {
  readonly session: Session;
  readonly accounts: Accounts;
  readonly commands: CommandRegistry;
  readonly ui: Ui;
  readonly secrets: SecretStore;
  /** Of the workspace: which places were already asked. */
  readonly storage: Storage;
  readonly managementOf: (account: Account) => Promise<ManagementApi>;
  /** The local stack that a place's `config.toml` describes; throws `badConfig`, `notFound`. */
  readonly localProject: (place: Place) => Promise<Project>;
}

/** Account → organisation and project → preview branch, or the local stack of the place. */
export const selectProject = (needs: ProjectNeeds) => async (): Promise<void> => {
  const { accounts, session, ui } = needs;
  if (accounts.list().length === 0 && session.allPlaces.length === 0) {
    throw new OpsError('notSignedIn', {});
  }
  await choosePlace(needs);
  const choices = ui.progress(l10n.t('Listing projects'), async (signal) => projectChoices(needs, signal));
  const chosen = await ui.pick(l10n.t('Select Project'), choices, l10n.t('Organisation, project or preview branch'));
  await chosen();
};

/** After a sign-in: on to the project, unless one is there or the folder's own is offered. */
export async function chooseProject({ session, commands }: Pick<ProjectNeeds, 'session' | 'commands'>): Promise<void> {
  if (session.state.kind === 'noProject' && !session.place?.linked) {
    await commands.run('project.select');
  }
}

/** In a workspace with several Supabase folders the selection belongs to one of them. */
async function choosePlace({ session, ui }: ProjectNeeds): Promise<void> {
  if (session.allPlaces.length > 1) {
    const place = await ui.pick(
      l10n.t('For which folder?'),
      session.allPlaces.map((known) => ({ label: known.name, description: known.folder, icon: 'folder', value: known })),
    );
    await session.activate(place);
  }
}

type ProjectChoice = Choice<() => Promise<void>>;

/** An account whose projects cannot be listed is a choice that says why: the others stay, and so do the ways without an account. */
async function projectChoices(needs: ProjectNeeds, signal: AbortSignal): Promise<ProjectChoice[]> {
  const { accounts, session, commands } = needs;
  const perAccount = await Promise.all(accounts.list().map(async (account) => accountChoices(needs, account, signal).catch((error: unknown) => [failedChoice(account, error)])));
  const choices = perAccount.flat();
  if (session.place) {
    choices.push({ label: l10n.t('Local stack of {0}', visibleLine(session.place.name)), icon: 'vm', group: l10n.t('This machine'), value: async () => commands.run('project.connectLocal') });
  }
  choices.push(
    { label: l10n.t('Self-hosted installation…'), icon: 'server', group: l10n.t('Elsewhere'), value: async () => commands.run('project.connectSelfHosted') },
    { label: l10n.t('Sign in with another account…'), icon: 'account', group: l10n.t('Elsewhere'), value: async () => commands.run('account.signIn') },
  );
  return choices;
}

/** Choosing it tells the error with its next steps. */
function failedChoice(account: Account, error: unknown): ProjectChoice {
  if (isCancelled(error)) {
    throw error;
  }
  return {
    label: l10n.t('The projects of {0} could not be listed', visibleLine(account.name)),
    icon: 'warning',
    detail: errorMessage(error).message,
    group: visibleLine(account.name),
    value: () => Promise.reject(toError(error)),
  };
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

async function accountChoices(needs: ProjectNeeds, account: Account, signal: AbortSignal): Promise<ProjectChoice[]> {
  const management = await needs.managementOf(account);
  const options = { signal, priority: 'user' } as const;
  const [projects, organizations] = await Promise.all([
    management.projects(options),
    // Names for the groups; a token that may not list organisations still lists projects.
    management.organizations(options).catch(() => []),
  ]);
  const organizationName = (slug: string | undefined) => organizations.find((known) => known.slug === slug)?.name ?? slug ?? account.name;
  return [...projects]
    .sort((a, b) => organizationName(a.organization).localeCompare(organizationName(b.organization)) || a.name.localeCompare(b.name))
    .map((project) => ({
      label: visibleLine(project.name),
      icon: 'project',
      description: project.ref,
      detail: visibleLine([projectState(project.status)?.word, project.region, account.name].filter(Boolean).join(' · ')),
      group: visibleLine(organizationName(project.organization)),
      value: async () => takeProject(needs, account, project, management),
    }));
}

async function takeProject(needs: ProjectNeeds, account: Account, project: Project, management: ManagementApi): Promise<void> {
  const { session, ui } = needs;
  const branches = await ui.progress(l10n.t('Listing preview branches'), async (signal) => listBranches(needs, management, project, signal));
  const name = visibleLine(project.name);
  const target =
    branches.length === 0
      ? project
      : await ui.pick(l10n.t('Select Branch of {0}', name), [
          { label: name, icon: 'project', description: l10n.t('the project itself'), value: project },
          ...branches.map((branch) => ({ label: visibleLine(branch.name), icon: 'git-branch', description: branch.ref, value: branch })),
        ]);
  await session.select({ kind: 'hosted', accountId: account.id, project: target });
}

/** Branches are an extra: without them the project itself is selected, and a failure that no permission explains is told. */
async function listBranches({ ui }: ProjectNeeds, management: ManagementApi, project: Project, signal: AbortSignal): Promise<readonly Project[]> {
  try {
    return await management.branches(project.ref, { signal, priority: 'user' });
  } catch (error) {
    if (isOpsError(error, 'permissionMissing', 'notFound')) {
      return [];
    }
    if (isOpsError(error, 'serviceFailed')) {
      ui.warn(l10n.t('The preview branches of {0} could not be listed, so the project itself was selected. {1}', visibleLine(project.name), errorMessage(error).message));
      return [];
    }
    throw error;
  }
}

/**
 * Selects a project by its ref with the first account that can see it. Throws `notSignedIn`; `projectNotFound` only when every account
 * says so: one that could not be asked may own it.
 */
export async function selectByRef({ accounts, session, managementOf }: Pick<ProjectNeeds, 'accounts' | 'session' | 'managementOf'>, ref: string, signal: AbortSignal): Promise<void> {
  const problems: Error[] = [];
  for (const account of accounts.list()) {
    try {
      const project = await (await managementOf(account)).project(ref, { signal, priority: 'user' });
      await session.select({ kind: 'hosted', accountId: account.id, project });
      return;
    } catch (error) {
      if (isCancelled(error)) {
        throw error;
      }
      problems.push(toError(error));
    }
  }
  throw problems.find((problem) => !isOpsError(problem, 'projectNotFound', 'permissionMissing')) ?? problems[0] ?? new OpsError('notSignedIn', {});
}

export const connectLocal =
  ({ session, localProject }: ProjectNeeds) =>
  async (): Promise<void> => {
    const { place } = session;
    if (!place) {
      throw new OpsError('notFound', { what: l10n.t('A folder with supabase/config.toml') });
    }
    await session.select({ kind: 'local', project: await localProject(place) });
  };

export const connectSelfHosted =
  ({ session, secrets, ui }: ProjectNeeds) =>
  async (): Promise<void> => {
    const title = l10n.t('Connect Self-Hosted Installation');
    const gatewayUrl = await ui.ask({ title, prompt: l10n.t('Address of its API gateway'), placeholder: 'https://supabase.example.com', check: checkUrl });
    const url = new URL(gatewayUrl.trim());
    const key = await ui.ask({ title, prompt: l10n.t('Publishable or anon key of the installation; leave empty to go without'), secret: true });
    const connectionString = await ui.ask({
      title,
      prompt: l10n.t('Database connection string; leave empty to go without'),
      placeholder: 'postgresql://postgres:…@db.example.com:5432/postgres',
      secret: true,
      check: (text) => (text.trim() === '' ? undefined : checkConnectionString(text)),
    });
    const ref = `self-${url.host}`;
    await store(secrets, `gatewayKey ${ref}`, key.trim());
    await store(secrets, `database ${ref}`, connectionString.trim());
    const selection: Selection = { kind: 'selfHosted', gatewayUrl: url.origin, project: { kind: 'selfHosted', ref, name: url.host, environment: 'production' } };
    await session.select(selection);
  };

async function store(secrets: SecretStore, key: string, value: string): Promise<void> {
  await (value === '' ? secrets.delete(key) : secrets.set(key, value));
}

export const setConnectionString =
  ({ session, secrets, ui }: ProjectNeeds) =>
  async (): Promise<void> => {
    await askConnectionString({ ui, secrets }, session.connection());
    await session.start(session.allPlaces);
    tellTheWay({ session, ui });
  };

/** Over which way SQL runs from now on; nothing is opened yet. */
function tellTheWay({ session, ui }: Pick<ProjectNeeds, 'session' | 'ui'>): void {
  const { project, database } = session.connection();
  if (database.kind === 'available') {
    ui.tell(l10n.t('SQL on {0} now runs over {1}.', visibleLine(project.name), visibleLine(database.use.address)));
  }
}

export const removeConnectionString =
  ({ session, secrets, ui }: ProjectNeeds) =>
  async (): Promise<void> => {
    await secrets.delete(`database ${session.connection().project.ref}`);
    await session.start(session.allPlaces);
    tellTheWay({ session, ui });
  };

export const setEnvironment =
  ({ session, ui }: ProjectNeeds) =>
  async (): Promise<void> => {
    const { project } = session.connection();
    const choices: Choice<Environment>[] = [
      { label: l10n.t('Production'), icon: 'shield', description: l10n.t('asks before it destroys anything'), value: 'production' },
      { label: l10n.t('Staging'), icon: 'beaker', value: 'staging' },
      { label: l10n.t('Development'), icon: 'tools', value: 'development' },
    ];
    await session.setEnvironment(project, await ui.pick(l10n.t('What is {0}?', visibleLine(project.name)), choices));
  };

/** Without TLS the key would travel in the open: that is for this machine alone (SAFETY 8). */
function checkUrl(text: string): string | undefined {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined;
  if (url?.protocol === 'http:' && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)) {
    return l10n.t('Plain HTTP is for this machine only; use https://{0}', url.host);
  }
  return url && /^https?:$/.test(url.protocol) ? undefined : l10n.t('An address such as https://supabase.example.com');
}
