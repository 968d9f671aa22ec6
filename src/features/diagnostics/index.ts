import { views } from '../../contributions.ts';
import { Mutes } from '../../core/advisors/mutes.ts';
import type { Storage } from '../../core/ports.ts';
import { registerTree } from '../../host/tree.ts';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import type { AdvisorNeeds } from './advisorCommands.ts';
import { Advisors } from './advisors.ts';
import type { DiagnosticsNeeds } from './needs.ts';
import type { Latest } from './runAll.ts';
import { diagnosticsTree, Verdicts } from './tree.ts';

/** Queries that are judged: the extension's own and every `sql` fence with a limit in a listed document. Beside them what Supabase's advisors say. */
export function registerDiagnostics(without: Omit<DiagnosticsNeeds, 'askFile'> & Omit<AdvisorNeeds, 'advisors' | 'mutes'> & { readonly storage: Storage }): Disposable {
  const needs = { ...without, askFile: async (name: string) => (await import('./askFile.ts')).askFile(name) };
  const owned = new DisposableStore();
  const verdicts = new Verdicts();
  const latest: Latest = {};
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
  const mutes = new Mutes(needs.storage);
  const advisors = new Advisors({ session: needs.session, mutes });
  const advice = async () => import('./advisorCommands.ts');
  const adviceNeeds = { ...needs, advisors, mutes };
  owned.add(registerTree(views.diagnostics, diagnosticsTree({ ...needs, verdicts, advisors })));
  owned.add(needs.commands.register('advisors.show', async (argument) => (await advice()).showAdvice(adviceNeeds)(argument)));
  owned.add(needs.commands.register('advisors.mute', async (argument) => (await advice()).muteAdvice(adviceNeeds)(argument)));
  owned.add(needs.commands.register('advisors.unmute', async (argument) => (await advice()).unmuteAdvice(adviceNeeds)(argument)));
  owned.add(needs.commands.register('advisors.openMigration', async (argument) => (await import('./openMigration.ts')).openMigration(adviceNeeds)(argument)));
  owned.add(needs.commands.register('advisors.openGuide', async (argument) => (await advice()).openGuide(adviceNeeds)(argument)));
  owned.add(needs.commands.register('diagnostics.run', async (argument) => (await import('./commands.ts')).run(needs, verdicts)(argument)));
  owned.add(needs.commands.register('diagnostics.repair', async (argument) => (await import('./repair.ts')).repair(needs, verdicts)(argument)));
  owned.add(needs.commands.register('diagnostics.endSession', async () => (await import('./endSession.ts')).endSession(needs)()));
  owned.add(needs.commands.register('diagnostics.runAll', async (argument) => (await import('./runAll.ts')).runAll({ ...needs, advisors }, verdicts, latest)(argument)));
  owned.add(needs.commands.register('diagnostics.saveReport', async () => (await import('./runAll.ts')).saveReport(needs, latest)()));
  owned.add(needs.commands.register('diagnostics.saveSnapshot', async () => (await import('./runAll.ts')).saveSnapshot(needs, verdicts)()));
  owned.add(needs.commands.register('diagnostics.compareSnapshots', async () => (await import('./runAll.ts')).compare(needs, verdicts)()));
  owned.add(needs.commands.register('diagnostics.openSource', async (argument) => (await import('./openSource.ts')).openSource(needs)(argument)));
  return owned;
}
