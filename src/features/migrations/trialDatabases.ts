/** The databases on which migrations may be tried: nobody's production, and named by the person (SAFETY 12). */
import { isCancelled, isOpsError } from '../../core/errors.ts';
import type { Connection } from '../../core/project/connection.ts';
import { isForTrying, type Place, type Project } from '../../core/project/project.ts';
import type { Selection, Session } from '../../core/project/session.ts';
import { errorMessage } from '../../host/errorMessage.ts';
import { plainLabel } from '../../host/plainText.ts';
import type { Choice } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';

export interface TrialDatabaseNeeds {
  readonly session: Session;
  /** Builds the ways to a project beside the one that the window operates; whoever asked closes it. */
  readonly connect: (selection: Selection, place: Place | undefined) => Promise<Connection>;
  readonly localProject: (place: Place) => Promise<Project>;
}

/** A connection that is used once, and closed if it is not the window's own. */
export type Opener = () => Promise<{ readonly connection: Connection; readonly done: () => Promise<void> }>;

export async function trialDatabases({ session, connect, localProject }: TrialDatabaseNeeds, place: Place, signal: AbortSignal): Promise<readonly Choice<Opener>[]> {
  const { state } = session;
  const current = 'connection' in state && state.connection.place?.id === place.id ? state.connection : undefined;
  const beside = (selection: Selection): Opener => async () => {
    const connection = await connect(selection, place);
    return { connection, done: async () => connection.close() };
  };
  const own = current !== undefined && isForTrying(current.project) ? [{ label: nameOf(current.project), icon: 'database', description: l10n.t('connected'), value: async () => ({ connection: current, done: async () => {} }) }] : [];
  const local = current?.project.kind === 'local' ? [] : await localChoice(localProject, session, place, beside);
  return [...own, ...local, ...(current === undefined ? [] : await branchChoices(session, current, beside, signal))];
}

async function localChoice(localProject: TrialDatabaseNeeds['localProject'], session: Session, place: Place, beside: (selection: Selection) => Opener): Promise<Choice<Opener>[]> {
  const project = session.marked(await localProject(place));
  return isForTrying(project) ? [{ label: l10n.t('Local stack of {0}', plainLabel(visibleLine(place.name))), icon: 'vm', description: l10n.t('on this machine'), value: beside({ kind: 'local', project }) }] : [];
}

/** Branches that cannot be listed are a choice that says why: the others stay. */
async function branchChoices(session: Session, { project, management, account }: Connection, beside: (selection: Selection) => Opener, signal: AbortSignal): Promise<Choice<Opener>[]> {
  if (management.kind === 'absent' || account === undefined) {
    return [];
  }
  try {
    const branches = await management.use.branches(project.parentRef ?? project.ref, { signal, priority: 'user' });
    return branches
      .map((branch) => session.marked(branch))
      .filter((branch) => branch.ref !== project.ref && isForTrying(branch))
      .map((branch) => ({ label: nameOf(branch), icon: 'git-branch', description: l10n.t('preview branch, {0}', branch.ref), value: beside({ kind: 'hosted', accountId: account.id, project: branch }) }));
  } catch (error) {
    if (isCancelled(error) || !isOpsError(error)) {
      throw error;
    }
    return [{ label: l10n.t('The preview branches could not be listed'), icon: 'warning', detail: errorMessage(error).message, value: () => Promise.reject(error) }];
  }
}

function nameOf({ name }: Project): string {
  return plainLabel(visibleLine(name));
}
