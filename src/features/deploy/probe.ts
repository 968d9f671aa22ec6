import { isCancelled } from '../../core/errors.ts';
import type { DeployOutcome } from '../../core/functions/deploy.ts';
import type { DeployPlan } from '../../core/functions/plan.ts';
import { runProbe, type ProbeResult } from '../../core/functions/probe.ts';
import type { Connection } from '../../core/project/connection.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import type { DeployFeatureNeeds } from './needs.ts';

/** Whether what was deployed answers; `undefined` when nobody said how to ask, nothing was deployed, or the person did not wait for it. */
export async function answersOf({ ui, clock }: DeployFeatureNeeds, connection: Connection, plan: DeployPlan, outcome: DeployOutcome | undefined): Promise<ProbeResult | undefined> {
  const { probe } = plan;
  const { gateway } = connection;
  if (!probe || outcome?.kind !== 'deployed' || gateway.kind === 'absent') {
    return undefined;
  }
  try {
    return await ui.progress(l10n.t('Calling {0}', visible(plan.slug)), async (signal) => runProbe(probe, gateway.use, clock, signal));
  } catch (error) {
    // What was deployed is told all the same.
    if (isCancelled(error)) {
      return undefined;
    }
    throw error;
  }
}
