import { OpsError } from '../../core/errors.ts';
import type { Deployment } from '../../core/functions/ledger.ts';
import { lastVerifyJwt } from '../../core/functions/ownDeploys.ts';
import type { DeployFrom } from '../../core/functions/prepare.ts';
import { functionsFolder } from '../../core/functions/source.ts';
import { toRoot } from '../../core/functions/sourceTree.ts';
import type { Commit, GitHistory } from '../../core/ports.ts';
import { defined } from '../../util/defined.ts';
import type { DeployContext } from './context.ts';

/**
 * What an own deploy made live, to make it live again: the commit it was made from, else the body that was kept of its version. Throws
 * `bodyNotKept` when neither is here.
 */
export async function fromDeployment(deployment: Deployment, context: DeployContext, signal: AbortSignal): Promise<DeployFrom> {
  const { origin } = deployment.intent;
  const hash = origin.kind === 'commit' || (origin.kind === 'workingTree' && origin.clean) ? origin.commit : undefined;
  const { git } = context.tools;
  const commit = hash === undefined ? undefined : (await git?.commits([hash], signal))?.get(hash);
  return git && commit ? { kind: 'commit', commit, ...(await formerSlug(deployment.intent, commit, git, signal)) } : keptBody(deployment, context, signal);
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

/** The folder that the entrypoint lay in, when the function had another name and nothing lay where it has its own now. */
async function formerSlug({ slug, files }: Deployment['intent'], commit: Commit, git: GitHistory, signal: AbortSignal): Promise<{ readonly formerSlug?: string }> {
  const folder = /^supabase\/functions\/([^/]+)\/index\.ts$/.exec(files[0]?.[0] ?? '')?.[1];
  const isElsewhere = folder !== undefined && folder !== slug && (await git.tree(commit.hash, [toRoot(git, `${functionsFolder}/${slug}`)], signal)).length === 0;
  return isElsewhere ? { formerSlug: folder } : {};
}
