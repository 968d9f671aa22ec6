/** Runs one statement over any way to the database: looked at by the grammar first, refused when it does more than was agreed to. */
import { defined } from '../../util/defined.ts';
import { OpsError } from '../errors.ts';
import type { CallOptions, Database, HeldTransaction, SqlGrammar, StatementRequest } from '../ports.ts';
import type { Risk } from '../runbook/operation.ts';
import { classify, covers, type Classification } from './classify.ts';
import { writtenExplain, type WrittenExplain } from './explain.ts';
import type { FunctionName, Volatility } from './functions.ts';
import { gathersRows } from './gathering.ts';
import { bindValues, prepareStatement, spliceIdentifiers, type Candidate, type SqlPlaceholder } from './placeholders.ts';
import { gather, type Cell, type ResultEvent } from './result.ts';
import { secretPlaces, type SecretPlaces } from './secretPlaces.ts';

export interface SqlServices {
  readonly grammar: SqlGrammar;
  readonly database: Database;
}

/** What is known of a statement before it runs; asks for its placeholders, and for consent, stand on this. */
export interface InspectedStatement {
  /** As written. */
  readonly statement: string;
  /** What is sent: parameters in place of the placeholders, the same length. */
  readonly text: string;
  readonly placeholders: readonly SqlPlaceholder[];
  readonly classification: Classification;
  /** It makes few rows of many. */
  readonly gathers: boolean;
  /** Of one that is an EXPLAIN itself. */
  readonly explain?: WrittenExplain;
  /** What of it must not be kept. */
  readonly secrets: SecretPlaces;
}

export interface RunRequest {
  /** Exactly one statement. */
  readonly statement: string;
  /** By placeholder name; see {@link SqlPlaceholder}. */
  readonly values?: ReadonlyMap<string, Cell>;
  /** The gravest that the user agreed to; absent for reading. */
  readonly consent?: Risk;
  readonly rowLimit: number;
  readonly timeoutMs: number;
  /** Nobody pressed for it. */
  readonly background: boolean;
}

/**
 * Parses and classifies, with the catalog's word on functions that the grammar cannot know. Nothing of the statement is run. Throws
 * `sqlSyntax`, and what {@link Database.run} throws when the catalog has to be asked.
 */
export async function inspectStatement(services: Pick<SqlServices, 'grammar'> & { readonly database: Pick<Database, 'run'> }, statement: string, options: CallOptions, openings: readonly Candidate[] = []): Promise<InspectedStatement> {
  const prepared = await prepareStatement(statement, services.grammar, options.signal, openings);
  if (prepared.kind === 'invalid') {
    throw new OpsError('sqlSyntax', { message: prepared.message, position: prepared.position });
  }
  const { text, tree, placeholders } = prepared;
  const atFirst = classify(tree);
  // With a name still open it is not known what is asked about.
  const isOpen = placeholders.some(({ parameter }) => parameter === undefined);
  const catalog = atFirst.unknownFunctions.length === 0 || isOpen ? undefined : await readVolatility(services.database, atFirst.unknownFunctions, options);
  return {
    statement,
    text,
    placeholders,
    classification: catalog === undefined ? atFirst : classify(tree, catalog),
    gathers: gathersRows(tree),
    ...defined({ explain: writtenExplain(text, tree) }),
    secrets: secretPlaces(text, tree),
  };
}

/**
 * Runs it: read-only, enforced by the server, when it reads; else only with consent to its risk. Throws `sqlSyntax`,
 * `placeholdersLeft`, `notReadOnly`, `absent` where the way cannot do it, and what {@link Database.run} throws.
 */
