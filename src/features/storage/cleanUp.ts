/** Deletes files of a bucket through the Storage API: deleting their rows would leave the files, which go on being paid for. */
import { OpsError, isCancelled } from '../../core/errors.ts';
import { RequestCredentials, credentialProblem, roleCredentials } from '../../core/http/credentials.ts';
import type { Database, Gateway, StatementRequest } from '../../core/ports.ts';
import { need } from '../../core/project/connection.ts';
import type { Project } from '../../core/project/project.ts';
import { gather, type Row } from '../../core/sql/result.ts';
import { bucketsRequest, filesRequest, mostFiles, remainingRequest, toBuckets, toFiles, type Sought, type StoredFile } from '../../core/storage/cleanUp.ts';
import { errorMessage } from '../../host/errorMessage.ts';
import { l10n } from '../../util/l10n.ts';
import { formatBytes } from '../../util/quantity.ts';
import { visible, visibleLine } from '../../util/visible.ts';
import type { StorageNeeds } from './needs.ts';

/** In one request: what is deleted comes back in the answer, which is read up to a megabyte. */
const atOnce = 100;

const mostShown = 10;

export const cleanUp = (needs: StorageNeeds) => async (): Promise<void> => {
  const connection = needs.session.connection();
  const database = need(connection.database, l10n.t('Listing files of a bucket'));
  const gateway = need(connection.gateway, l10n.t('Deleting files of a bucket'));
  const sought = await askWhat(needs, database);
  const chosen = await chooseFiles(needs, database, sought);
  if (chosen.length === 0) {
    return;
  }
  const key = await serviceKey(needs, gateway);
  await needs.consent.ask(connection.project, planOf(connection.project, sought, chosen), 'destroys');
  const { bucket } = sought;
  const names = chosen.map(({ name }) => name);
  const failure = await needs.ui.progress(l10n.t('Deleting {0} files of {1}', names.length, visibleLine(bucket)), async (signal, report) => removeAll(gateway, { bucket, names, key }, signal, report));
  await tellOutcome(needs, database, bucket, names, failure);
};

async function askWhat({ ui }: StorageNeeds, database: Database): Promise<Sought> {
  const buckets = toBuckets(await rowsOf(database, bucketsRequest()));
  if (buckets.length === 0) {
    throw new OpsError('notFound', { what: l10n.t('A bucket') });
  }
  const bucket = await ui.pick(
    l10n.t('Clean up which bucket?'),
    buckets.map(({ id, files, bytes, isPublic }) => ({ label: visibleLine(id), icon: 'archive', description: l10n.t('{0} files, {1}', files, formatBytes(bytes)), ...(isPublic ? { detail: l10n.t('public: pages may link to its files') } : {}), value: id })),
  );
  const wholeNumber = (text: string) => (/^\d{1,6}$/.test(text.trim()) ? undefined : l10n.t('Enter a whole number.'));
  const days = await ui.ask({ title: l10n.t('Files of {0}', visibleLine(bucket)), prompt: l10n.t('Neither made nor changed for how many days? When a file was last read is not noted.'), value: '365', check: wholeNumber });
  const megabytes = await ui.ask({ title: l10n.t('Files of {0}', visibleLine(bucket)), prompt: l10n.t('At least how many megabytes large?'), value: '0', check: wholeNumber });
  return { bucket, days: Number(days), minBytes: Number(megabytes) * 1024 * 1024 };
}

/** Nothing is chosen for the person. */
async function chooseFiles({ ui }: StorageNeeds, database: Database, sought: Sought): Promise<readonly StoredFile[]> {
  const found = toFiles(await rowsOf(database, filesRequest(sought)));
  const files = found.slice(0, mostFiles);
  if (files.length === 0) {
    ui.tell(l10n.t('No file of {0} is that old and that large.', visible(sought.bucket)));
    return [];
  }
  const title = found.length > mostFiles ? l10n.t('Delete which? The largest {0} of more, {1}', mostFiles, formatBytes(sum(files))) : l10n.t('Delete which of {0} files, {1}?', files.length, formatBytes(sum(files)));
  return ui.pickMany(
    title,
    files.map((file) => ({ label: visibleLine(file.name), description: formatBytes(file.bytes), detail: visibleLine(file.changedAt), value: file })),
  );
}

