import { l10n } from '../../../../util/l10n.ts';
import { Lexer } from '../../lexer.ts';
import { textOf } from '../../tree.ts';
import type { Edit, Finding } from '../finding.ts';
import type { Effect, PlacedEffect } from '../../effects/effect.ts';
import type { FileContext, Rule } from '../rule.ts';
import type { StatementTree } from '../statementTree.ts';

export const dropWithoutIfExists: Rule = {
  code: 'OB205',
  name: 'drop-without-if-exists',
  severity: 'hint',
  title: 'This migration stops where the object is already gone',
  why: 'Databases differ: what somebody dropped by hand in one of them makes the migration fail there.',
  whatToDo: 'Write `drop … if exists`, unless failing is what you want.',
  alsoIn: ['preferRobustStmts'],
  roles: ['migration'],
  message: () => l10n.t('Where it is already gone, this fails.'),
  fixTitle: () => l10n.t('Add if exists'),
  statement: check,
  holds: mayBeGone,
};

/** How many words name the kind of object. */
const kindWords: Readonly<Record<string, number>> = {
  OBJECT_TABLE: 1,
  OBJECT_VIEW: 1,
  OBJECT_MATVIEW: 2,
  OBJECT_INDEX: 1,
  OBJECT_SEQUENCE: 1,
  OBJECT_FUNCTION: 1,
  OBJECT_PROCEDURE: 1,
  OBJECT_ROUTINE: 1,
  OBJECT_AGGREGATE: 1,
  OBJECT_TYPE: 1,
  OBJECT_DOMAIN: 1,
  OBJECT_SCHEMA: 1,
  OBJECT_POLICY: 1,
  OBJECT_TRIGGER: 1,
  OBJECT_RULE: 1,
  OBJECT_EXTENSION: 1,
  OBJECT_FOREIGN_TABLE: 2,
  OBJECT_EVENT_TRIGGER: 2,
  OBJECT_PUBLICATION: 1,
  OBJECT_FOREIGN_SERVER: 1,
  OBJECT_FDW: 3,
  OBJECT_COLLATION: 1,
  OBJECT_STATISTIC_EXT: 1,
};

function check(statement: StatementTree): Finding[] {
  const { type, fields, text } = statement;
  if (type !== 'DropStmt' || fields['missing_ok'] === true || statement.isCode) {
    return [];
  }
  const words = kindWords[textOf(fields['removeType'])];
  const insertion = words === undefined ? undefined : insertAfter(text, words + 1 + (fields['concurrent'] === true ? 1 : 0));
  const fixes = insertion === undefined ? [] : [{ facts: {}, edits: [insertion] }];
  const isShared = fields['removeType'] === 'OBJECT_TABLE' || fields['concurrent'] === true;
  return [{ code: 'OB205', range: statement.head, facts: {}, fixes, ...(isShared ? {} : { alsoIn: [] }) }];
}

/** What the same file made is there. */
function mayBeGone(context: FileContext, { statement }: PlacedEffect): boolean {
  const dropped = context.effectsOf(statement).flatMap(({ effect }) => droppedName(effect) ?? []);
  return dropped.length === 0 || !dropped.every((name) => context.isMadeBefore(statement, name));
}

function droppedName(effect: Effect): string | undefined {
  switch (effect.kind) {
    case 'dropRelation':
    case 'dropFunction':
    case 'dropIndex':
    case 'dropType':
      return effect.name.name;
    case 'dropPolicy':
    case 'dropSchema':
      return effect.name;
    default:
      return undefined;
  }
}

function insertAfter(text: string, words: number): Edit | undefined {
  const lexer = new Lexer(text);
  for (let left = words; lexer.next(); ) {
    left -= lexer.kind === 'word' ? 1 : 0;
    if (left === 0) {
      return { range: { start: lexer.end, end: lexer.end }, text: ' if exists' };
    }
  }
  return undefined;
}
