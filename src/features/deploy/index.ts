import type { Session } from '../../core/project/session.ts';
import type { CommandRegistry } from '../../host/commands.ts';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import type { DeployFeatureNeeds } from './needs.ts';

export interface DeployRegistration extends DeployFeatureNeeds {
  readonly session: Session;
  readonly commands: CommandRegistry;
}

/** How functions are deployed and rolled back is read with the first project or command. */
export function registerDeploy(needs: DeployRegistration): Disposable {
  const { commands, session } = needs;
  const owned = new DisposableStore();
  owned.add(commands.register('functions.deploy', async (argument) => (await import('./deploy.ts')).deployWanted(needs, argument, false)));
  owned.add(commands.register('functions.deployAll', async (argument) => (await import('./deploy.ts')).deployWanted(needs, argument, true)));
  owned.add(commands.register('functions.deployChanged', async () => (await import('./deployChanged.ts')).deployChanged(needs)));
  owned.add(commands.register('functions.deployFrom', async (argument) => (await import('./deployFrom.ts')).deployFrom(needs, argument)));
  owned.add(commands.register('functions.tagDeploy', async (argument) => (await import('./tag.ts')).tagDeploy(needs, argument)));
  owned.add(commands.register('functions.rollback', async (argument) => (await import('./rollback.ts')).rollBack(needs, argument)));
  owned.add(commands.register('functions.rollbackToBefore', async (argument) => (await import('./rollback.ts')).rollBackToBefore(needs, argument)));
  owned.add(commands.register('functions.pause', async (argument) => (await import('./pause.ts')).pauseFunction(needs, argument)));
  owned.add(commands.register('functions.resume', async (argument) => (await import('./pause.ts')).resumeFunction(needs, argument)));
  owned.add(commands.register('functions.restart', async (argument) => (await import('./restart.ts')).restartFunction(needs, argument)));
  owned.add(commands.register('functions.delete', async (argument) => (await import('./change.ts')).deleteFunction(needs, argument)));
  owned.add(commands.register('functions.changeVerifyJwt', async (argument) => (await import('./change.ts')).changeVerifyJwt(needs, argument)));
  owned.add(commands.register('functions.download', async (argument) => (await import('./download.ts')).downloadFunction(needs, argument)));
  owned.add(commands.register('functions.showOutdatedImports', async () => (await import('./outdatedImports.ts')).showOutdatedImports(needs)));
  owned.add(commands.register('functions.create', async () => (await import('./create.ts')).createFunction(needs)));
  owned.add(commands.register('functions.addReason', async (argument) => (await import('./reason.ts')).addReason(needs, argument)));
  owned.add(commands.register('functions.exchangeLedger', async () => (await import('./exchange.ts')).exchangeLedger(needs)));
  owned.add(
    session.onDidChange((state) => {
      if (state.kind === 'connected') {
        void import('./settle.ts').then(({ settleOpenDeploys }) => settleOpenDeploys(needs, state.connection));
      }
    }),
  );
  return owned;
}
