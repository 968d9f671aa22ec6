import { OpsError, isCancelled, isOpsError } from '../../core/errors.ts';
import { findPins, isBreaking, latestAddress, renew, renewed, type Pin } from '../../core/functions/pins.ts';
import { functionsFolder } from '../../core/functions/source.ts';
import type { PlaceFiles } from '../../core/ports.ts';
import type { Connection } from '../../core/project/connection.ts';
import type { Place } from '../../core/project/project.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import type { DeployFeatureNeeds } from './needs.ts';

/** A package that is behind, with everywhere it stands. */
interface Outdated {
  readonly pin: Pin;
  readonly version: string;
  readonly places: readonly { readonly path: string; readonly pin: Pin }[];
}

/** Versions that functions name and that are not the newest; those that are chosen are changed in a diff first. */
export async function showOutdatedImports(needs: DeployFeatureNeeds): Promise<void> {
  const { ui } = needs;
  const connection = needs.session.connection();
  const { place } = connection;
  if (!place) {
    throw new OpsError('notFound', { what: l10n.t('A folder with supabase/functions') });
  }
  const { texts, outdated, unknown, count } = await ui.progress(l10n.t('Looking for newer versions'), async (signal, report) => {
    const { files } = await needs.tools(connection, signal);
    const read = await readTexts(files, signal);
    return { texts: read, ...(await compare(needs, read, report, signal)) };
  });
  if (unknown.length > 0) {
    ui.warn(l10n.t('Not found out: {0}', unknown.map(visible).join(', ')));
  }
  if (outdated.length === 0) {
    ui.tell(count === 0 ? l10n.t('The functions of this folder name no package with a version.') : l10n.t('None of the packages is behind: {0} looked at.', count));
    return;
  }
  const chosen = await ui.pickMany(
    l10n.t('Renew which of {0} packages?', count),
    outdated.map((one) => ({ label: visible(labelOf(one.pin)), icon: 'package', description: `${visible(one.pin.version)} → ${one.version}`, detail: detailOf(one), value: one, picked: !isBreaking(one.pin.version, one.version) })),
  );
  await showDiff(needs, connection, place, texts, chosen);
}

async function readTexts(files: PlaceFiles, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const paths = (await files.list(functionsFolder, signal)).filter((path) => /\.([cm]?[jt]sx?|jsonc?)$/.test(path) && !path.endsWith('deno.lock'));
  const texts = await Promise.all(paths.map(async (path) => [path, new TextDecoder().decode(await files.read(path, signal))] as const));
  return new Map(texts);
}

/** Questions on their way at once. */
const atOnce = 6;

async function compare({ http }: DeployFeatureNeeds, texts: ReadonlyMap<string, string>, report: (message: string) => void, signal: AbortSignal) {
  const places = [...texts].flatMap(([path, text]) => findPins(text).map((pin) => ({ path, pin })));
  const packages = new Map(places.map(({ pin }) => [labelOf(pin), pin]));
  const latest = new Map<string, string>();
  const unknown: string[] = [];
  const waiting = [...packages];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [label, pin] = next;
      report(visible(label));
      const version = await newest(http, pin, signal);
      if (version === undefined) {
        unknown.push(label);
      } else {
        latest.set(label, version);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  const versions = new Map(places.map(({ pin }) => [`${labelOf(pin)}@${pin.version}`, pin]));
  const outdated = [...versions.values()].flatMap((pin): Outdated[] => {
    const version = renewed(pin.version, latest.get(labelOf(pin)) ?? '');
    return version === undefined ? [] : [{ pin, version, places: places.filter((known) => labelOf(known.pin) === labelOf(pin) && known.pin.version === pin.version) }];
  });
  return { outdated, unknown, count: packages.size };
}

/** `undefined` when the registry does not say: a private package, or no network. */
async function newest(http: DeployFeatureNeeds['http'], pin: Pin, signal: AbortSignal): Promise<string | undefined> {
  const { url, member } = latestAddress(pin);
  try {
    const { status, body } = await http.request({ method: 'GET', url, headers: { accept: 'application/json' } }, { signal, priority: 'user' });
    const answer: unknown = status === 200 ? JSON.parse(body) : undefined;
    const version = typeof answer === 'object' && answer !== null && member in answer ? (answer as Readonly<Record<string, unknown>>)[member] : undefined;
    return typeof version === 'string' ? version : undefined;
  } catch (error) {
    if ((isOpsError(error) && !isCancelled(error)) || error instanceof SyntaxError) {
      return undefined;
    }
    throw error;
  }
}

function labelOf({ registry, name }: Pin): string {
  return `${registry}:${name}`;
}

function detailOf({ pin, version, places }: Outdated): string {
  const files = [...new Set(places.map(({ path }) => visible(path.replace(/^supabase\/functions\//, ''))))];
  return `${isBreaking(pin.version, version) ? `${l10n.t('may need changes of code')} · ` : ''}${files.join(', ')}`;
}

async function showDiff(needs: DeployFeatureNeeds, connection: Connection, place: Place, texts: ReadonlyMap<string, string>, chosen: readonly Outdated[]): Promise<void> {
  const changed = [...texts].flatMap(([path, before]) => {
    const changes = chosen.flatMap(({ version, places }) => places.filter((known) => known.path === path).map(({ pin }) => ({ pin, version })));
    return changes.length === 0 ? [] : [{ path, before, after: renew(before, changes) }];
  });
  await needs.editors.compare(place, `${connection.project.ref}/imports`, l10n.t('Newer versions'), changed.map(({ path, before, after }) => ({ path, left: before, right: after })));
  needs.ui.tell(l10n.t('Nothing was written. Deploy or check the functions after it is.'), {
    label: l10n.t('Write into This Folder'),
    run: async () => {
      await needs.ui.progress(l10n.t('Writing newer versions'), async (signal) => {
        const { files, writer } = await needs.tools(connection, signal);
        const now = await readTexts(files, signal);
        const edited = changed.filter(({ path, before }) => now.get(path) !== before).map(({ path }) => path);
        if (edited.length > 0) {
          throw new OpsError('changedMeanwhile', { files: edited });
        }
        await writer.write(new Map(changed.map(({ path, after }) => [path, new TextEncoder().encode(after)])));
      });
      needs.ui.tell(l10n.t('Newer versions are written: {0}', changed.map(({ path }) => visible(path)).join(', ')));
    },
  });
}