export async function* runStatement(services: SqlServices, request: RunRequest, options: CallOptions): AsyncGenerator<ResultEvent, void, undefined> {
  const given = request.values ?? new Map<string, Cell>();
  const atFirst = await inspectStatement(services, request.statement, options);
  const namesAreOpen = atFirst.placeholders.some(({ parameter }) => parameter === undefined);
  // What it does is only known with the names in their places.
  const inspected = namesAreOpen ? await inspectStatement(services, spliceIdentifiers(request.statement, atFirst.placeholders, given).text, options) : atFirst;
  const values = bindValues(inspected.placeholders, given);
  const mode = decideMode(inspected, request.consent, services.database);
  const { rowLimit, timeoutMs, background } = request;
  yield* services.database.run({ text: inspected.text, values, mode, rowLimit, ...(inspected.gathers ? { gathers: true } : {}), timeoutMs, background }, options);
}

/**
 * The same database, which refuses in read mode what a read-only transaction would not prevent (SAFETY 11), whoever asks: diagnostics,
 * checks of a repository, and a user who wants a statement run read-only although it may write. Throws `sqlSyntax` and `notReadOnly`.
 */
export function guardReads({ database, grammar }: SqlServices): Database {
  async function* guarded(way: Pick<Database, 'run'>, request: StatementRequest, options: CallOptions): AsyncGenerator<ResultEvent, void, undefined> {
    if (request.mode === 'read') {
      const parsed = await grammar.parse(request.text, options.signal);
      if (parsed.kind === 'invalid') {
        throw new OpsError('sqlSyntax', { message: parsed.message, position: parsed.position });
      }
      const { heldByReadOnly, why } = classify(parsed.tree);
      if (!heldByReadOnly) {
        throw new OpsError('notReadOnly', { statement: request.text, because: why });
      }
    }
    yield* way.run(request, options);
  }
  const begin = async (idleMs: number, options: CallOptions): Promise<HeldTransaction> => {
    const held = await database.begin(idleMs, options);
    return {
      run: (request, within) => guarded(held, request, within),
      keepOpen: (longer) => held.keepOpen(longer),
      commit: () => held.commit(),
      rollBack: () => held.rollBack(),
      lost: held.lost,
    };
  };
  const run: Database['run'] = (request, options) => guarded(database, request, options);
  return { capabilities: database.capabilities, address: database.address, run, begin, parameterTypes: (text, options) => database.parameterTypes(text, options), close: () => database.close() };
}

function decideMode({ statement, classification }: InspectedStatement, consent: Risk | undefined, database: Database): 'read' | 'write' {
  const { kind, risk, why, outsideTransaction } = classification;
  if (kind === 'read') {
    return 'read';
  }
  // Each statement runs by itself, and a setting of the session would reach others through a pooler.
  const ofTheConnection = kind === 'transaction' || kind === 'session';
  // COPY TO STDOUT reads, but nobody here would hear its answer.
  const onlyForPsql = kind === 'utility' && risk === 'reads';
  if (ofTheConnection || onlyForPsql || consent === undefined || !covers(consent, risk)) {
    throw new OpsError('notReadOnly', { statement, because: why });
  }
  if (outsideTransaction && !database.capabilities.outsideTransaction) {
    throw new OpsError('absent', { what: statement, reason: 'noDatabaseConnection' });
  }
  return 'write';
}

/** Every function of these names, whatever its arguments and, where the call does not say, its schema: the worst of them counts. */
const volatilityQuery = `select n.nspname as schema, p.proname as name, p.provolatile as volatility
from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
where p.proname in (select pg_catalog.jsonb_array_elements_text($1::jsonb))`;

const volatilityLimits = { rowLimit: 10_000, timeoutMs: 2_000, background: true };

async function readVolatility(
  database: Pick<Database, 'run'>,
  functions: readonly FunctionName[],
  options: CallOptions,
): Promise<(called: FunctionName) => Volatility> {
  const names = JSON.stringify(functions.map(({ name }) => name));
  const request = { text: volatilityQuery, values: [names], mode: 'read' as const, ...volatilityLimits };
  const { rows } = await gather(database.run(request, options));
  return ({ schema, name }) => {
    const found = rows.filter((row) => row[1] === name && (schema === undefined || row[0] === schema)).map((row) => row[2]);
    return found.length === 0 ? 'missing' : found.includes('v') ? 'volatile' : found.includes('s') ? 'stable' : 'immutable';
  };
}
