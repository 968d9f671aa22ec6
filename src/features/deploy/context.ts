import { OpsError } from '../../core/errors.ts';
import type { EdgeFunction } from '../../core/functions/edgeFunction.ts';
import type { ManagementApi } from '../../core/ports.ts';
import { need, type Connection } from '../../core/project/connection.ts';
import type { Choice } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import type { ApplyNeeds, DeployFeatureNeeds, DeployTools, PrepareNeeds } from './needs.ts';

/** One project with all that changing its functions takes. */
export interface DeployContext {
  readonly connection: Connection;
  readonly tools: DeployTools;
  readonly prepare: PrepareNeeds & { readonly management: ManagementApi };
  readonly apply: ApplyNeeds;
}

/** Throws `absent` without a Management API, `untrusted`. */
export async function contextOf({ tools, clock, log, isTrusted, settings }: DeployFeatureNeeds, connection: Connection, signal: AbortSignal): Promise<DeployContext> {
  const management = need(connection.management, l10n.t('Deploying functions'));
  if (!isTrusted()) {
    throw new OpsError('untrusted', { what: l10n.t('Deploying functions') });
  }
  const made = await tools(connection, signal);
  return {
    connection,
    tools: made,
    prepare: { ...made, project: connection.project, management },
    apply: { ...made, management, clock, log, who: connection.account?.name ?? '', ...(settings().shareLedger ? { shared: true } : {}), ...(connection.place ? { place: connection.place.id } : {}) },
  };
}

export async function deployedFunction(slug: string, { connection, prepare }: DeployContext, signal: AbortSignal): Promise<EdgeFunction> {
  const live = (await prepare.management.functions(connection.project.ref, { signal, priority: 'user' })).find((fn) => fn.slug === slug);
  if (!live) {
    throw new OpsError('notFound', { what: l10n.t('The deployed function {0}', visible(slug)) });
  }
  return live;
}

/** The function that a row, a manual or another command names. */
export function slugOf(node: unknown): string | undefined {
  return typeof node === 'string' ? node : typeof node === 'object' && node !== null && 'slug' in node && typeof node.slug === 'string' ? node.slug : undefined;
}

/** One of the functions that are deployed. */
export async function pickDeployed({ ui }: DeployFeatureNeeds, connection: Connection, title: string): Promise<string> {
  const list = connection.data.functions({ signal: AbortSignal.timeout(30_000), priority: 'user' });
  return ui.pick(
    title,
    list.then((all) => all.map((fn) => ({ label: visible(fn.slug), description: `v${fn.version}`, icon: 'symbol-function', value: fn.slug }))),
  );
}

/** The functions whose sources are in the place; throws `notFound` when there is none. */
export async function localChoices({ places }: DeployFeatureNeeds, connection: Connection): Promise<readonly Choice<string>[]> {
  const local = await places.functions(connection.place, AbortSignal.timeout(30_000));
  if (local.length === 0) {
    throw new OpsError('notFound', { what: l10n.t('A function in supabase/functions of this folder') });
  }
  return local.map((name) => ({ label: visible(name), icon: 'symbol-function', value: name }));
}
