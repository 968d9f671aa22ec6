import type * as vscode from 'vscode';
import type { Rule } from '../../core/sql/lint/rule.ts';
import { rulePage } from '../../core/sql/lint/ruleTable.ts';
import type { Documents } from '../../host/documents.ts';

/** Each rule's page as a read-only document, made when it is first pointed to. */
export function createRulePages(documents: Documents): (rule: Rule) => vscode.Uri {
  const known = new Map<string, vscode.Uri>();
  return (rule) => {
    const uri = known.get(rule.code) ?? documents.hold(`rules/${rule.code}-${rule.name}.md`, rulePage(rule));
    known.set(rule.code, uri);
    return uri;
  };
}
