import { l10n } from '../../../../util/l10n.ts';
import { changeRoles, type FileContext, type PlacedFinding, type Rule } from '../rule.ts';

export const indexNotConcurrently: Rule = {
  code: 'OB201',
  name: 'index-not-concurrently',
  severity: 'info',
  title: 'Building an index stops all writing to its table',
  why: '`create index` keeps writers waiting until the index is built: minutes on a large table.',
  whatToDo: 'Write `create index concurrently`. It cannot run inside a transaction: Supabase CLI 2.109 and later runs such a statement by itself, an older one refuses the migration. If it fails it leaves an invalid index behind, to be dropped. The server refuses it for a partitioned table: `create index on only` it first, then build one concurrently on each part, and attach them. Small tables need none of this.',
  alsoIn: ['requireConcurrentIndexCreation'],
  roles: changeRoles,
  message: ({ table = '' }) => l10n.t('While this index is built nobody can write to {0}, which was there before this file.', table),
  fixTitle: () => l10n.t('Build it concurrently'),
  file: check,
};

function check(context: FileContext): PlacedFinding[] {
  const findings: PlacedFinding[] = [];
  for (const { placed, effect } of context.ofKind('createIndex')) {
    const table = context.history.relationOf(placed);
    if (effect.ofConstraint || effect.concurrently || effect.only || table === undefined || !context.isExisting(table) || (table.kind !== undefined && table.kind !== 'table')) {
      continue;
    }
    const facts = { table: table.name };
    const { insertAt } = effect;
    const fixes = insertAt === undefined || table.partitioned ? [] : [{ facts, edits: [{ range: { start: insertAt, end: insertAt }, text: ' concurrently' }] }];
    findings.push({ statement: placed.statement, finding: { code: 'OB201', range: effect.at, facts, fixes } });
  }
  return findings;
}
