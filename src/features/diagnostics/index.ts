import { views } from '../../contributions.ts';
import { registerTree } from '../../host/tree.ts';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import type { DiagnosticsNeeds } from './needs.ts';
import { diagnosticsTree, Verdicts } from './tree.ts';

/** Queries that are judged: the extension's own and every `sql` fence with a limit in a listed document. */
export function registerDiagnostics(needs: DiagnosticsNeeds): Disposable {
  const owned = new DisposableStore();
  const verdicts = new Verdicts();
  let shown: string | undefined;
  owned.add(
    needs.session.onDidChange((state) => {
      const ref = 'connection' in state ? state.connection.project.ref : undefined;
      if (ref !== shown) {
        shown = ref;
        verdicts.clear();
      }
    }),
  );
  owned.add(registerTree(views.diagnostics, diagnosticsTree({ ...needs, verdicts })));
  owned.add(needs.commands.register('diagnostics.run', async (argument) => (await import('./commands.ts')).run(needs, verdicts)(argument)));
  owned.add(needs.commands.register('diagnostics.runAll', async (argument) => (await import('./commands.ts')).runAll(needs, verdicts)(argument)));
  owned.add(needs.commands.register('diagnostics.openSource', async (argument) => (await import('./open.ts')).openSource(needs)(argument)));
  return owned;
}
