/** Begins, commits and rolls back, with the plan and the words for it. */
import { OpsError, isOpsError } from '../../core/errors.ts';
import { need } from '../../core/project/connection.ts';
import { covers } from '../../core/sql/classify.ts';
import { OpenTransaction, idleLimit, outcomeQuery, type DoneInTransaction, type TransactionEnd } from '../../core/sql/openTransaction.ts';
import { gather } from '../../core/sql/result.ts';
import { errorMessage } from '../../host/errorMessage.ts';
import type { Action } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';
import { visible, visibleLine } from '../../util/visible.ts';
import type { SqlNeeds } from './needs.ts';
import { openTransactionKey } from './transactions.ts';
import { countWords } from './transactionWords.ts';

export type TransactionNeeds = Pick<SqlNeeds, 'session' | 'consent' | 'settings' | 'storage' | 'ui' | 'clock' | 'history' | 'transactions'>;

interface Remembered {
  readonly project: string;
  readonly changes: number;
}

/** Statements that the plan of a commit names; the others are counted. */
const mostNamed = 12;

const patience = () => AbortSignal.timeout(20_000);

/** Asks first. Throws `absent` where the way holds none, `transactionOpen`, and what connecting throws. */
export async function beginTransaction(needs: TransactionNeeds): Promise<void> {
  const { clock, consent, session, settings, transactions } = needs;
  refuseSecond(needs);
  const connection = session.connection();
  const database = need(connection.database, l10n.t('A transaction that stays open'));
  if (!database.capabilities.transactions) {
    throw new OpsError('absent', { what: l10n.t('A transaction that stays open'), reason: 'noDatabaseConnection' });
  }
  const minutes = Math.max(1, settings.current['opsbook.sql.transactionMinutes']);
  await consent.ask(
    connection.project,
    {
      question: l10n.t('Begin a transaction on {0}?', visibleLine(connection.project.name)),
      detail: [
        l10n.t('What is run from now on happens in it, and nobody else sees it before you commit.'),
        l10n.t('A statement that fails takes back only what it did itself.'),
        l10n.t('Rows and tables that it changes stay locked for others until it ends. It is rolled back after {0} minutes.', minutes),
        l10n.t('Not undone by rolling back: sequences, and what acts elsewhere (dblink, http, ending sessions).'),
      ],
      action: l10n.t('Begin Transaction'),
    },
    'writes',
  );
  refuseSecond(needs);
  const limitMs = minutes * 60_000;
  const held = await database.begin(idleLimit(limitMs), { signal: patience(), priority: 'user' });
  const transaction = new OpenTransaction({ held, connection, address: database.address, clock, limitMs });
  watch(needs, transaction);
  transactions.take(transaction);
}

/** Shows what was done in it and asks, unless nothing was. Throws `notFound` when none is open, `notSent` while a statement runs in it, `cancelled` when it stays open. */
export async function commitTransaction(needs: TransactionNeeds): Promise<void> {
  const transaction = openOne(needs);
  refuseWhileBusy(transaction);
  const { connection: { project } } = transaction;
  const done = [...transaction.done];
  if (done.length > 0) {
    const risk = done.map((each) => each.risk).reduce((one, other) => (covers(one, other) ? one : other));
    await needs.consent.ask(
      project,
      {
        question: l10n.t('Commit on {0}: {1}?', visibleLine(project.name), countWords(done)),
        detail: [...planOf(done), '', l10n.t('What is committed is not undone by Opsbook.')],
        action: l10n.t('Commit'),
      },
      risk,
    );
  }
  refuseWhileBusy(transaction);
  if (transaction.done.length !== done.length) {
    throw new OpsError('notSent', { because: l10n.t('more was run in the transaction while its plan was shown. Commit again to see all of it.') });
  }
  await transaction.commit();
}

export async function rollBackTransaction(needs: TransactionNeeds): Promise<void> {
  await openOne(needs).rollBack('person');
}

/** Asks what is to be done with the one that is open. */
export async function chooseForTransaction(needs: TransactionNeeds): Promise<void> {
  const transaction = openOne(needs);
  const deed = await needs.ui.pick<() => Promise<void>>(l10n.t('Open transaction on {0}: {1}', visibleLine(transaction.connection.project.name), countWords(transaction.done)), [
    { label: l10n.t('Commit…'), icon: 'check', description: l10n.t('shows what was done, and asks'), value: async () => commitTransaction(needs) },
    { label: l10n.t('Roll Back'), icon: 'discard', description: l10n.t('takes all of it back'), value: async () => rollBackTransaction(needs) },
    { label: l10n.t('Keep Open'), icon: 'watch', description: l10n.t('its {0} minutes begin anew', needs.settings.current['opsbook.sql.transactionMinutes']), value: async () => transaction.keepOpen() },
  ]);
  await deed();
}

/** Says what became of one that was open when a window went away. */
export async function recallTransaction({ storage, ui }: TransactionNeeds): Promise<void> {
  const left = storage.get<Remembered>(openTransactionKey);
  if (left) {
    await storage.set(openTransactionKey, undefined);
    ui.warn(l10n.t('The window was closed while a transaction was open on {0}. The server rolled it back: {1} did not take effect.', left.project, left.changes === 1 ? l10n.t('1 change') : l10n.t('{0} changes', left.changes)));
  }
}

/** Another project or connection is the window's now: a transaction that nobody sees is not kept. */
export async function leaveTransaction({ session, transactions }: TransactionNeeds): Promise<void> {
  const { current } = transactions;
  if (current && !session.isCurrent(current.connection)) {
    await current.rollBack('left');
  }
}

