import type { ErrorGroup } from '../../core/logs/errorGroups.ts';
import { readErrors } from '../../core/logs/readErrors.ts';
import { serviceWords } from '../../core/logs/services.ts';
import type { Clock } from '../../core/ports.ts';
import { explainStatus } from '../../core/functions/statusWords.ts';
import { need, type Connection } from '../../core/project/connection.ts';
import { maskSecrets } from '../../core/secrets/mask.ts';
import type { Column, ResultEvent } from '../../core/sql/result.ts';
import type { ResultsView } from '../../host/results.ts';
import type { Choice, Ui } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';
import { FunctionNames } from './functionNames.ts';
import { namesFunctions, targetWords, toLogFilter, type TailTarget } from './target.ts';

export interface ErrorsNeeds {
  readonly clock: Clock;
  readonly ui: Pick<Ui, 'pick'>;
  readonly results: ResultsView;
}

const minute = 60_000;
const hour = 60 * minute;

/** Asks for the time unless it is given, and shows the errors of it in groups, most frequent first. */
export async function showErrors({ clock, ui, results }: ErrorsNeeds, connection: Connection, target: TailTarget, given?: number): Promise<void> {
  const store = need(connection.logs, l10n.t('Reading logs'));
  const names = new FunctionNames(connection, clock);
  const filter = toLogFilter(target, {}, await names.deployed({ required: namesFunctions(target, {}) }));
  const known = spans().find(({ value }) => value.hours === given)?.value;
  const { hours, words } = known ?? (await ui.pick(l10n.t('Errors of {0}', targetWords(target)), spans()));
  await results.show({
    title: l10n.t('Errors: {0}, {1}', targetWords(target), words),
    statement: l10n.t('Errors of {0}, {1}: messages that differ in nothing but numbers, ids, quoted values and paths are one row.', targetWords(target), words),
    target: `${connection.project.name} · ${connection.project.environment}`,
    again: { command: 'logs.showErrors', argument: { ...(target.kind === 'functions' ? { functions: target.slugs } : target.kind === 'services' ? { services: target.services } : {}), hours } },
    async *run(signal): AsyncGenerator<ResultEvent> {
      const begun = performance.now();
      const to = clock.now() + store.skewMs + minute;
      const { groups, complete } = await readErrors(store, filter, { from: to - hours * hour + minute, to }, { signal, priority: 'user' });
      const slugs = await names.ofIds(groups.map(({ functionId }) => functionId));
      yield { kind: 'columns', columns: columns() };
      yield { kind: 'rows', rows: groups.map((group) => toRow(group, slugs)) };
      if (!complete) {
        yield { kind: 'notice', notice: { severity: 'WARNING', message: l10n.t('There were more messages than can be counted at once; rare ones may be missing. A shorter time tells more.') } };
      }
      yield { kind: 'done', command: '', rowCount: groups.length, truncated: false, durationMs: performance.now() - begun };
    },
  });
}

function spans(): Choice<{ hours: number; words: string }>[] {
  return [
    [1, l10n.t('last hour')],
    [24, l10n.t('last 24 hours')],
    [7 * 24, l10n.t('last 7 days')],
  ].map(([hours, words]) => ({ label: String(words), icon: 'history', value: { hours: Number(hours), words: String(words) } }));
}

function columns(): readonly Column[] {
  const names: readonly (readonly [name: string, category: Column['category']])[] = [
    ['count', 'number'],
    ['source', 'text'],
    ['error', 'text'],
    ['versions', 'text'],
    ['remark', 'text'],
    ['first_seen', 'text'],
    ['last_seen', 'text'],
  ];
  return names.map(([name, category]) => ({ name, type: category === 'number' ? 'int8' : 'text', category }));
}

function toRow(group: ErrorGroup, names: ReadonlyMap<string, string>): readonly (string | null)[] {
  const { functionId, service, versions, newSince, goneWith } = group;
  const remarks = [
    ...(newSince === undefined ? [] : [l10n.t('new since version {0}', newSince)]),
    ...(goneWith === undefined ? [] : [l10n.t('not seen with version {0}', goneWith)]),
  ];
  return [
    String(group.count),
    functionId === undefined ? serviceWords(service) : (names.get(functionId) ?? functionId),
    errorText(group),
    versions.length === 0 ? null : versions.join(', '),
    remarks.length === 0 ? null : remarks.join('; '),
    new Date(group.first).toISOString(),
    new Date(group.last).toISOString(),
  ];
}

/** Of a call its status in words: its line says nothing else. Of anything else an example of the message, credentials masked. */
function errorText({ service, status, errorCode, example }: ErrorGroup): string {
  if (service === 'invocations' && status !== undefined) {
    const words = explainStatus(status, errorCode);
    return words === undefined ? l10n.t('answered {0}', status) : l10n.t('answered {0}: {1}', status, words);
  }
  return maskSecrets(example);
}
