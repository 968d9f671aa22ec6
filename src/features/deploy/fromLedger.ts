import { OpsError } from '../../core/errors.ts';
import type { Deployment } from '../../core/functions/ledger.ts';
import { lastVerifyJwt } from '../../core/functions/ownDeploys.ts';
import type { DeployFrom } from '../../core/functions/prepare.ts';
import { defined } from '../../util/defined.ts';
import type { DeployContext } from './context.ts';

/**
 * What an own deploy made live, to make it live again: the commit it was made from, else the body that was kept of its version. Throws
 * `bodyNotKept` when neither is here.
 */
export async function fromDeployment(deployment: Deployment, context: DeployContext, signal: AbortSignal): Promise<DeployFrom> {
  const { origin } = deployment.intent;
  const hash = origin.kind === 'commit' || (origin.kind === 'workingTree' && origin.clean) ? origin.commit : undefined;
  const commit = hash === undefined ? undefined : (await context.tools.git?.commits([hash], signal))?.get(hash);
  return commit ? { kind: 'commit', commit, ...formerSlugOf(deployment.intent) } : keptBody(deployment, context, signal);
}

async function keptBody({ intent: { slug }, conclusion }: Deployment, { connection, tools, prepare }: DeployContext, signal: AbortSignal): Promise<DeployFrom> {
  const version = conclusion?.versionAfter ?? 0;
  const { ref } = connection.project;
  const live = (await prepare.management.functions(ref, { signal, priority: 'user' })).find((fn) => fn.slug === slug);
  // One that was deleted and deployed anew has versions of its own.
  const identity = live && { id: live.id, ...defined({ bundleSha256: conclusion?.bundleAfter }) };
  if (!(await tools.bodies.get(ref, slug, version, identity))) {
    throw new OpsError('bodyNotKept', { slug, version });
  }
  return { kind: 'recorded', version, ...defined({ verifyJwt: live ? undefined : lastVerifyJwt(slug, await tools.ledger.deployments()) }) };
}

/** The folder that the entrypoint lay in, when the function had another name. */
function formerSlugOf({ slug, files }: Deployment['intent']): { readonly formerSlug?: string } {
  const folder = /^supabase\/functions\/([^/]+)\/index\.ts$/.exec(files[0]?.[0] ?? '')?.[1];
  return folder === undefined || folder === slug ? {} : { formerSlug: folder };
}
