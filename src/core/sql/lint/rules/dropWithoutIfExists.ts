import { l10n } from '../../../../util/l10n.ts';
import { Lexer } from '../../lexer.ts';
import type { TextRange } from '../../../runbook/document.ts';
import { fieldsOf, listOf, textOf } from '../../tree.ts';
import type { Edit, Finding } from '../finding.ts';
import type { Effect, PlacedEffect } from '../../effects/effect.ts';
import type { FileContext, Rule } from '../rule.ts';
import { nameOf, type StatementTree } from '../statementTree.ts';

export const dropWithoutIfExists: Rule = {
  code: 'OB205',
  name: 'drop-without-if-exists',
  severity: 'hint',
  title: 'This migration stops where the object is already gone',
  why: 'Databases differ: what somebody dropped by hand in one of them makes the migration fail there.',
  whatToDo: 'Write `drop … if exists`, also for a column or a constraint, unless failing is what you want. What the same file made is there, and not marked.',
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
  OBJECT_CAST: 1,
  OBJECT_OPERATOR: 1,
  OBJECT_OPCLASS: 2,
  OBJECT_OPFAMILY: 2,
  OBJECT_CONVERSION: 1,
  OBJECT_TRANSFORM: 1,
  OBJECT_ACCESS_METHOD: 2,
  OBJECT_TSCONFIGURATION: 3,
  OBJECT_TSDICTIONARY: 3,
  OBJECT_TSPARSER: 3,
  OBJECT_TSTEMPLATE: 3,
};

/** The same of statements of their own. */
const kindWordsOfStatements: Readonly<Record<string, number>> = { DropRoleStmt: 1, DropSubscriptionStmt: 1, DropUserMappingStmt: 2 };

function check(statement: StatementTree): Finding[] {
  const { type, fields, text } = statement;
  if (type === 'AlterTableStmt' && !statement.isCode) {
    return partsDropped(statement);
  }
  const ofStatement = kindWordsOfStatements[type];
  if ((type !== 'DropStmt' && ofStatement === undefined) || fields['missing_ok'] === true || statement.isCode) {
    return [];
  }
  const words = ofStatement ?? kindWords[textOf(fields['removeType'])];
  const insertion = words === undefined ? undefined : insertAfter(text, words + 1 + (fields['concurrent'] === true ? 1 : 0));
  const fixes = insertion === undefined ? [] : [{ facts: {}, edits: [insertion] }];
  const isShared = fields['removeType'] === 'OBJECT_TABLE' || fields['concurrent'] === true;
  return [{ code: 'OB205', range: statement.head, facts: {}, fixes, ...(isShared ? {} : { alsoIn: [] }) }];
}

/** `alter table t drop column a, drop constraint b` */
function partsDropped(statement: StatementTree): Finding[] {
  const { fields, text } = statement;
  const parts = statement.partsFrom(statement.relationRange(fields['relation']).end);
  return listOf(fields['cmds']).flatMap((command, index): Finding[] => {
    const { subtype, missing_ok: tolerant, name } = fieldsOf(fieldsOf(command)['AlterTableCmd']);
    const start = parts[index]?.start;
    if ((subtype !== 'AT_DropColumn' && subtype !== 'AT_DropConstraint') || tolerant === true || start === undefined) {
      return [];
    }
    const range = dropWords(text, start, textOf(name));
    return [{ code: 'OB205', range, facts: {}, fixes: [{ facts: {}, edits: [{ range: { start: range.end, end: range.end }, text: ' if exists' }] }], alsoIn: [] }];
  });
}

/** `drop column`, `drop constraint`, `drop attribute`; `drop` alone means a column too. */
function dropWords(text: string, from: number, name: string): TextRange {
  const words: TextRange[] = [];
  const lexer = new Lexer(text, from);
  while (words.length < 2 && lexer.next()) {
    if (lexer.kind === 'word' || lexer.kind === 'quotedName') {
      words.push({ start: lexer.start, end: lexer.end });
    }
  }
  const [verb = { start: from, end: from }, kind = verb] = words;
  const isName = nameOf(text.slice(kind.start, kind.end)) === name && followsNoName(text, kind.end);
  return { start: verb.start, end: isName ? verb.end : kind.end };
}

/** A column may be called `attribute` as well. */
function followsNoName(text: string, from: number): boolean {
  const lexer = new Lexer(text, from);
  while (lexer.next()) {
    if (lexer.kind !== 'space' && lexer.kind !== 'comment') {
      return (lexer.kind !== 'word' && lexer.kind !== 'quotedName') || behaviours.has(lexer.value.toLowerCase());
    }
  }
  return true;
}

const behaviours: ReadonlySet<string> = new Set(['cascade', 'restrict']);

/** What the same file made is there. */
function mayBeGone(context: FileContext, { statement }: PlacedEffect): boolean {
  const dropped = context.effectsOf(statement).flatMap(({ effect }) => {
    const names = droppedNames(effect);
    return names.length === 0 ? [] : [names];
  });
  return dropped.length === 0 || !dropped.every((names) => names.some((name) => context.isMadeBefore(statement, name)));
}

/** Any of these made before says that it is there: with a table come its constraints. */
function droppedNames(effect: Effect): readonly string[] {
  switch (effect.kind) {
    case 'dropColumn':
      return [`${effect.table.name}.${effect.column}`];
    case 'dropConstraint':
      return [effect.name, effect.table.name];
    case 'dropRelation':
    case 'dropFunction':
    case 'dropIndex':
    case 'dropType':
      return [effect.name.name];
    case 'dropPolicy':
    case 'dropSchema':
      return [effect.name];
    default:
      return [];
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
