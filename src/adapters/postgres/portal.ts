/**
 * One statement by the extended protocol, its rows fetched batch by batch. `pg` calls the methods named `handle…` as it does those
 * of its own queries.
 *
 * Not `pg-cursor`: it takes a statement for done at CommandComplete, and waits for ever when the commit behind it fails (a deferred
 * constraint), and it knows no COPY.
 *
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY
 */
import type { Submittable } from 'pg';
import type { Cell, Row } from '../../core/sql/result.ts';
import { booleanOid } from './types.ts';

export interface Field {
  readonly name: string;
  readonly dataTypeID: number;
}

export interface Batch {
  readonly rows: readonly Row[];
  /** There is no next one: the statement is complete, and outside a transaction block committed. */
  readonly last: boolean;
}

/** What `pg` offers its queries; its types know but some of it. */
interface Wire extends NodeJS.EventEmitter {
  readonly stream: { cork?(): void; uncork?(): void };
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
  private wire: Wire | undefined;
  private rows: Row[] = [];
  private booleans: number[] = [];
  private synced = false;
  private readonly described = deferred<readonly Field[]>();
  private batch = deferred<Batch>();
  private readonly finished = deferred<void>();
  /** The command tag, such as `INSERT 0 5`; empty until the statement is complete. */
  tag = '';

  /** `firstRows`: size of the first batch; {@link next} says that of the others. */
  constructor(text: string, values: readonly Cell[], firstRows: number) {
    this.text = text;
    this.values = values;
    this.firstRows = firstRows;
  }

  /** Columns, before the statement runs; none when it returns no rows. Rejects with what the server or the network said. */
  get fields(): Promise<readonly Field[]> {
    return this.described.promise;
  }

  /** The batch under way. */
  get current(): Promise<Batch> {
    return this.batch.promise;
  }

  /** Asks for more; only when {@link current} came and was not the last. */
  next(rows: number): void {
    this.batch = deferred<Batch>();
    this.wire?.execute({ portal: '', rows });
    this.wire?.flush();
  }

  /** Leaves the rest of the rows; resolves when the connection takes the next statement. Outside a transaction block this commits. */
  async leave(): Promise<void> {
    this.sync();
    await this.finished.promise;
  }

  submit = (connection: unknown): void => {
    const wire = connection as Wire;
    this.wire = wire;
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

  handleDataRow(message: { readonly fields: (string | null)[] }): void {
    const row = message.fields;
    for (const index of this.booleans) {
      row[index] = row[index] === 't' ? 'true' : row[index] === 'f' ? 'false' : null;
    }
    this.rows.push(row);
  }

  handlePortalSuspended(): void {
    this.deliver(false);
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
    this.described.resolve([]);
    this.deliver(true);
    this.finished.resolve();
  }

  handleError(error: Error): void {
    this.wire?.removeListener('noData', this.onNoData);
    this.sync();
    this.described.reject(error);
    this.batch.reject(error);
    this.finished.resolve();
  }

  private readonly onNoData = (): void => this.described.resolve([]);

  private deliver(last: boolean): void {
    const { rows } = this;
    this.rows = [];
    this.batch.resolve({ rows, last });
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
