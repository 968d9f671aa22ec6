/** Findings as the editor shows them: words, severity, the way to the rule's page, and the fixes that belong to each. */
import * as vscode from 'vscode';
import type { TextFinding } from '../../core/sql/lint/analysis.ts';
import type { Fix, Severity } from '../../core/sql/lint/finding.ts';
import type { Rule } from '../../core/sql/lint/rule.ts';
import { ruleOf } from '../../core/sql/lint/ruleTable.ts';
import { visible } from '../../util/visible.ts';

/** What is shown, and what can be done about it. */
export interface Shown {
  readonly diagnostic: vscode.Diagnostic;
  readonly rule: Rule;
  readonly fixes: readonly Fix[];
  /** Where the statement begins, as a document offset: a suppression goes there. */
  readonly statementStart: number;
  /** From an offset of the finding's piece to one of the document. */
  readonly toDocument: (offset: number) => number;
}

export interface Presentation {
  /** `opsbook.sql.lints`: code → severity. */
  readonly severities: Readonly<Record<string, string>>;
  /** Another extension marks the same. */
  readonly leaves: (shared: Pick<Rule, 'alsoIn'>) => boolean;
  readonly pageUri: (rule: Rule) => vscode.Uri;
}

/** The editor keeps no more of one document. */
const mostShown = 1000;

const levels: Readonly<Record<Exclude<Severity, 'off'>, vscode.DiagnosticSeverity>> = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  info: vscode.DiagnosticSeverity.Information,
  hint: vscode.DiagnosticSeverity.Hint,
};

interface Placed {
  readonly finding: TextFinding;
  readonly toDocument: (offset: number) => number;
}

export function present(document: vscode.TextDocument, findings: readonly Placed[], presentation: Presentation): Shown[] {
  const wanted = findings.flatMap((placed) => {
    const rule = ruleOf(placed.finding.code);
    const severity = rule && severityOf(rule, presentation.severities);
    return rule === undefined || severity === undefined || presentation.leaves({ alsoIn: placed.finding.alsoIn ?? rule.alsoIn }) ? [] : [{ placed, rule, level: levels[severity], start: placed.toDocument(placed.finding.range.start) }];
  });
  // The gravest first: what does not find room is least missed.
  wanted.sort((one, other) => one.level - other.level || one.start - other.start);
  return wanted.slice(0, mostShown).map(({ placed, rule, level }) => shownOf(document, placed, rule, level, presentation));
}

function shownOf(document: vscode.TextDocument, { finding, toDocument }: Placed, rule: Rule, level: vscode.DiagnosticSeverity, { pageUri }: Presentation): Shown {
  const at = (offset: number): vscode.Position => document.positionAt(toDocument(offset));
  const diagnostic = new vscode.Diagnostic(new vscode.Range(at(finding.range.start), at(finding.range.end)), visible(rule.message(finding.facts)), level);
  diagnostic.source = 'Opsbook';
  diagnostic.code = { value: rule.code, target: pageUri(rule) };
  return { diagnostic, rule, fixes: finding.fixes, statementStart: toDocument(finding.statementStart), toDocument };
}

/** `undefined` where the rule is switched off; a word that is none of ours counts as not set. */
function severityOf(rule: Rule, severities: Presentation['severities']): keyof typeof levels | undefined {
  const wanted = severities[rule.code];
  if (wanted === 'off') {
    return undefined;
  }
  return wanted === 'hint' || wanted === 'info' || wanted === 'warning' || wanted === 'error' ? wanted : rule.severity;
}
