import { OpsError } from '../../core/errors.ts';
import { readPause } from '../../core/functions/pause.ts';
import { nodeOf } from '../../host/row.ts';
import { l10n } from '../../util/l10n.ts';
import { planAndApply, type ChooseSource } from './apply.ts';
import { deployedFunction, pickDeployed, slugOf } from './context.ts';
import type { DeployFeatureNeeds } from './needs.ts';
import { fromLive } from './restart.ts';

/** Every call is answered with 503 until it is resumed. The live body is recorded first; without a record nothing is paused. */
export async function pauseFunction(needs: DeployFeatureNeeds, argument: unknown): Promise<void> {
  const connection = needs.session.connection();
  const slug = slugOf(nodeOf(argument)) ?? (await pickDeployed(needs, connection, l10n.t('Pause which function?')));
  const from: ChooseSource = async (name, context, signal) => {
    const { version } = await deployedFunction(name, context, signal);
    const body = await context.prepare.management.functionBody(connection.project.ref, name, { signal, priority: 'user' });
    const paused = readPause(body);
    if (paused) {
      throw new OpsError('alreadyPaused', { slug: name, by: paused.by });
    }
    await fromLive(name, context, signal);
    return { kind: 'pause', note: { since: needs.clock.now(), by: context.apply.who, version } };
  };
  await planAndApply(needs, connection, { slugs: [slug], action: 'pause', from });
}

/** Brings back the body that was recorded when the function was paused. */
export async function resumeFunction(needs: DeployFeatureNeeds, argument: unknown): Promise<void> {
  const connection = needs.session.connection();
  const slug = slugOf(nodeOf(argument)) ?? (await pickDeployed(needs, connection, l10n.t('Resume which function?')));
  const from: ChooseSource = async (name, context, signal) => {
    await deployedFunction(name, context, signal);
    const note = readPause(await context.prepare.management.functionBody(connection.project.ref, name, { signal, priority: 'user' }));
    if (!note) {
      throw new OpsError('notPaused', { slug: name });
    }
    return { kind: 'recorded', version: note.version };
  };
  await planAndApply(needs, connection, { slugs: [slug], action: 'resume', from });
}
