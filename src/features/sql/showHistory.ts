/** The runs of before: looked through, opened, run again, forgotten. */
import type { SqlRun } from '../../core/sql/history.ts';
import type { Choice } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';
import type { SqlNeeds } from './needs.ts';

export type HistoryNeeds = Pick<SqlNeeds, 'history' | 'session' | 'storage' | 'commands' | 'documents' | 'ui'>;

/** More would be no list any more. */
const mostShown = 1_000;

/** The list is looked through by typing: its rows hold the statements, projects, times and problems. Throws `cancelled`. */
export async function showHistory(needs: HistoryNeeds): Promise<void> {
  const { history, ui } = needs;
  const chosen = await ui.pick<SqlRun | 'clear'>(
    l10n.t('SQL history'),
    history.runs().then((runs) => [
      ...runs.slice(0, mostShown).map(rowOf),
      ...(runs.length > 0 ? [{ label: l10n.t('Clear History…'), icon: 'trash', group: l10n.t('All {0} runs', runs.length), value: 'clear' } as const] : []),
    ]),
    l10n.t('Type to search in statements, projects and problems'),
  );
  if (chosen === 'clear') {
    await clear(needs);
  } else {
    await act(needs, chosen);
  }
}

function rowOf(run: SqlRun): Choice<SqlRun> {
  const time = new Date(run.time);
  const facts = [
    time.toLocaleTimeString(),
    visibleLine(run.project),
    ...(run.as === undefined ? [] : [l10n.t('as {0}', visibleLine(run.as))]),
    ...(run.rows === undefined ? [] : [run.rows === 1 ? l10n.t('1 row') : l10n.t('{0} rows', run.rows)]),
    l10n.t('{0} ms', Math.round(run.durationMs)),
    ...(run.mode === 'tried' ? [l10n.t('rolled back')] : run.mode === 'held' ? [l10n.t('in a transaction')] : []),
  ];
  const problem = run.outcome === 'cancelled' ? l10n.t('cancelled') : run.problem;
  return {
    label: run.statement === undefined ? l10n.t('Not kept, for it held a secret or was too long: {0}', visibleLine(run.why)) : visibleLine(run.statement.replace(/\s+/g, ' ')).slice(0, 300),
    icon: run.outcome === 'done' ? (run.mode === 'read' ? 'eye' : 'edit') : run.outcome === 'failed' ? 'error' : 'circle-slash',
    // Below, where a long statement leaves room for it.
    detail: [...facts, ...(problem === undefined ? [] : [visibleLine(problem)])].join(' · '),
    group: time.toLocaleDateString(),
    value: run,
  };
}

async function act(needs: HistoryNeeds, run: SqlRun): Promise<void> {
  const { commands, documents, session, storage, ui } = needs;
  const { statement } = run;
  if (statement === undefined) {
    ui.tell(l10n.t('Its statement was not kept, so it can be neither opened nor run again.'));
    return;
  }
  const here = visibleLine(session.connection().project.name);
  const deed = await ui.pick<() => Promise<void>>(visibleLine(statement).slice(0, 80), [
    { label: l10n.t('Open in Editor'), icon: 'go-to-file', value: async () => documents.openSql(statement) },
    {
      label: l10n.t('Run Again on {0}', here),
      icon: 'play',
      description: session.connection().project.ref === run.ref ? '' : l10n.t('it was run on {0}', visibleLine(run.project)),
      value: async () => {
        // The prompts then have the values of that run.
        await Promise.all(Object.entries(run.values).map(async ([name, value]) => storage.set(`parameter ${name}`, value ?? '\\N')));
        await commands.run('sql.runStatement', { statement, title: l10n.t('SQL history') });
      },
    },
    { label: l10n.t('Copy'), icon: 'copy', value: async () => ui.copy(statement) },
  ]);
  await deed();
}

async function clear({ history, ui }: HistoryNeeds): Promise<void> {
  await ui.consent({ question: l10n.t('Clear the SQL history of all windows and projects?'), detail: [l10n.t('What is cleared cannot be brought back.')], action: l10n.t('Clear') });
  await history.clear();
}
