/** Every rule, in the order of the codes: 1xx who may see and do what, 2xx changes to a schema that is in use, 3xx names: 30x in SQL, 32x in calls of the API, 4xx what the server itself says: 40x when it prepares, 41x when it tries. */
import type { RuleCode } from './finding.ts';
import type { Rule, TextRole } from './rule.ts';
import { apiNoSuchColumn, apiNoSuchFunction, apiNoSuchRelationship, apiNoSuchTable } from './rules/api.ts';
import { columnNeedsValue } from './rules/columnNeedsValue.ts';
import { columnRewritesTable } from './rules/columnRewritesTable.ts';
import { columnTypeChange } from './rules/columnTypeChange.ts';
import { constraintBuildsIndex } from './rules/constraintBuildsIndex.ts';
import { constraintReadsRows } from './rules/constraintReadsRows.ts';
import { definerWithoutSearchPath } from './rules/definerWithoutSearchPath.ts';
import { dropWithoutIfExists } from './rules/dropWithoutIfExists.ts';
import { dropsData } from './rules/dropsData.ts';
import { everyRow } from './rules/everyRow.ts';
import { foreignKeyWithoutIndex } from './rules/foreignKeyWithoutIndex.ts';
import { indexNotConcurrently } from './rules/indexNotConcurrently.ts';
import { mixedCaseName } from './rules/mixedCaseName.ts';
import { ambiguousColumn, namesNotChecked, systemColumn, unknownColumn, unknownFunction, unknownQualifier, unknownTable } from './rules/names.ts';
import { policyCallsPerRow } from './rules/policyCallsPerRow.ts';
import { policyOpenToRead } from './rules/policyOpenToRead.ts';
import { policyOpenToWrite } from './rules/policyOpenToWrite.ts';
import { policyTrustsMetadata } from './rules/policyTrustsMetadata.ts';
import { rebuildLocksOut } from './rules/rebuildLocksOut.ts';
import { renamesInUse } from './rules/renamesInUse.ts';
import { serverDenies, serverRefuses } from './rules/server.ts';
import { suppressionWithoutReason, syntaxError } from './rules/syntax.ts';
import { tableWithoutRls } from './rules/tableWithoutRls.ts';
import { timestampWithoutZone } from './rules/timestampWithoutZone.ts';
import { migrationFails, migrationNotKnown } from './rules/trial.ts';
import { viewWithoutInvoker } from './rules/viewWithoutInvoker.ts';

export const rules: readonly Rule[] = [
  syntaxError,
  suppressionWithoutReason,
  tableWithoutRls,
  policyOpenToWrite,
  policyOpenToRead,
  policyCallsPerRow,
  definerWithoutSearchPath,
  viewWithoutInvoker,
  policyTrustsMetadata,
  indexNotConcurrently,
  columnRewritesTable,
  columnNeedsValue,
  columnTypeChange,
  dropWithoutIfExists,
  everyRow,
  foreignKeyWithoutIndex,
  timestampWithoutZone,
  mixedCaseName,
  constraintReadsRows,
  constraintBuildsIndex,
  dropsData,
  renamesInUse,
  rebuildLocksOut,
  systemColumn,
  unknownTable,
  unknownColumn,
  unknownFunction,
  ambiguousColumn,
  unknownQualifier,
  namesNotChecked,
  apiNoSuchTable,
  apiNoSuchColumn,
  apiNoSuchFunction,
  apiNoSuchRelationship,
  serverRefuses,
  serverDenies,
  migrationFails,
  migrationNotKnown,
];

const byCode: ReadonlyMap<string, Rule> = new Map(rules.map((rule) => [rule.code, rule]));

export function ruleOf(code: string): Rule | undefined {
  return byCode.get(code);
}

export function isRuleCode(text: string): text is RuleCode {
  return byCode.has(text);
}

/** The rule's page, in Markdown. */
export function rulePage({ code, name, title, why, whatToDo, severity, roles, inBodies, inPrograms = false, untilEdited = false }: Rule): string {
  const places = inPrograms ? 'programs that call the API' : roles.map((role) => placeWords[role]).join(', ');
  const bodies = inBodies === undefined ? '' : inBodies === 'all' ? '; in the code of functions, procedures and DO too' : '; in the code of functions and procedures in SQL too';
  const [language, comment, place] = inPrograms ? ['ts', '//', 'on the row above the call or the mark, or behind the mark'] : ['sql', '--', 'above the statement or behind it'];
  return `# ${code} ${name}

${title}.

## Why

${why}

## What to do

${whatToDo}

## How it is shown

As *${severity}*, in ${places}${bodies}. The setting \`opsbook.sql.lints\` changes that: \`{ "${code}": "off" }\`, or \`hint\`, \`info\`, \`warning\`, \`error\`.

${untilEdited ? 'The mark is there until the file is edited or tried again: there is nothing to put aside.\n' : `To put one finding aside, write ${place}, with the reason:

\`\`\`${language}
${comment} opsbook: ignore ${code} because …
\`\`\`
`}`;
}

const placeWords: Readonly<Record<TextRole, string>> = {
  migration: 'migrations',
  schema: 'schema files',
  script: 'other SQL files',
  snippet: 'fences of manuals and strings of programs',
  data: 'seeds and tests',
};
