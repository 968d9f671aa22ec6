/** What is loaded with the first finding: the rules with their words. */
export { present } from './diagnostics.ts';
export { quickFixesFor } from './quickFixes.ts';
export { createRulePages } from './rulePages.ts';
