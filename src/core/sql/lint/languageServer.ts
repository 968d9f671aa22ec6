/**
 * What the Postgres Language Server does by its configuration: https://pg-language-server.com/latest/reference/configuration/. As
 * `test/sql/languageServer.test.ts` sees of version 0.25, it does not mind `linter.enabled`.
 */
import { parseJsonc } from '../../../util/jsonc.ts';
import type { Rule } from './rule.ts';

/** What is left to it where it looks after a file. */
export interface ServerDuties {
  marks(rule: Pick<Rule, 'alsoIn'>): boolean;
  /** It was given a database: it completes names and checks them, and types, against that. */
  readonly hasDatabase: boolean;
}

/** Of our kin, those that are on when nobody says anything. */
const recommended: ReadonlySet<string> = new Set([
  'addSerialColumn',
  'addingFieldWithDefault',
  'addingForeignKeyConstraint',
  'addingNotNullField',
  'addingPrimaryKeyConstraint',
  'avoidAddingExclusionConstraint',
  'banDeleteWithoutWhere',
  'banDropColumn',
  'banDropTable',
  'banUpdateWithoutWhere',
  'banVacuumFull',
  'requireConcurrentRefreshMatview',
  'requireConcurrentReindex',
]);

/** By the text of its configuration; with one that cannot be read it does not start. */
export function serverDuties(configuration: string): ServerDuties | undefined {
  let config: unknown;
  try {
    config = parseJsonc(configuration);
  } catch {
    return undefined;
  }
  const rules = memberOf(memberOf(config, 'linter'), 'rules');
  const safety = memberOf(rules, 'safety');
  const [db, typecheck] = [memberOf(config, 'db'), memberOf(config, 'typecheck')];
  const hasDatabase = db !== undefined && memberOf(db, 'disableConnection') !== true;
  const isOn = (name: string): boolean => {
    const level = memberOf(safety, name);
    if (level !== undefined) {
      return level !== 'off';
    }
    const all = memberOf(safety, 'all') ?? memberOf(rules, 'all');
    const asRecommended = memberOf(safety, 'recommended') ?? memberOf(rules, 'recommended') ?? true;
    return all === true || (asRecommended === true && recommended.has(name));
  };
  const does = (name: string): boolean => (name === 'syntax' ? true : name === 'typecheck' ? hasDatabase && memberOf(typecheck, 'enabled') !== false : isOn(name));
  return { marks: ({ alsoIn }) => alsoIn.some(does), hasDatabase };
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}
