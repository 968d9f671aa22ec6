/** One statement on one connection, from BEGIN to ROLLBACK, or within a transaction from its savepoint back to it. */
import { OpsError, isOpsError, throwIfCancelled } from '../../core/errors.ts';
import type { Clock, StatementRequest } from '../../core/ports.ts';
import type { PackedRows } from '../../core/sql/packedRows.ts';
import type { ResultEvent, Row } from '../../core/sql/result.ts';
import { settingsOf } from '../../core/sql/roles/identity.ts';
import type { OpenConnection } from './connection.ts';
import { isServerError } from './failure.ts';
import { Interruption } from './interruption.ts';
import { NoticeQueue } from './notices.ts';
import { Portal } from './portal.ts';
import { typesQuery, type TypeCatalog } from './types.ts';

/** What a statement that nobody pressed for may take, in milliseconds (SAFETY 12). */
const background = { timeout: 2_000, lockTimeout: 100 };

/** Where the server keeps the time it is given so much longer, in milliseconds, to say by itself that it is up. */
const serverAhead = 2_000;

/** A server that does not answer ROLLBACK within so many milliseconds is not there any more. */
const longestEnd = 3_000;

/** The server sends its buffer when that is full, or when it has made so many rows: something is seen soon. */
const firstRows = 50;

/** A limit beyond which there is none: the server is asked for all rows, and may then work with several processes. */
const endless = 1_000_000_000;

export interface RunNeeds {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly types: TypeCatalog;
  /** In a transaction that is held open; {@link heldSavepoint} is set and stays so. */
  readonly held?: boolean;
}

/** In a transaction that is held open: all that is to be kept of it so far. */
export const heldSavepoint = 'SAVEPOINT opsbook';

/** What stands around a statement: what it changes is taken back unless it is kept. */
interface Frame {
  readonly open: readonly string[];
  /** Absent when nothing is to stay. */
  readonly keep?: string;
  readonly undo: string;
}

export class StatementRun {
  private readonly connection: OpenConnection;
  private readonly request: StatementRequest;
  private readonly needs: RunNeeds;
  private readonly timeoutMs: number;
  private readonly began: number;
  private readonly interruption: Interruption;
  private readonly notices: NoticeQueue;
  private readonly portal: Portal;
  private readonly isLimited: boolean;
  private readonly frame: Frame | undefined;
  private kept = false;
  private state: 'preparing' | 'running' | 'suspended' | 'over' = 'preparing';
  private seen = 0;

  constructor(connection: OpenConnection, request: StatementRequest, needs: RunNeeds) {
    const { signal, clock } = needs;
    this.connection = connection;
    this.request = request;
    this.needs = needs;
    this.began = clock.now();
    this.isLimited = request.background || request.rolledBack === true;
    this.timeoutMs = this.isLimited ? Math.min(request.timeoutMs, background.timeout) : request.timeoutMs;
    this.frame = needs.held === true ? this.framedBySavepoint() : this.framedByBlock();
    this.interruption = new Interruption({ connection, signal, clock, timeoutMs: this.timeoutMs + (this.frame ? serverAhead : 0), timedOut: () => this.timedOut() });
    this.notices = new NoticeQueue(connection.client);
    const { text, values } = request;
    this.portal = new Portal({ text, values, tap: connection.tap, firstRows: this.isWhole ? 0 : Math.min(firstRows, request.rowLimit + 1) });
  }

  get durationMs(): number {
    return this.needs.clock.now() - this.began;
  }

  /** Throws what `pg` throws; see {@link interruptedBy}. */
  async *events(): AsyncGenerator<ResultEvent, void, undefined> {
    await this.prepare();
    throwIfCancelled(this.needs.signal);
    this.state = 'running';
    this.connection.client.query(this.portal);
    const fields = await this.overWhenFailed(this.portal.fields);
    yield {
      kind: 'columns',
      columns: fields.map(({ name, dataTypeID }) => {
        const { name: type, category } = this.needs.types.facts(dataTypeID);
        return { name, type, category };
      }),
    };
    yield* this.batches();
    if (this.frame?.keep !== undefined) {
      await this.connection.client.query(this.frame.keep);
      this.kept = true;
    }
    const { command, count } = readTag(this.portal.tag);
    const truncated = this.seen > this.request.rowLimit;
    const fetched = truncated && this.request.mode === 'read' ? this.request.rowLimit : this.seen;
    yield { kind: 'done', command, rowCount: fields.length > 0 ? fetched : count, truncated, durationMs: this.durationMs };
  }

