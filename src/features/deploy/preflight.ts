import { isOpsError } from '../../core/errors.ts';
import type { CodeFinding } from '../../core/functions/codeFinding.ts';
import { missingImports } from '../../core/functions/missingImports.ts';
import type { DeployPlan, TypeCheck } from '../../core/functions/plan.ts';
import { parseProbe, type Probe } from '../../core/functions/probe.ts';
import { remoteImports, unansweredImports } from '../../core/functions/remoteImports.ts';
import { checkComplete, stagedFiles } from '../../core/functions/stage.ts';
import type { Place } from '../../core/project/project.ts';
import type { Problem } from '../../host/problems.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import type { DeployContext } from './context.ts';
import type { DeployFeatureNeeds } from './needs.ts';

/**
 * What is wrong with what would be sent, before anybody is asked: imports that lead nowhere stop a deploy, faults of types are named in the
 * plan, and where Deno does not load them the modules of other hosts that do not answer. Imports and types stand in the Problems panel when it is
 * the working tree that is deployed. Undoing is never kept waiting by a check.
 * Throws `importMissing`, `badConfig` for a Git LFS pointer.
 */
export async function preflight(needs: DeployFeatureNeeds, context: DeployContext, plan: DeployPlan, signal: AbortSignal): Promise<DeployPlan> {
  const { place } = context.connection;
  const missing = missingImports(plan.source);
  const report = (types: readonly CodeFinding[]) => {
    if (place && plan.origin.kind === 'workingTree') {
      showProblems(needs, place, plan, [...missing.map(toMissing), ...types.map(toProblem)]);
    }
  };
  report([]);
  checkComplete(plan.source);
  const probe = plan.action === 'pause' ? undefined : await probeOf(needs, plan.slug);
  const types = plan.action === 'deploy' && needs.settings().typeCheck ? await checkTypes(context, plan, signal) : undefined;
  if (types?.kind === 'checked') {
    report(types.findings);
  }
  const unanswered = plan.action === 'deploy' && types?.kind !== 'checked' ? await unansweredImports(remoteImports(plan.source), needs.http, signal) : undefined;
  return { ...plan, ...(types ? { types } : {}), ...(unanswered ? { unanswered } : {}), ...(probe ? { probe } : {}) };
}

/** The setting's word, else that of a manual; the plan shows it before it is made. */
async function probeOf({ settings, runbookProbes, log }: DeployFeatureNeeds, slug: string): Promise<Probe | undefined> {
  const own = settings().probes.map(parseProbe).find((known) => known?.slug === slug);
  if (own) {
    return own;
  }
  try {
    return (await runbookProbes()).find((known) => known.slug === slug);
  } catch (error) {
    log.warn('the manuals could not be read for a check after the deploy', { error: String(error) });
    return undefined;
  }
}

async function checkTypes({ tools, connection }: DeployContext, { source, verifyJwt }: DeployPlan, signal: AbortSignal): Promise<TypeCheck> {
  const { entrypoint, importMap } = source;
  try {
    const findings = await tools.staging.withTree(stagedFiles(source, connection.project.ref, verifyJwt.after), async (tree) =>
      tools.types.check({ tree, entrypoint, ...(importMap === undefined ? {} : { importMap }) }, signal),
    );
    return findings ? { kind: 'checked', findings } : { kind: 'unknown' };
  } catch (error) {
    if (isOpsError(error, 'timedOut')) {
      return { kind: 'unknown', error };
    }
    throw error;
  }
}

function showProblems({ problems }: DeployFeatureNeeds, place: Place, { slug, source }: DeployPlan, found: readonly Problem[]): void {
  // A fault in what Opsbook lays out itself is none of the place's.
  problems.replace(place, `deploy ${slug}`, found.filter(({ path }) => source.files.has(path)));
}

function toMissing({ fatal, message, ...finding }: ReturnType<typeof missingImports>[number]): Problem {
  return { ...finding, severity: fatal ? 'error' : 'warning', message: l10n.t('{0} does not exist.', visible(message)) };
}

function toProblem(finding: CodeFinding): Problem {
  return { ...finding, severity: 'error', message: visible(finding.message) };
}
