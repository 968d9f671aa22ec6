import { isOpsError, OpsError } from '../../core/errors.ts';
import { findDeployedFile, type DeployedFile, type DeployedFileNeeds } from '../../core/functions/deployedFile.ts';
import { placeBody } from '../../core/functions/body.ts';
import type { EdgeFunction, FunctionBody } from '../../core/functions/edgeFunction.ts';
import { functionsFolder } from '../../core/functions/source.ts';
import { need, type Connection } from '../../core/project/connection.ts';
import type { Session } from '../../core/project/session.ts';
import { nodeOf } from '../../host/row.ts';
import type { Ui } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';
import { pickFunction } from './askTarget.ts';
import type { NamedLocation } from './lineLinks.ts';

/** From 1, as log lines count. */
export interface Position {
  readonly line: number;
  readonly column?: number;
}

export interface SourceNeeds {
  readonly session: Session;
  readonly ui: Ui;
  /** What was live before; throws where there is no place or no trust. */
  readonly past: (connection: Connection, signal: AbortSignal) => Promise<NonNullable<DeployedFileNeeds['past']>>;
  /** Opens a read-only document. */
  readonly showFile: (name: string, text: string, at: Position) => Promise<void>;
  /** Opens the file of the place; false when there is none. */
  readonly showWorkingCopy: (connection: Connection, path: string, at: Position) => Promise<boolean>;
}

const seconds = 60;

/** Opens a place that a log line names as it was deployed, or a file of what is live that is picked. */
export function openSource(needs: SourceNeeds) {
  return async (argument?: unknown): Promise<void> => {
    const connection = needs.session.connection();
    const given = nodeOf(argument);
    const location = isLocation(given) ? given : await pickLocation(needs, connection, given);
    if (location.ref !== connection.project.ref) {
      throw new OpsError('notFound', { what: l10n.t('The project of this line in this window') });
    }
    const { slug, version, path } = location;
    if (connection.management.kind === 'absent') {
      await showOwn(needs, connection, location);
      return;
    }
    const file = await needs.ui.progress(l10n.t('Fetching {0} as deployed', visibleLine(path)), async (signal) => read(needs, connection, location, AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000)])));
    if (file) {
      await needs.showFile(heldName(slug, file), file.text, location);
      return;
    }
    const which = version === undefined ? visibleLine(slug) : l10n.t('{0}, version {1}', visibleLine(slug), version);
    await showOwn(needs, connection, location);
    needs.ui.tell(l10n.t('{0} is not kept here: this is the working copy, whose lines may have moved.', which));
  };
}

/** The place's own file; the only one there is where nothing is deployed. */
async function showOwn(needs: SourceNeeds, connection: Connection, { slug, path, line, column }: NamedLocation): Promise<void> {
  const at = { line, ...(column === undefined ? {} : { column }) };
  const shown = (await needs.showWorkingCopy(connection, path, at)) || (await needs.showWorkingCopy(connection, `${functionsFolder}/${slug}/${path}`, at));
  if (!shown) {
    throw new OpsError('notFound', { what: l10n.t('{0} of {1}', visibleLine(path), visibleLine(slug)) });
  }
}

async function read(needs: SourceNeeds, connection: Connection, { slug, version, path }: NamedLocation, signal: AbortSignal): Promise<DeployedFile | undefined> {
  const deployed = await deployedFunction(connection, slug, signal);
  const past = version === undefined || version === deployed.version ? undefined : await pastOf(needs, connection, signal);
  return findDeployedFile({ path, ...(version === undefined ? {} : { version }) }, { ref: connection.project.ref, deployed, body: async (within) => bodyOf(connection, slug, within), ...(past ? { past } : {}) }, signal);
}

/** Without a place or trust only what is live is known. */
async function pastOf(needs: SourceNeeds, connection: Connection, signal: AbortSignal): Promise<DeployedFileNeeds['past']> {
  try {
    return await needs.past(connection, signal);
  } catch (error) {
    if (isOpsError(error, 'untrusted', 'notFound', 'gitFailed')) {
      return undefined;
    }
    throw error;
  }
}

async function deployedFunction(connection: Connection, slug: string, signal: AbortSignal): Promise<EdgeFunction> {
  const found = (await connection.data.functions({ signal, priority: 'user' })).find((fn) => fn.slug === slug);
  if (!found) {
    throw new OpsError('notFound', { what: l10n.t('The deployed function {0}', visibleLine(slug)) });
  }
  return found;
}

async function bodyOf({ management, project }: Connection, slug: string, signal: AbortSignal): Promise<FunctionBody> {
  return need(management, l10n.t('Reading what is deployed')).functionBody(project.ref, slug, { signal, priority: 'user' });
}

async function pickLocation(needs: SourceNeeds, connection: Connection, given: unknown): Promise<NamedLocation> {
  const slug = typeof given === 'object' && given !== null && 'slug' in given ? String(given.slug) : ((await pickFunction(needs, l10n.t('Open the deployed source of which function?'))).functions ?? '')[0];
  if (slug === undefined) {
    throw new OpsError('cancelled', {});
  }
  const signal = AbortSignal.timeout(seconds * 1000);
  const deployed = await deployedFunction(connection, slug, signal);
  const files = bodyOf(connection, slug, signal).then((body) => [...placeBody(body, slug).files.keys()].sort().map((path) => ({ label: visibleLine(path), icon: 'file-code', value: path })));
  const path = await needs.ui.pick(l10n.t('Files of {0}, version {1}', visibleLine(slug), deployed.version), files);
  return { ref: connection.project.ref, slug, version: deployed.version, path, line: 1 };
}

function isLocation(value: unknown): value is NamedLocation {
  return typeof value === 'object' && value !== null && 'path' in value && typeof value.path === 'string' && 'line' in value && typeof value.line === 'number' && 'slug' in value && typeof value.slug === 'string' && 'ref' in value;
}

const heldFolder = 'deployed';

/** `deployed/mint-token v12/supabase/functions/mint-token/index.ts` */
function heldName(slug: string, { version, path }: DeployedFile): string {
  return `${heldFolder}/${slug} v${version}/${path}`;
}

/** The path in the place of a document that {@link openSource} opened; `undefined` for any other. */
export function workingPath(held: string): string | undefined {
  return new RegExp(`^/held/${heldFolder}/[^/]+ v\\d+/(.+)$`).exec(held)?.[1];
}