  /**
   * What ended the statement, when it was we or the server's limit and not the statement itself. Not so for a write whose end the server did
   * not tell: nobody knows what became of it then, whatever we asked for.
   */
  interruptedBy(error: unknown): OpsError | undefined {
    const isUnknown = this.state !== 'preparing' && this.request.mode === 'write' && this.request.rolledBack !== true && !isServerError(error) && !isOpsError(error);
    const limitReached = isServerError(error) && error.code === '57014' && this.frame !== undefined && this.durationMs >= this.timeoutMs;
    return isUnknown ? undefined : (this.interruption.error() ?? (limitReached ? this.timedOut() : undefined));
  }

  /** Leaves the connection as it was found, or ends it. A write that was not read to its end is not committed. Never rejects. */
  async end(): Promise<void> {
    this.interruption.dispose();
    this.notices.dispose();
    const over = new AbortController();
    const late = this.needs.clock.sleep(longestEnd, over.signal).then(() => this.connection.destroy());
    await Promise.race([this.leave(), late]).catch(() => this.connection.destroy());
    over.abort();
    late.catch(() => {});
  }

  private timedOut(): OpsError {
    const { background: isBackground, rolledBack } = this.request;
    return new OpsError('timedOut', { operation: 'run the statement', seconds: this.timeoutMs / 1000, ...(isBackground ? {} : { statement: rolledBack === true ? 'tried' : 'run' }) });
  }

  private async leave(): Promise<void> {
    const { connection, frame, interruption } = this;
    if (this.needs.held === true) {
      await this.leaveHeld();
      return;
    }
    if (this.state === 'running') {
      void connection.cancel();
    }
    // A request to cancel may arrive late and would hit the next statement.
    if (this.state === 'running' || interruption.happened || connection.lost || (this.state === 'suspended' && !frame)) {
      connection.destroy();
      return;
    }
    if (this.state === 'suspended') {
      await this.portal.leave();
    }
    if (frame && connection.client.getTransactionStatus() !== 'I') {
      await connection.client.query(frame.undo);
    }
  }

  /**
   * The connection holds more than this statement, so it is not given up: a request to cancel that was sent is waited for, so that it hits
   * nothing else.
   */
  private async leaveHeld(): Promise<void> {
    const { connection, frame, interruption } = this;
    if (connection.lost) {
      return;
    }
    const answered = this.state === 'running' || this.state === 'suspended' ? this.portal.leave() : undefined;
    await (this.state === 'running' && !interruption.happened ? connection.cancel() : interruption.settled);
    await answered;
    if (frame && !this.kept) {
      await connection.client.query(frame.undo);
    }
  }

  /**
   * A transaction block of ours: always for reading, and for writing in the background, as somebody, or to be rolled back. Any other write
   * of the user's has the transaction that the server makes for a single statement, because some statements refuse a block. `SELECT 1`
   * takes the snapshot: from then on the server refuses to make the transaction one that writes, and the extended protocol takes no
   * second statement that would end it (SAFETY 11).
   */
  private framedByBlock(): Frame | undefined {
    if (this.request.mode === 'read') {
      const whole = this.request.allRows === true ? ['SET LOCAL row_security = off'] : [];
      return { open: ['BEGIN READ ONLY', ...this.limits(), ...whole, 'SELECT 1', ...this.identity()], undo: 'ROLLBACK' };
    }
    const open = ['BEGIN', ...this.limits(), 'SELECT 1', ...this.identity()];
    return this.request.rolledBack === true ? { open, undo: 'ROLLBACK' } : this.isLimited || this.request.as !== undefined ? { open, keep: 'COMMIT', undo: 'ROLLBACK' } : undefined;
  }

  /** Reading is a setting of the savepoint's own transaction, which it cannot take back (SAFETY 11): that ends with the way back to the savepoint. */
  private framedBySavepoint(): Frame {
    const undo = `ROLLBACK TO ${heldSavepoint}`;
    if (this.request.mode === 'read') {
      return { open: [...this.limits(), 'SET LOCAL transaction_read_only = on', 'SELECT 1', ...this.identity()], undo };
    }
    const open = [...this.limits(), ...this.identity()];
    return this.request.rolledBack === true ? { open, undo } : { open, keep: [...this.withoutIdentity(), `RELEASE ${heldSavepoint}`, heldSavepoint].join('; '), undo };
  }

