import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import type { DeployFeatureNeeds } from './needs.ts';

/** How functions are deployed and rolled back is read with the first project or command. */
export function registerDeploy(needs: DeployFeatureNeeds): Disposable {
  const { commands, session } = needs;
  const owned = new DisposableStore();
  const load = async () => import('./deploy.ts');
  owned.add(commands.register('functions.deploy', async (argument) => (await load()).deployWanted(needs, argument, false)));
  owned.add(commands.register('functions.deployAll', async (argument) => (await load()).deployWanted(needs, argument, true)));
  owned.add(commands.register('functions.rollback', async (argument) => (await load()).rollBack(needs, argument)));
  owned.add(
    session.onDidChange((state) => {
      if (state.kind === 'connected') {
        void load().then(({ settleOpenDeploys }) => settleOpenDeploys(needs, state.connection));
      }
    }),
  );
  return owned;
}
