import { OpsError, isOpsError } from '../../core/errors.ts';
import type { ManagementApi, SecretStore, Storage } from '../../core/ports.ts';
import type { Account, Accounts } from '../../core/project/accounts.ts';
import { parseConnectionString } from '../../core/project/databaseTarget.ts';
import type { Environment, Place, Project } from '../../core/project/project.ts';
import type { Selection, Session } from '../../core/project/session.ts';
import type { CommandRegistry } from '../../host/commands.ts';
import type { Choice, Ui } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';

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

async function projectChoices(needs: ProjectNeeds, signal: AbortSignal): Promise<Choice<() => Promise<void>>[]> {
  const { accounts, session, commands } = needs;
  const perAccount = await Promise.allSettled(accounts.list().map(async (account) => accountChoices(needs, account, signal)));
  const failed = perAccount.find((outcome) => outcome.status === 'rejected');
  const choices = perAccount.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : []));
  if (choices.length === 0 && failed) {
    throw failed.reason;
  }
  if (session.place) {
    choices.push({ label: l10n.t('Local stack of {0}', session.place.name), icon: 'vm', group: l10n.t('This machine'), value: async () => commands.run('project.connectLocal') });
  }
  choices.push(
    { label: l10n.t('Self-hosted installation…'), icon: 'server', group: l10n.t('Elsewhere'), value: async () => commands.run('project.connectSelfHosted') },
    { label: l10n.t('Sign in with another account…'), icon: 'account', group: l10n.t('Elsewhere'), value: async () => commands.run('account.signIn') },
  );
  return choices;
}

async function accountChoices(needs: ProjectNeeds, account: Account, signal: AbortSignal): Promise<Choice<() => Promise<void>>[]> {
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
      label: project.name,
      icon: 'project',
      description: project.ref,
      detail: [project.region, project.status, account.name].filter(Boolean).join(' · '),
      group: organizationName(project.organization),
      value: async () => takeProject(needs, account, project, management),
    }));
}

async function takeProject({ session, ui }: ProjectNeeds, account: Account, project: Project, management: ManagementApi): Promise<void> {
  const branches = await ui.progress(l10n.t('Listing preview branches'), async (signal) => listBranches(management, project, signal));
  const target =
    branches.length === 0
      ? project
      : await ui.pick(l10n.t('Select Branch of {0}', project.name), [
          { label: project.name, icon: 'project', description: l10n.t('the project itself'), value: project },
          ...branches.map((branch) => ({ label: branch.name, icon: 'git-branch', description: branch.ref, value: branch })),
        ]);
  await session.select({ kind: 'hosted', accountId: account.id, project: target });
}

/** Branches are an extra: a token without that permission still selects the project. */
async function listBranches(management: ManagementApi, project: Project, signal: AbortSignal): Promise<readonly Project[]> {
  try {
    return await management.branches(project.ref, { signal, priority: 'user' });
  } catch (error) {
    if (isOpsError(error, 'permissionMissing', 'serviceFailed', 'notFound')) {
      return [];
    }
    throw error;
  }
}

/** Selects a project by its ref with the first account that can see it. Throws `projectNotFound`, `notSignedIn`. */
export async function selectByRef({ accounts, session, managementOf }: ProjectNeeds, ref: string, signal: AbortSignal): Promise<void> {
  let problem: unknown = new OpsError('notSignedIn', {});
  for (const account of accounts.list()) {
    try {
      const project = await (await managementOf(account)).project(ref, { signal, priority: 'user' });
      await session.select({ kind: 'hosted', accountId: account.id, project });
      return;
    } catch (error) {
      problem = error;
    }
  }
  throw problem;
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
    const url = new URL(gatewayUrl);
    const key = await ui.ask({ title, prompt: l10n.t('Publishable or anon key of the installation; leave empty to go without'), secret: true });
    const connectionString = await ui.ask({
      title,
      prompt: l10n.t('Database connection string; leave empty to go without'),
      placeholder: 'postgresql://postgres:…@db.example.com:5432/postgres',
      secret: true,
      check: (text) => (text === '' ? undefined : checkConnectionString(text)),
    });
    const ref = `self-${url.host}`;
    await store(secrets, `gatewayKey ${ref}`, key);
    await store(secrets, `database ${ref}`, connectionString);
    const selection: Selection = { kind: 'selfHosted', gatewayUrl: url.origin, project: { kind: 'selfHosted', ref, name: url.host, environment: 'production' } };
    await session.select(selection);
  };

async function store(secrets: SecretStore, key: string, value: string): Promise<void> {
  await (value === '' ? secrets.delete(key) : secrets.set(key, value));
}

export const setConnectionString =
  ({ session, secrets, ui }: ProjectNeeds) =>
  async (): Promise<void> => {
    const { project } = session.connection();
    const text = await ui.ask({
      title: l10n.t('Database of {0}', project.name),
      prompt: l10n.t('Connection string with its password, kept in the editor’s secret storage. TLS is verified.'),
      placeholder: 'postgresql://postgres:…@db.example.com:5432/postgres',
      secret: true,
      check: checkConnectionString,
    });
    await secrets.set(`database ${project.ref}`, text.trim());
    await session.start(session.allPlaces);
  };

export const removeConnectionString =
  ({ session, secrets }: ProjectNeeds) =>
  async (): Promise<void> => {
    await secrets.delete(`database ${session.connection().project.ref}`);
    await session.start(session.allPlaces);
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
    await session.setEnvironment(await ui.pick(l10n.t('What is {0}?', project.name), choices));
  };

function checkUrl(text: string): string | undefined {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) ? undefined : l10n.t('An address such as https://supabase.example.com');
}

/** The words of the refusal hold nothing of the text. */
function checkConnectionString(text: string): string | undefined {
  try {
    parseConnectionString(text);
    return undefined;
  } catch {
    return l10n.t('A connection string such as postgresql://user:password@host:5432/postgres');
  }
}