/** Keeps for another window that it is open, and says what becomes of it. */
function watch(needs: TransactionNeeds, transaction: OpenTransaction): void {
  const { storage, ui } = needs;
  const name = visibleLine(transaction.connection.project.name);
  const remember = () => void storage.set(openTransactionKey, { project: name, changes: transaction.done.length } satisfies Remembered);
  remember();
  transaction.onDidChange(remember);
  transaction.onWarning(() => ui.warn(l10n.t('The open transaction on {0} is rolled back in one minute: {1}.', name, countWords(transaction.done)), ...actionsOn(needs, transaction)));
  void transaction.ended.then(async (end) => {
    const project = transaction.connection.project;
    if (needs.settings.current['opsbook.sql.history']) {
      void needs.history.noteEnd({ project, statement: end.kind === 'rolledBack' || (end.kind === 'failed' && end.error.code === 'transactionLost') ? 'rollback' : 'commit', why: countWords(transaction.done), ...(end.kind === 'failed' ? { error: end.error } : {}) });
    }
    // Of one that the window takes with it the next one speaks: by then it is rolled back for certain.
    if (end.kind !== 'rolledBack' || end.by !== 'closing') {
      sayEnd(needs, transaction, end);
      await storage.set(openTransactionKey, undefined);
    }
  });
}

function actionsOn(needs: TransactionNeeds, transaction: OpenTransaction): Action[] {
  const whileOpen = (run: () => Promise<void>) => async () => (transaction.open ? run() : undefined);
  return [
    { label: l10n.t('Keep Open'), run: whileOpen(async () => transaction.keepOpen()) },
    { label: l10n.t('Commit…'), run: whileOpen(async () => commitTransaction(needs)) },
    { label: l10n.t('Roll Back'), run: whileOpen(async () => rollBackTransaction(needs)) },
  ];
}

function sayEnd(needs: TransactionNeeds, transaction: OpenTransaction, end: TransactionEnd): void {
  const { ui } = needs;
  const name = visibleLine(transaction.connection.project.name);
  const what = countWords(transaction.done);
  switch (end.kind) {
    case 'committed':
      ui.tell(l10n.t('Committed on {0}: {1}.', name, what));
      break;
    case 'rolledBack':
      if (end.by === 'limit') {
        ui.warn(l10n.t('The time of the transaction on {0} was up, and it was rolled back: {1}, nothing of which took effect.', name, what));
      } else if (end.by === 'left') {
        ui.warn(l10n.t('The transaction on {0} was rolled back, because its connection was left: {1}, nothing of which took effect.', name, what));
      } else {
        ui.tell(l10n.t('Rolled back on {0}: {1}, nothing of which took effect.', name, what));
      }
      break;
    case 'failed':
      sayFailure(needs, transaction, end.error, what);
      break;
    default:
      end satisfies never;
  }
}

function sayFailure(needs: TransactionNeeds, transaction: OpenTransaction, error: OpsError, what: string): void {
  const { message } = errorMessage(error);
  if (isOpsError(error, 'commitUnknown')) {
    needs.ui.error(`${message} (${what})`, { label: l10n.t('Ask the Server'), run: async () => askOutcome(needs, transaction, error) });
  } else if (isOpsError(error, 'transactionLost')) {
    needs.ui.error(`${message} (${what})`);
  } else {
    needs.ui.error(l10n.t('The commit was refused, and all of it was rolled back ({0}): {1}', what, message));
  }
}

/** Over a new connection; nothing is run again. */
async function askOutcome(needs: TransactionNeeds, transaction: OpenTransaction, error: OpsError<'commitUnknown'>): Promise<void> {
  const { ui } = needs;
  const database = need(transaction.connection.database, l10n.t('Asking for the outcome'));
  const request = { text: outcomeQuery, values: [error.facts.transactionId], mode: 'read', rowLimit: 1, timeoutMs: 10_000, background: false } as const;
  const [row] = (await gather(database.run(request, { signal: patience(), priority: 'user' }))).rows;
  switch (row?.[0]) {
    case 'committed':
      ui.tell(l10n.t('The transaction was committed: all of it took effect.'));
      break;
    case 'aborted':
      ui.warn(l10n.t('The transaction was rolled back: nothing of it took effect.'));
      break;
    case 'in progress':
      ui.warn(l10n.t('The server is still at it.'), { label: l10n.t('Ask the Server'), run: async () => askOutcome(needs, transaction, error) });
      break;
    default:
      ui.warn(l10n.t('The server does not remember this transaction any more.'));
  }
}

function openOne({ transactions }: TransactionNeeds): OpenTransaction {
  if (!transactions.current) {
    throw new OpsError('notFound', { what: l10n.t('An open transaction') });
  }
  return transactions.current;
}

function refuseWhileBusy(transaction: OpenTransaction): void {
  if (transaction.busy) {
    throw new OpsError('notSent', { because: l10n.t('a statement is still running in the transaction. Wait for it or cancel it, then commit.') });
  }
}

function refuseSecond({ transactions }: TransactionNeeds): void {
  if (transactions.current) {
    throw new OpsError('transactionOpen', { project: visibleLine(transactions.current.connection.project.name) });
  }
}

function planOf(done: readonly DoneInTransaction[]): string[] {
  const named = done.slice(0, mostNamed).map(({ why, rows, statement }) => {
    const what = visible(why) || l10n.t('sets something for the transaction');
    const first = visibleLine(statement).slice(0, 80);
    return rows === undefined ? `${what} — ${first}` : l10n.t('{0}: {1} rows — {2}', what, rows, first);
  });
  return done.length > mostNamed ? [...named, l10n.t('… and {0} more', done.length - mostNamed)] : named;
}
