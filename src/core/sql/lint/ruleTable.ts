/** Every rule, in the order of the codes: 1xx who may see and do what, 2xx changes to a schema that is in use. */
import type { RuleCode } from './finding.ts';
import type { Rule } from './rule.ts';
import { columnNeedsValue } from './rules/columnNeedsValue.ts';
import { columnRewritesTable } from './rules/columnRewritesTable.ts';
import { columnTypeChange } from './rules/columnTypeChange.ts';
import { definerWithoutSearchPath } from './rules/definerWithoutSearchPath.ts';
import { dropWithoutIfExists } from './rules/dropWithoutIfExists.ts';
import { everyRow } from './rules/everyRow.ts';
import { foreignKeyWithoutIndex } from './rules/foreignKeyWithoutIndex.ts';
import { indexNotConcurrently } from './rules/indexNotConcurrently.ts';
import { mixedCaseName } from './rules/mixedCaseName.ts';
import { policyCallsPerRow } from './rules/policyCallsPerRow.ts';
import { policyOpenToRead } from './rules/policyOpenToRead.ts';
import { policyOpenToWrite } from './rules/policyOpenToWrite.ts';
import { policyTrustsMetadata } from './rules/policyTrustsMetadata.ts';
import { suppressionWithoutReason, syntaxError } from './rules/syntax.ts';
import { tableWithoutRls } from './rules/tableWithoutRls.ts';
import { timestampWithoutZone } from './rules/timestampWithoutZone.ts';
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
];

const byCode: ReadonlyMap<string, Rule> = new Map(rules.map((rule) => [rule.code, rule]));

export function ruleOf(code: string): Rule | undefined {
  return byCode.get(code);
}

export function isRuleCode(text: string): text is RuleCode {
  return byCode.has(text);
}