/** Policies hold every other key, and what they hold back is left out of the answer without a word. Kept as requests to functions keep it. */
async function serviceKey({ ui, clock, secrets, storage }: StorageNeeds, gateway: Gateway): Promise<string> {
  const credentials = new RequestCredentials({ secrets, storage });
  const name = roleCredentials.service ?? 'service key';
  const kept = await credentials.get(gateway.origin, name);
  if (kept !== undefined && credentialProblem('service', kept, clock.now()) === undefined) {
    return kept;
  }
  const key = (await ui.ask({
    title: l10n.t('Service key'),
    prompt: l10n.t('Service key of the project (sb_secret_… or the legacy service_role key). Kept in the editor’s secret storage, for {0} alone.', gateway.origin),
    secret: true,
    check: (text) => (credentialProblem('service', text.trim(), clock.now()) === undefined ? undefined : l10n.t('This is no service key that is valid now.')),
  })).trim();
  await credentials.keep(gateway.origin, name, key);
  return key;
}

function planOf(project: Project, { bucket }: Sought, files: readonly StoredFile[]) {
  return {
    question: l10n.t('Delete {0} files of the bucket {1} of {2}?', files.length, visibleLine(bucket), visible(project.name)),
    detail: [
      l10n.t('Together {0}, through the Storage API:', formatBytes(sum(files))),
      ...files.slice(0, mostShown).map(({ name, bytes, changedAt }) => `${visibleLine(name)} · ${formatBytes(bytes)} · ${visibleLine(changedAt)}`),
      ...(files.length > mostShown ? [l10n.t('… and {0} more', files.length - mostShown)] : []),
      '',
      l10n.t('This cannot be undone: unless the bucket keeps versions, no deleted file comes back. A backup of the database holds their rows and not the files. Addresses that were given out for them stop working.'),
    ],
    action: l10n.t('Delete'),
  };
}

interface Removal {
  readonly bucket: string;
  readonly names: readonly string[];
  readonly key: string;
}

/** Part after part; what kept it from going on comes back, because what is gone by then is gone. */
async function removeAll(gateway: Gateway, { bucket, names, key }: Removal, signal: AbortSignal, report: (message: string) => void): Promise<unknown> {
  for (let from = 0; from < names.length; from += atOnce) {
    report(l10n.t('{0} of {1}', from, names.length));
    try {
      await gateway.removeFiles({ bucket, names: names.slice(from, from + atOnce), key }, { signal, priority: 'user' });
    } catch (error) {
      return error;
    }
  }
  return undefined;
}

/** The database is asked what is left: the answers may have been lost on their way. */
async function tellOutcome({ ui }: StorageNeeds, database: Database, bucket: string, names: readonly string[], failure: unknown): Promise<void> {
  const why = failure === undefined ? '' : ` ${isCancelled(failure) ? l10n.t('It was cancelled.') : errorMessage(failure).message}`;
  let left: readonly string[];
  try {
    left = (await rowsOf(database, remainingRequest(bucket, names))).map(([name]) => name ?? '');
  } catch (error) {
    ui.error(l10n.t('Whether the {0} files of {1} are gone could not be read: {2}', names.length, visible(bucket), errorMessage(error).message) + why);
    return;
  }
  if (left.length === 0) {
    ui.tell(l10n.t('Deleted {0} files of {1}.', names.length, visible(bucket)) + why);
    return;
  }
  const shown = left.slice(0, 3).map(visibleLine).join(', ');
  ui.error(l10n.t('Deleted {0} of {1} files of {2}; still there: {3}{4}.', names.length - left.length, names.length, visible(bucket), shown, left.length > 3 ? '…' : '') + why);
}

async function rowsOf(database: Database, request: StatementRequest): Promise<readonly Row[]> {
  return (await gather(database.run(request, { signal: AbortSignal.timeout(40_000), priority: 'user' }))).rows;
}

function sum(files: readonly StoredFile[]): number {
  return files.reduce((total, { bytes }) => total + bytes, 0);
}
