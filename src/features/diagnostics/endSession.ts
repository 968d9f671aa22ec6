import type { CallOptions, Database } from '../../core/ports.ts';
import { need, type Connection } from '../../core/project/connection.ts';
import { gather, type Cell } from '../../core/sql/result.ts';
import type { Choice } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';
import { formatSeconds } from '../../util/quantity.ts';
import { visibleLine } from '../../util/visible.ts';
import { targetOf } from './commands.ts';
import type { DiagnosticsNeeds } from './needs.ts';

interface DatabaseSession {
  readonly pid: string;
  /** With the process id it names one session for ever: ids are used again. */
  readonly startedAt: string;
  /** With both it names one statement; empty when it has run none. */
  readonly statementAt: string;
  readonly state: string;
  readonly who: string;
  readonly seconds: number;
  readonly query: string;
}

/** Those that do something, or hold a transaction open, first and longest first. Our own idle ones are left out. Over the API two columns of one name are one. */
const sessionsQuery = `select pid::text as pid, backend_start::text as started_at, coalesce(state, '') as state, pg_catalog.concat_ws(', ', usename, nullif(application_name, ''), client_addr::text) as who,
  coalesce(extract(epoch from pg_catalog.clock_timestamp() - case when state like 'idle in transaction%' then xact_start else query_start end), 0) as seconds, pg_catalog.left(query, 500) as query,
  coalesce(query_start::text, '') as statement_at
from pg_catalog.pg_stat_activity as activity
where backend_type = 'client backend' and pid <> pg_catalog.pg_backend_pid() and not (application_name = 'opsbook' and state = 'idle')
order by activity.state = 'idle', seconds desc
limit 200`;

const oneSession = 'from pg_catalog.pg_stat_activity where pid = $1::int and backend_start = $2::timestamptz';

/** How long the server is given to end what was cancelled, and how often it is looked at, in milliseconds. */
const patience = { whole: 3000, step: 500 };

/** A session from the list: its statement is cancelled first, and the session ended only when that is not enough. Each is asked about. */
export const endSession =
  (needs: DiagnosticsNeeds) =>
  async (): Promise<void> => {
    const { ui, session } = needs;
    const connection = session.connection();
    const database = need(connection.database, l10n.t('Ending a session'));
    const chosen = await ui.pick(l10n.t('End which session of {0}?', visibleLine(connection.project.name)), listSessions(database), l10n.t('Role, application or statement'));
    if (chosen.state === 'active') {
      await agree(needs, connection, chosen, 'cancel');
      if (await act(needs, database, chosen, 'cancel')) {
        ui.tell(l10n.t('The statement of session {0} has ended; the session is still there.', chosen.pid), { label: l10n.t('End Session…'), run: async () => terminate(needs, connection, database, chosen) });
        return;
      }
      ui.warn(l10n.t('The statement of session {0} runs on after it was cancelled.', chosen.pid), { label: l10n.t('End Session…'), run: async () => terminate(needs, connection, database, chosen) });
      return;
    }
    await terminate(needs, connection, database, chosen);
  };

async function terminate(needs: DiagnosticsNeeds, connection: Connection, database: Database, chosen: DatabaseSession): Promise<void> {
  await agree(needs, connection, chosen, 'terminate');
  if (await act(needs, database, chosen, 'terminate')) {
    needs.ui.tell(l10n.t('Session {0} has ended.', chosen.pid));
  } else {
    needs.ui.warn(l10n.t('Session {0} is still there. A process that waits for the disk or the network ends when it wakes.', chosen.pid));
  }
}

async function listSessions(database: Database): Promise<readonly Choice<DatabaseSession>[]> {
  const request = { text: sessionsQuery, values: [], mode: 'read' as const, rowLimit: 200, timeoutMs: 10_000, background: false };
  const { rows } = await gather(database.run(request, { signal: AbortSignal.timeout(15_000), priority: 'user' }));
  return rows.map((row) => {
    const [pid = '', startedAt = '', state = '', who = '', seconds = '', query = '', statementAt = ''] = row.map((cell: Cell) => cell ?? '');
    const found: DatabaseSession = { pid, startedAt, statementAt, state, who, seconds: Number(seconds), query };
    return { label: `${pid} · ${visibleLine(state === '' ? l10n.t('unknown') : state)} · ${formatSeconds(found.seconds)}`, icon: state === 'idle' ? 'debug-pause' : 'pulse', description: visibleLine(who), detail: visibleLine(query.replaceAll(/\s+/g, ' ')), value: found };
  });
}

async function agree({ consent }: DiagnosticsNeeds, connection: Connection, { pid, who, state, seconds, query }: DatabaseSession, how: 'cancel' | 'terminate'): Promise<void> {
  const isCancel = how === 'cancel';
  await consent.ask(
    connection.project,
    {
      question: isCancel ? l10n.t('Cancel the statement of session {0}?', pid) : l10n.t('End session {0}?', pid),
      detail: [
        visibleLine(targetOf(connection)),
        `${visibleLine(who)} · ${visibleLine(state)} · ${formatSeconds(seconds)}`,
        visibleLine(query.replaceAll(/\s+/g, ' ')),
        '',
        isCancel ? l10n.t('It fails with SQLSTATE 57014, and its transaction with it unless the client goes on; the connection stays.') : l10n.t('Its connection is closed, and its open transaction rolled back. That cannot be undone.'),
      ],
      action: isCancel ? l10n.t('Cancel Statement') : l10n.t('End Session'),
    },
    'writes',
  );
}

/** Whether it did what was wanted. What is cancelled is the statement that was listed: the session may run another one by now. */
async function act({ ui, clock }: DiagnosticsNeeds, database: Database, { pid, startedAt, statementAt }: DatabaseSession, how: 'cancel' | 'terminate'): Promise<boolean> {
  const one = how === 'cancel' && statementAt !== '' ? { where: `${oneSession} and query_start = $3::timestamptz`, values: [pid, startedAt, statementAt] } : { where: oneSession, values: [pid, startedAt] };
  return ui.progress(how === 'cancel' ? l10n.t('Cancelling the statement of session {0}', pid) : l10n.t('Ending session {0}', pid), async (signal) => {
    const options: CallOptions = { signal, priority: 'user' };
    const ask = (text: string, mode: 'read' | 'write') => gather(database.run({ text, values: one.values, mode, rowLimit: 1, timeoutMs: 10_000, background: false }, options));
    // A connection of ours that was at work when it was listed may be the one that asks now.
    await ask(`select pg_catalog.pg_${how}_backend(pid) ${one.where} and pid <> pg_catalog.pg_backend_pid()`, 'write');
    for (let waited = 0; ; waited += patience.step) {
      const [row] = (await ask(`select coalesce(state, '') as state ${one.where}`, 'read')).rows;
      if (row === undefined || (how === 'cancel' && row[0] !== 'active')) {
        return true;
      }
      if (waited >= patience.whole) {
        return false;
      }
      await clock.sleep(patience.step, signal);
    }
  });
}
