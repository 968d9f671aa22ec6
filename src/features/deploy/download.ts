import { OpsError } from '../../core/errors.ts';
import { placeBody } from '../../core/functions/body.ts';
import { checkSent, functionsFolder, projectConfig } from '../../core/functions/source.ts';
import { workingTree } from '../../core/functions/sourceTree.ts';
import type { Connection } from '../../core/project/connection.ts';
import { nodeOf } from '../../host/row.ts';
import { isWithin, resolveRelative } from '../../util/relativePath.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import { contextOf, deployedFunction, pickDeployed, slugOf, type DeployContext } from './context.ts';
import type { DeployFeatureNeeds } from './needs.ts';

/** What is deployed, beside what is here. Nothing is written until that is asked for, and then the files that are replaced are named. */
export async function downloadFunction(needs: DeployFeatureNeeds, argument: unknown): Promise<void> {
  const connection = needs.session.connection();
  const slug = slugOf(nodeOf(argument)) ?? (await pickDeployed(needs, connection, l10n.t('Download which function?')));
  const { place } = connection;
  if (!place) {
    throw new OpsError('notFound', { what: l10n.t('A folder with supabase/functions') });
  }
  const { version, files } = await needs.ui.progress(l10n.t('Downloading {0}', visible(slug)), async (signal) => {
    const context = await contextOf(needs, connection, signal);
    const { version: deployed } = await deployedFunction(slug, context, signal);
    return { version: deployed, files: await readBoth(slug, context, signal) };
  });
  const text = (content: Uint8Array | undefined) => content && new TextDecoder().decode(content);
  const shown = await needs.editors.compare(
    place,
    `${connection.project.ref}/${slug}/download`,
    l10n.t('{0}: this folder ⇄ live v{1}', visible(slug), version),
    files.map(({ path, local, live }) => ({ path, left: text(local), right: text(live) })),
  );
  if (!shown) {
    needs.ui.tell(l10n.t('{0} v{1} is here already: nothing differs.', visible(slug), version));
    return;
  }
  const wanted = files.filter(({ local, live }) => !sameBytes(local, live));
  needs.ui.tell(l10n.t('{0} v{1} differs in {2}. Nothing was written.', visible(slug), version, fileCount(wanted.length)), {
    label: l10n.t('Write into This Folder'),
    run: async () => writeFiles(needs, connection, slug, wanted),
  });
}

interface BothFiles {
  readonly path: string;
  /** Absent: not in the place. */
  readonly local: Uint8Array | undefined;
  readonly live: Uint8Array;
}

async function readBoth(slug: string, { connection, prepare, tools }: DeployContext, signal: AbortSignal): Promise<readonly BothFiles[]> {
  const [body, config] = await Promise.all([
    prepare.management.functionBody(connection.project.ref, slug, { signal, priority: 'user' }),
    projectConfig(workingTree(tools.files), tools.toml, signal),
  ]);
  const configured = config.functions.get(slug)?.entrypoint;
  const placed = placeBody(body, slug, configured === undefined ? undefined : resolveRelative('supabase', configured));
  return Promise.all([...placed.files].map(async ([path, live]) => ({ path, live, local: await readLocal(path, tools, signal) })));
}

/** A body may hold paths that no place has. */
async function readLocal(path: string, { files }: DeployContext['tools'], signal: AbortSignal): Promise<Uint8Array | undefined> {
  checkSent(path);
  return files.read(path, signal);
}

/** Only below `supabase/functions`: a deployed body must not bring hooks, tasks or settings of an editor into a folder. */
async function writeFiles(needs: DeployFeatureNeeds, connection: Connection, slug: string, files: readonly BothFiles[]): Promise<void> {
  const fitting = files.filter(({ path }) => isWithin(functionsFolder, path));
  const left = files.filter((file) => !fitting.includes(file)).map(({ path }) => visible(path));
  const named = (some: readonly BothFiles[]) => some.map(({ path }) => visible(path)).join(', ');
  const [replaced, added] = [fitting.filter(({ local }) => local !== undefined), fitting.filter(({ local }) => local === undefined)];
  await needs.ui.consent({
    question: l10n.t('Write {0} as it is live into this folder?', visible(slug)),
    detail: [
      ...(replaced.length === 0 ? [] : [l10n.t('Replaced, with what is not committed in them: {0}', named(replaced))]),
      ...(added.length === 0 ? [] : [l10n.t('New: {0}', named(added))]),
      ...(left.length === 0 ? [] : [l10n.t('Left out, since they lie outside supabase/functions: {0}', left.join(', '))]),
    ],
    action: l10n.t('Write {0}', fileCount(fitting.length)),
  });
  await needs.ui.progress(l10n.t('Writing {0}', visible(slug)), async (signal) => {
    const { files: place, writer } = await needs.tools(connection, signal);
    const edited = await Promise.all(fitting.map(async ({ path, local }) => (sameContent(local, await place.read(path, signal)) ? [] : [path])));
    if (edited.flat().length > 0) {
      throw new OpsError('changedMeanwhile', { files: edited.flat() });
    }
    await writer.write(new Map(fitting.map(({ path, live }) => [path, live])));
  });
  needs.ui.tell(l10n.t('Written of {1}: {0}.', fileCount(fitting.length), visible(slug)));
}

function fileCount(count: number): string {
  return count === 1 ? l10n.t('1 file') : l10n.t('{0} files', count);
}

function sameContent(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined ? b === undefined : b !== undefined && sameBytes(a, b);
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && a.length === b.length && a.every((byte, at) => byte === b[at]);
}
