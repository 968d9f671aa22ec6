/**
 * The way to a hosted database with an access token alone: `POST /v1/projects/{ref}/database/query`. It answers with all rows at once
 * and knows neither types nor notices nor a way to cancel. Two columns of one name become one, the last; `NaN` and the infinities of
 * a float become null (the service makes JSON of them).
 */
import { OpsError, isOpsError, type ErrorFacts } from '../../core/errors.ts';
import type { CallOptions, Clock, Database, DatabaseCapabilities, HeldTransaction, SqlGrammar, StatementRequest } from '../../core/ports.ts';
import { classify } from '../../core/sql/classify.ts';
import type { ResultEvent } from '../../core/sql/result.ts';
import { lostColumns } from '../../core/sql/sameNames.ts';
import { splitStatements } from '../../core/sql/split.ts';
import { l10n } from '../../util/l10n.ts';
import { decodeText, type ApiAnswer, type Transport } from './http.ts';
import { canQueryAs, joinRows, queryAs } from './queryAs.ts';
import { isBrokenConnection } from './networkError.ts';
import { parseQueryFailure } from './queryFailure.ts';
import { readRows } from './queryRows.ts';

export interface QueryEndpointNeeds {
  readonly ref: string;
  readonly transport: Transport;
  readonly grammar: SqlGrammar;
  readonly clock: Clock;
}

export function createQueryEndpoint(needs: QueryEndpointNeeds): Database {
  return new QueryEndpoint(needs);
}

const operation = 'run SQL';

class QueryEndpoint implements Database {
  readonly capabilities: DatabaseCapabilities = {
    streams: false,
    cancels: false,
    notices: false,
    columnTypes: false,
    outsideTransaction: false,
    rollsBack: false,
    transactions: false,
    prepares: false,
    asRoles: 'queries',
  };
  readonly address = 'Management API';
  private readonly needs: QueryEndpointNeeds;

  constructor(needs: QueryEndpointNeeds) {
    this.needs = needs;
  }

  async *run(request: StatementRequest, options: CallOptions): AsyncGenerator<ResultEvent, void, undefined> {
    const tree = await this.check(request, options.signal);
    const { clock } = this.needs;
    const began = clock.now();
    const { columns, rows } = await this.rowsOf(request, options);
    yield { kind: 'columns', columns };
    if (rows.length > 0) {
      yield* lossNotices(lostColumns(tree, columns.length));
    }
    const kept = rows.slice(0, request.rowLimit);
    if (kept.length > 0) {
      yield { kind: 'rows', rows: kept };
    }
    yield {
      kind: 'done',
      command: '',
      rowCount: columns.length > 0 ? kept.length : undefined,
      truncated: rows.length > request.rowLimit,
      durationMs: clock.now() - began,
    };
  }

  /** Whatever it is sent, it runs. */
  async parameterTypes(): Promise<readonly string[]> {
    throw new OpsError('absent', { what: l10n.t('Preparing a statement without running it'), reason: 'noDatabaseConnection' });
  }

  /** Each call has a connection of its own, which nobody can hold. */
  async begin(): Promise<HeldTransaction> {
    throw new OpsError('absent', { what: l10n.t('A transaction that stays open'), reason: 'noDatabaseConnection' });
  }

  async close(): Promise<void> {}

  private async rowsOf(request: StatementRequest, options: CallOptions): ReturnType<typeof readRows> {
    try {
      const answer = decodeText(await this.send(request, options));
      return await readRows(request.as === undefined ? answer : joinRows(answer), operation);
    } catch (error) {
      throw request.mode === 'write' && isUnanswered(error) ? new OpsError('connectionLost', { host: this.address }, error) : error;
    }
  }

  /**
   * Not `…/query/read-only`: its search path is empty, so `select * from tokens` would give rows over `pg` and an error here. With
   * `read_only` the same role reads with the usual search path (MANUALS G11).
   */
  private async send(request: StatementRequest, options: CallOptions): Promise<ApiAnswer> {
    const { ref, transport } = this.needs;
    const { text, timeoutMs } = request;
    const json = bodyOf(request);
    try {
      return await transport.send({ operation, method: 'POST', path: `/v1/projects/${ref}/database/query`, json, ref, timeoutMs }, options);
    } catch (error) {
      const facts = isOpsError(error, 'serviceFailed') ? parseQueryFailure(error.facts.message, text) : undefined;
      throw facts === undefined ? error : new OpsError('queryFailed', request.as === undefined ? facts : withoutPosition(facts), error);
    }
  }

  /**
   * What the service does with several statements, or with BEGIN READ WRITE, was never seen; so neither is sent, and in read mode
   * nothing that is known to write. Functions that nobody knows were the caller's to judge.
   */
  private async check({ text, values, mode, rolledBack, as }: StatementRequest, signal: AbortSignal): Promise<unknown> {
    if (rolledBack) {
      throw new OpsError('absent', { what: text, reason: 'noDatabaseConnection' });
    }
    const parsed = await this.needs.grammar.parse(text, signal);
    if (parsed.kind === 'invalid') {
      throw new OpsError('sqlSyntax', { message: parsed.message, position: parsed.position });
    }
    const statements = splitStatements(text);
    if (statements.length !== 1) {
      throw new OpsError('notReadOnly', { statement: text, because: 'it is more than one statement' });
    }
    const { kind, why } = classify(parsed.tree, () => 'stable');
    if (kind === 'transaction' || kind === 'session' || (mode === 'read' && kind !== 'read')) {
      throw new OpsError('notReadOnly', { statement: text, because: why });
    }
    if (as !== undefined && (mode !== 'read' || values.length > 0 || !canQueryAs(parsed.tree))) {
      throw new OpsError('absent', { what: l10n.t('Running anything but a query without parameters as a role'), reason: 'noDatabaseConnection' });
    }
    return parsed.tree;
  }
}

/** Rows come as objects, with one value for each name. */
function lossNotices(lost: number | undefined): ResultEvent[] {
  if (lost === 0) {
    return [];
  }
  const remedy = l10n.t('Name them apart with AS, or use a database connection string.');
  return [
    lost === undefined
      ? { kind: 'notice', notice: { severity: 'INFO', message: l10n.t('Of columns with the same name the Management API gives only the last one.'), hint: remedy } }
      : { kind: 'notice', notice: { severity: 'WARNING', message: l10n.t('Columns are missing: {0}. Of columns with the same name the Management API gives only the last one.', lost), hint: remedy } },
  ];
}

/** It was sent, and nothing was heard of what became of it: no answer in time, a broken one, or that of a gateway in between. */
function isUnanswered(error: unknown): boolean {
  if (isOpsError(error, 'serviceFailed')) {
    return error.facts.status >= 502;
  }
  return isOpsError(error, 'timedOut', 'badAnswer') || (isOpsError(error, 'unreachable') && isBrokenConnection(error.cause));
}

/** The reader of `read_only` belongs to none of the API's roles; what runs as somebody is kept from writing by itself. */
function bodyOf({ text, values, mode, as, rowLimit }: StatementRequest): Record<string, unknown> {
  if (as !== undefined) {
    return { ...queryAs(text, as, rowLimit) };
  }
  return { query: text, ...(values.length > 0 ? { parameters: values } : {}), ...(mode === 'read' ? { read_only: true } : {}) };
}

/** Positions count within what was sent around the query. */
function withoutPosition({ position: _position, ...facts }: ErrorFacts['queryFailed']): ErrorFacts['queryFailed'] {
  return facts;
}
