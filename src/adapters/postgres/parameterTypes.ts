/** What the server takes the parameters of a statement for, which is prepared and never run. */
import type { Submittable } from 'pg';
import { throwIfCancelled } from '../../core/errors.ts';
import type { OpenConnection } from './connection.ts';
import { typesQuery, type TypeCatalog } from './types.ts';
import { rowsOfLast } from './statementRun.ts';

/** Nobody waits long for a prompt: the limits of what runs in the background (SAFETY 12). */
const limits = 'BEGIN READ ONLY; SET LOCAL statement_timeout = 2000; SET LOCAL lock_timeout = 100';

/** Names of the types of `$1`, `$2`, …. Throws what `pg` throws; the transaction is over then. */
export async function readParameterTypes(connection: OpenConnection, types: TypeCatalog, text: string, signal: AbortSignal): Promise<readonly string[]> {
  const { client } = connection;
  try {
    const answer: unknown = await client.query({ text: types.stale ? `${limits}; ${typesQuery}` : limits, rowMode: 'array' });
    if (types.stale) {
      types.learn(rowsOfLast(answer));
    }
    throwIfCancelled(signal);
    const question = new ParameterQuestion(text);
    client.query(question);
    return (await question.answer).map((oid) => types.facts(oid).name);
  } finally {
    if (!connection.lost) {
      await client.query('ROLLBACK').catch(() => connection.destroy());
    }
  }
}

interface Wire extends NodeJS.EventEmitter {
  readonly stream: { cork?(): void; uncork?(): void };
  parse(message: { text: string }): void;
  describe(message: { type: 'S'; name: string }): void;
  sync(): void;
}

/** Parse, Describe, Sync: https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY */
class ParameterQuestion implements Submittable {
  readonly answer: Promise<readonly number[]>;
  private readonly text: string;
  private found: readonly number[] = [];
  private resolve: (oids: readonly number[]) => void = () => {};
  private reject: (error: Error) => void = () => {};
  private stopListening = (): void => {};

  constructor(text: string) {
    this.text = text;
    this.answer = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  submit = (connection: unknown): void => {
    const wire = connection as Wire;
    const listen = (message: { readonly dataTypeIDs: readonly number[] }): void => {
      this.found = message.dataTypeIDs;
    };
    wire.once('parameterDescription', listen);
    this.stopListening = () => wire.removeListener('parameterDescription', listen);
    wire.stream.cork?.();
    wire.parse({ text: this.text });
    wire.describe({ type: 'S', name: '' });
    wire.sync();
    wire.stream.uncork?.();
  };

  handleRowDescription(): void {}

  handleReadyForQuery(): void {
    this.stopListening();
    this.resolve(this.found);
  }

  handleError(error: Error): void {
    this.stopListening();
    this.reject(error);
  }
}
