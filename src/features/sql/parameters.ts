/** What statements leave open, asked of the person: names to be put in, values to be bound. */
import type { Database } from '../../core/ports.ts';
import { placeholderAt } from '../../core/runbook/placeholders.ts';
import { quoteIdentifierPath } from '../../core/sql/identifiers.ts';
import type { Cell } from '../../core/sql/result.ts';
import { isSecretName } from '../../core/sql/secretPlaces.ts';
import type { InspectedStatement } from '../../core/sql/run.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import type { SqlNeeds } from './needs.ts';

export interface GivenValues {
  readonly values: ReadonlyMap<string, Cell>;
  /** Those whose values are kept nowhere. */
  readonly secret: ReadonlySet<string>;
}

/** How `null` is written in a prompt, as COPY writes it. */
const nullText = '\\N';

/** Types of which an empty text is a value. */
const texts: ReadonlySet<string> = new Set(['text', 'varchar', 'bpchar', 'char', 'name', 'citext', 'unknown']);

/** Names of tables, columns and the like, asked once each with that of last time. */
export async function askNames({ ui, storage }: SqlNeeds, statements: readonly InspectedStatement[]): Promise<ReadonlyMap<string, Cell>> {
  const names = new Map<string, Cell>();
  for (const name of namesOf(statements, (parameter) => parameter === undefined)) {
    const key = `name ${name}`;
    const typed = await ui.ask({
      title: l10n.t('Name for {0}', visible(name)),
      prompt: l10n.t('No value can be bound here, so it is put in as a quoted name, exactly as typed. Parts are divided by dots: public.orders'),
      value: storage.get<string>(key) ?? '',
      check: (text) => (quoteIdentifierPath(text) === undefined ? l10n.t('A name, or names divided by dots') : undefined),
    });
    await storage.set(key, typed);
    names.set(name, typed);
  }
  return names;
}

/**
 * Values, asked once each by name with the value of last time and the type that the server infers. They are bound, and never put into the
 * text. Those of secrets are typed unseen, and kept nowhere.
 */
export async function askValues(needs: SqlNeeds, database: Database, statements: readonly InspectedStatement[]): Promise<GivenValues> {
  const { ui, storage } = needs;
  const values = new Map<string, Cell>();
  const secret = new Set<string>();
  const names = namesOf(statements, (parameter) => parameter !== undefined);
  const types = names.length === 0 ? new Map<string, string>() : await inferTypes(database, statements);
  for (const name of names) {
    const isSecret = isSecretParameter(needs, name, statements);
    const type = types.get(name);
    const key = `parameter ${name}`;
    const typed = await ui.ask({
      title: l10n.t('Value of {0}', visible(name)),
      prompt: type === undefined ? l10n.t('Type not known. Sent as a bound parameter; {0} is null.', nullText) : l10n.t('{0}. Sent as a bound parameter; {1} is null.', visible(type), nullText),
      secret: isSecret,
      value: isSecret ? '' : (storage.get<string>(key) ?? ''),
      check: (text) => (text === '' && type !== undefined && !texts.has(type) ? l10n.t('A value of type {0} is not empty; {1} is null.', visible(type), nullText) : undefined),
    });
    if (isSecret) {
      secret.add(name);
    }
    await storage.set(key, isSecret ? undefined : typed);
    values.set(name, typed === nullText ? null : typed);
  }
  return { values, secret };
}

/** By its name (`:new_password`), by its place (`password = :p`), or because the person says so in the settings. */
function isSecretParameter({ settings }: SqlNeeds, name: string, statements: readonly InspectedStatement[]): boolean {
  const marked = settings.current['opsbook.sql.secretParameters'].some((each) => each.toLowerCase() === name.toLowerCase());
  const placed = statements.some(({ placeholders, secrets }) => placeholders.some((each) => each.name === name && each.parameter !== undefined && secrets.parameters.has(each.parameter)));
  return marked || placed || placeholderAt(name, 0).secret || isSecretName(name);
}

function namesOf(statements: readonly InspectedStatement[], wanted: (parameter: number | undefined) => boolean): readonly string[] {
  return [...new Set(statements.flatMap(({ placeholders }) => placeholders.filter(({ parameter }) => wanted(parameter)).map(({ name }) => name)))];
}

/** By name; empty where nobody tells. A statement that the server refuses now may be right once the ones before it ran: it just tells nothing. */
async function inferTypes(database: Database, statements: readonly InspectedStatement[]): Promise<ReadonlyMap<string, string>> {
  const types = new Map<string, string>();
  for (const { text, placeholders } of statements.filter((statement) => statement.placeholders.length > 0)) {
    const inferred = await database.parameterTypes(text, { signal: AbortSignal.timeout(5_000), priority: 'user' }).catch(() => []);
    for (const { name, parameter = 0 } of placeholders) {
      const type = inferred[parameter - 1];
      if (type !== undefined && !types.has(name)) {
        types.set(name, type);
      }
    }
  }
  return types;
}
