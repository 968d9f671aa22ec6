/**
 * One statement by the extended protocol, its rows taken as bytes while they come. `pg` calls the methods named `handle…` as it does those
 * of its own queries.
 *
 * Not `pg-cursor`: it takes a statement for done at CommandComplete, and waits for ever when the commit behind it fails (a deferred
 * constraint), and it knows no COPY.
 *
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY
 */
import type { Submittable } from 'pg';
import type { PackedRows } from '../../core/sql/packedRows.ts';
import type { Cell } from '../../core/sql/result.ts';
import { RowBlocks } from './rowBlocks.ts';
import type { RowTap } from './rowTap.ts';
import { booleanOid } from './types.ts';

export interface Field {
  readonly name: string;
  readonly dataTypeID: number;
}

/** What has come since the last time. */
export interface Arrival {
  readonly rows: PackedRows | undefined;
  /** `suspended`: as many as were asked for are there. `complete`: there are no more, and outside a transaction block it is committed. */
  readonly state: 'coming' | 'suspended' | 'complete';
}

/** So many bytes may wait for whoever takes them before the server has to. */
const mostWaiting = 2 * 1024 * 1024;

/** What `pg` offers its queries; its types know but some of it. */
interface Wire extends NodeJS.EventEmitter {
  readonly stream: { cork?(): void; uncork?(): void; pause(): void; resume(): void };
  parse(message: { text: string }): void;
  bind(message: { portal: string; values: readonly Cell[] }): void;
  describe(message: { type: 'P'; name: string }): void;
  execute(message: { portal: string; rows: number }): void;
  flush(): void;
  sync(): void;
  sendCopyFail(reason: string): void;
}

export class Portal implements Submittable {
  private readonly text: string;
  private readonly values: readonly Cell[];
  private readonly firstRows: number;
  private readonly tap: RowTap;
  private readonly blocks = new RowBlocks(() => this.rowsCame());
  private wire: Wire | undefined;
  private booleans: number[] = [];
  private synced = false;
  private state: Arrival['state'] = 'coming';
  private failure: Error | undefined;
  private isPaused = false;
  private waker: NodeJS.Immediate | undefined;
  private readonly described = deferred<readonly Field[]>();
  private wake: (() => void) | undefined;
  private readonly finished = deferred<void>();
  /** The command tag, such as `INSERT 0 5`; empty until the statement is complete. */
  tag = '';

  /** `firstRows`: after how many the server stops and waits for {@link more}; 0 for all, which it may then use several processes for. */
  constructor({ text, values, firstRows, tap }: { text: string; values: readonly Cell[]; firstRows: number; tap: RowTap }) {
    this.text = text;
    this.values = values;
    this.firstRows = firstRows;
    this.tap = tap;
  }

  /** Columns, before the statement runs; none when it returns no rows. Rejects with what the server or the network said. */
  get fields(): Promise<readonly Field[]> {
    return this.described.promise;
  }

  /** Waits until rows have come or the statement stands still. Rejects with what the server or the network said, after the rows before that. */
  async take(): Promise<Arrival> {
    if (this.blocks.waiting === 0 && this.state === 'coming' && this.failure === undefined) {
      await new Promise<void>((resolve) => (this.wake = resolve));
      this.wake = undefined;
    }
    const block = this.blocks.take();
    if (block === undefined && this.failure !== undefined) {
      throw this.failure;
    }
    this.flow();
    return { rows: block && { ...block, booleans: this.booleans }, state: this.blocks.waiting > 0 ? 'coming' : this.state };
  }

  /** Asks for so many more rows, 0 for all; only when it is suspended. */
  more(rows: number): void {
    this.state = 'coming';
    this.wire?.execute({ portal: '', rows });
    this.wire?.flush();
  }

  /** Leaves the rest of the rows; resolves when the connection takes the next statement. Outside a transaction block this commits. */
  async leave(): Promise<void> {
    this.blocks.drop();
    this.flow();
    this.sync();
    await this.finished.promise;
  }

  submit = (connection: unknown): void => {
    const wire = connection as Wire;
    this.wire = wire;
    this.tap.rows = this.blocks;
    wire.once('noData', this.onNoData);
    wire.stream.cork?.();
    wire.parse({ text: this.text });
    wire.bind({ portal: '', values: this.values });
    wire.describe({ type: 'P', name: '' });
    // So that columns and notices are on their way while the first rows are still made.
    wire.flush();
    wire.execute({ portal: '', rows: this.firstRows });
    wire.flush();
    wire.stream.uncork?.();
  };

  handleRowDescription(message: { readonly fields: readonly Field[] }): void {
    this.wire?.removeListener('noData', this.onNoData);
    this.booleans = message.fields.flatMap(({ dataTypeID }, index) => (dataTypeID === booleanOid ? index : []));
    this.described.resolve(message.fields);
  }

  handlePortalSuspended(): void {
    this.stand('suspended');
  }

  handleCommandComplete(message: { readonly text: string }): void {
    this.tag = message.text;
    // What ends a transaction of its own can still fail; only ReadyForQuery says that it did not.
    this.sync();
  }

  handleEmptyQuery(): void {
    this.sync();
  }

  handleCopyInResponse(wire: Wire): void {
    wire.sendCopyFail('Opsbook sends no data for COPY FROM STDIN');
  }

  handleCopyData(): void {}

  handleReadyForQuery(): void {
    this.tap.rows = undefined;
    this.described.resolve([]);
    this.stand('complete');
    this.finished.resolve();
  }

  handleError(error: Error): void {
    this.wire?.removeListener('noData', this.onNoData);
    this.sync();
    this.described.reject(error);
    this.failure = error;
    this.wake?.();
    this.finished.resolve();
  }

  private readonly onNoData = (): void => this.described.resolve([]);

  /** What the network has brought by then is taken at once. */
  private rowsCame(): void {
    this.flow();
    this.waker ??= setImmediate(() => {
      this.waker = undefined;
      this.wake?.();
    });
  }

  /** The network is read as long as there is room. */
  private flow(): void {
    const { waiting } = this.blocks;
    if (!this.isPaused && waiting > mostWaiting) {
      this.isPaused = true;
      this.wire?.stream.pause();
    } else if (this.isPaused && waiting < mostWaiting / 2) {
      this.isPaused = false;
      this.wire?.stream.resume();
    }
  }

  private stand(state: Arrival['state']): void {
    this.state = state;
    this.wake?.();
  }

  private sync(): void {
    if (!this.synced) {
      this.synced = true;
      this.wire?.sync();
    }
  }
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: Error): void;
}

/** A rejection that nobody waits for any more is no accident. */
function deferred<T>(): Deferred<T> {
  let settle: Omit<Deferred<T>, 'promise'> | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  promise.catch(() => {});
  return { promise, resolve: (value) => settle?.resolve(value), reject: (error) => settle?.reject(error) };
}
