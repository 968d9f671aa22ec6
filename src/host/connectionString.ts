/** The way to a project's database, asked for and kept in the editor's secret storage. */
import { isOpsError } from '../core/errors.ts';
import type { CallOptions, ManagementApi, SecretStore } from '../core/ports.ts';
import type { Connection } from '../core/project/connection.ts';
import { formatConnectionString, parseConnectionString, projectOf } from '../core/project/databaseTarget.ts';
import type { Project } from '../core/project/project.ts';
import { l10n } from '../util/l10n.ts';
import { visibleLine } from '../util/visible.ts';
import type { Ui } from './ui.ts';

export interface ConnectionStringNeeds {
  readonly ui: Ui;
  readonly secrets: SecretStore;
}

/**
 * Supabase knows the password of a preview branch and gives it to a token that may read branches; that of a project it gives nobody.
 * Whoever has the project open connects anew.
 */
export async function askConnectionString(needs: ConnectionStringNeeds, { project, management }: Pick<Connection, 'project' | 'management'>): Promise<void> {
  const { ui, secrets } = needs;
  const choices = [
    { label: l10n.t('Ask Supabase for It'), icon: 'cloud-download', description: l10n.t('with your access token'), detail: l10n.t('The password of this preview branch is kept in the editor’s secret storage'), value: true },
    { label: l10n.t('Type It…'), icon: 'edit', value: false },
  ];
  const asks = project.parentRef !== undefined && management.kind === 'available' && (await ui.pick(titleOf(project), choices, l10n.t('The connection string of the branch’s database')));
  const given = asks && management.kind === 'available' ? await ofBranch(ui, management.use, project) : undefined;
  if (asks && given === undefined) {
    ui.warn(l10n.t('Supabase does not tell this access token the password of {0}. Its connection string is in the dashboard, under Connect.', visibleLine(project.name)));
  }
  await secrets.set(`database ${project.ref}`, given ?? (await typed(ui, project)));
}

/** Through the pooler where there is one: the direct host has an IPv6 address alone. */
async function ofBranch(ui: Ui, api: ManagementApi, { ref, name }: Project): Promise<string | undefined> {
  return ui.progress(l10n.t('Asking for the database of {0}', visibleLine(name)), async (signal) => {
    const options = { signal, priority: 'user' } as const;
    const [direct, pooler] = await Promise.all([api.branchDatabase(ref, options), poolerOf(api, ref, options)]);
    return direct && formatConnectionString({ ...direct, ...pooler });
  });
}

/** A token may know the one and not the other; then the direct host is tried. */
async function poolerOf(api: ManagementApi, ref: string, options: CallOptions): ReturnType<ManagementApi['pooler']> {
  try {
    return await api.pooler(ref, options);
  } catch (error) {
    if (isOpsError(error, 'permissionMissing', 'notFound', 'serviceFailed')) {
      return undefined;
    }
    throw error;
  }
}

async function typed(ui: Ui, project: Project): Promise<string> {
  const text = await ui.ask({
    title: titleOf(project),
    prompt: l10n.t('Connection string with its password, kept in the editor’s secret storage. TLS is verified.'),
    placeholder: 'postgresql://postgres:…@db.example.com:5432/postgres',
    secret: true,
    check: (answer) => checkConnectionString(answer) ?? checkProject(answer, project),
  });
  return text.trim();
}

function titleOf({ name }: Project): string {
  return l10n.t('Database of {0}', visibleLine(name));
}

/** The words of the refusal hold nothing of the text. */
export function checkConnectionString(text: string): string | undefined {
  try {
    parseConnectionString(text);
    return undefined;
  } catch {
    return l10n.t('A connection string such as postgresql://user:password@host:5432/postgres');
  }
}

/** What would be done on a branch must not come to the project that is production (SAFETY 12). */
function checkProject(text: string, { ref, name }: Project): string | undefined {
  const named = projectOf(parseConnectionString(text));
  return named === undefined || named === ref ? undefined : l10n.t('This is the database of the project {0}; {1} is {2}', named, visibleLine(name), ref);
}
