import { views } from '../../contributions.ts';
import type { Session } from '../../core/project/session.ts';
import type { CommandRegistry } from '../../host/commands.ts';
import { registerTree } from '../../host/tree.ts';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import { runHealthCheck, showDetails, type ReportNeeds } from './report.ts';
import { healthTree, type HealthTreeNeeds } from './tree.ts';

export interface HealthNeeds extends ReportNeeds, HealthTreeNeeds {
  readonly session: Session;
  readonly commands: CommandRegistry;
}

export function registerHealth(needs: HealthNeeds): Disposable {
  const owned = new DisposableStore();
  owned.add(registerTree(views.health, healthTree(needs)));
  owned.add(needs.commands.register('health.report', runHealthCheck(needs)));
  owned.add(needs.commands.register('health.showDetails', showDetails(needs)));
  return owned;
}