  /** The role is taken last: it may not be allowed to do what stands before. Both end with the transaction. */
  private identity(): string[] {
    return this.settings().map(([name, value]) => this.setting(name, value));
  }

  /** For a transaction that goes on with what was written. */
  private withoutIdentity(): string[] {
    return this.settings().map(([name]) => this.setting(name, name === 'role' ? 'none' : ''));
  }

  private settings(): ReturnType<typeof settingsOf> {
    return this.request.as === undefined ? [] : settingsOf(this.request.as);
  }

  private setting(name: string, value: string): string {
    const { client } = this.connection;
    return `SELECT pg_catalog.set_config(${client.escapeLiteral(name)}, ${client.escapeLiteral(value)}, true)`;
  }

  private async prepare(): Promise<void> {
    const { types } = this.needs;
    const statements = [...(this.frame?.open ?? [])];
    if (types.stale) {
      statements.push(typesQuery);
    }
    if (statements.length === 0) {
      return;
    }
    const answer: unknown = await this.connection.client.query({ text: statements.join('; '), rowMode: 'array' });
    if (types.stale) {
      types.learn(rowsOfLast(answer));
    }
  }

  /** Ends with the transaction: a setting of the session would reach others through a pooler. */
  private limits(): string[] {
    const timeout = `SET LOCAL statement_timeout = ${Math.max(1, Math.round(this.timeoutMs))}`;
    return this.isLimited ? [timeout, `SET LOCAL lock_timeout = ${background.lockTimeout}`] : [timeout];
  }

  private async *batches(): AsyncGenerator<ResultEvent, void, undefined> {
    const { rowLimit } = this.request;
    for (;;) {
      const { rows, state } = yield* this.untilSettled(this.portal.take());
      this.state = state === 'coming' ? 'running' : state === 'suspended' ? 'suspended' : 'over';
      const room = rowLimit - this.seen;
      if (rows !== undefined) {
        this.seen += rows.starts.length;
        if (room > 0) {
          yield { kind: 'packed', packed: firstOf(rows, room) };
        }
      }
      if (state === 'complete' || (this.seen > rowLimit && (state === 'suspended' || this.request.mode === 'read'))) {
        return;
      }
      throwIfCancelled(this.needs.signal);
      if (state === 'suspended') {
        this.state = 'running';
        this.portal.more(rowLimit + 1 - this.seen);
      }
    }
  }

  /** What writes runs to its end, whoever looks: half of it would be worse. */
  private get isWhole(): boolean {
    const { mode, rowLimit, gathers } = this.request;
    return mode === 'write' || rowLimit > endless || gathers === true;
  }

  /** Hands notices on while the server works. */
  private async *untilSettled<T>(work: Promise<T>): AsyncGenerator<ResultEvent, T, undefined> {
    const settled = work.then(
      () => true,
      () => true,
    );
    while (!(await Promise.race([settled, this.notices.arrived().then(() => false)]))) {
      yield* this.noticeEvents();
    }
    yield* this.noticeEvents();
    return this.overWhenFailed(work);
  }

  private async overWhenFailed<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      this.state = 'over';
      throw error;
    }
  }

  private noticeEvents(): ResultEvent[] {
    return this.notices.take().map((notice) => ({ kind: 'notice', notice }));
  }
}

function firstOf(rows: PackedRows, count: number): PackedRows {
  return rows.starts.length <= count ? rows : { ...rows, starts: rows.starts.subarray(0, count) };
}

/** `INSERT 0 5`, `CREATE TABLE`: words, then numbers of which the last counts rows. */
function readTag(tag: string): { readonly command: string; readonly count: number | undefined } {
  const parts = tag.split(' ');
  const words = parts.filter((part) => Number.isNaN(Number(part)));
  const last = Number(parts.at(-1));
  return { command: words.join(' '), count: Number.isNaN(last) || tag === '' ? undefined : last };
}

/** `pg` answers several statements by a list of results. */
export function rowsOfLast(answer: unknown): Row[] {
  const results = (Array.isArray(answer) ? answer : [answer]) as readonly { readonly rows: Row[] }[];
  return results.at(-1)?.rows ?? [];
}
