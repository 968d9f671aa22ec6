/** Tables of cases for the rules: SQL in which `«…»` marks what a rule must find. */
import assert from 'node:assert/strict';
import { createSqlGrammar } from '../../../../../src/adapters/sql/grammar.ts';
import type { PlacedEffect } from '../../../../../src/core/sql/effects/effect.ts';
import { SqlText, type Surroundings, type TextFinding } from '../../../../../src/core/sql/lint/analysis.ts';
import type { Edit, Finding } from '../../../../../src/core/sql/lint/finding.ts';
import type { Rule, TextRole } from '../../../../../src/core/sql/lint/rule.ts';
import { rules, ruleOf } from '../../../../../src/core/sql/lint/ruleTable.ts';

export const grammar = createSqlGrammar({ workerPath: '' });
const { signal } = new AbortController();

export interface Setting {
  readonly role?: TextRole;
  readonly exposedSchemas?: readonly string[];
  /** Files of the set that come before and after. */
  readonly before?: readonly string[];
  readonly after?: readonly string[];
}

export async function effectsIn(sql: string): Promise<readonly PlacedEffect[]> {
  const text = new SqlText({ grammar, rules: [] });
  text.update(sql);
  return text.effects(signal);
}

export async function surroundings({ role = 'migration', exposedSchemas = ['public'], before = [], after = [] }: Setting): Promise<Surroundings> {
  return { role, exposedSchemas, before: await Promise.all(before.map(effectsIn)), after: await Promise.all(after.map(effectsIn)), names: { kind: 'none' } };
}

export async function findingsIn(sql: string, setting: Setting = {}): Promise<TextFinding[]> {
  const text = new SqlText({ grammar, rules });
  text.update(sql);
  return (await text.findings(await surroundings(setting), signal)).sort((one, other) => one.range.start - other.range.start);
}

/** The text with a sign around each finding. */
export function marked(sql: string, findings: readonly Finding[]): string {
  return [...findings].sort((one, other) => other.range.start - one.range.start).reduce((text, { range: { start, end } }) => `${text.slice(0, start)}«${text.slice(start, end)}»${text.slice(end)}`, sql);
}

export function applied(sql: string, edits: readonly Edit[]): string {
  return [...edits].sort((one, other) => other.range.start - one.range.start).reduce((text, { range, text: inserted }) => text.slice(0, range.start) + inserted + text.slice(range.end), sql);
}

export interface Case extends Setting {
  readonly sql: string;
  /** The text after the first fix of the first finding. */
  readonly fixed?: string;
}

/** `fires`: each must be found exactly where it is marked. `silent`: nothing of the rule is found. */
export function describeRule(rule: Rule, { fires, silent }: { readonly fires: readonly (string | Case)[]; readonly silent: readonly (string | Case)[] }): void {
  const asCase = (each: string | Case): Case => (typeof each === 'string' ? { sql: each } : each);
  const own = async (each: Case, sql: string): Promise<Finding[]> => (await findingsIn(sql, each)).filter(({ code }) => code === rule.code);
  const titleOf = (each: Case): string => each.sql.replace(/\s+/g, ' ').slice(0, 110);
  describe(`${rule.code} ${rule.name}`, () => {
    for (const each of fires.map(asCase)) {
      it(`finds: ${titleOf(each)}`, async () => {
        const sql = each.sql.replace(/[«»]/g, '');
        const findings = await own(each, sql);
        assert.equal(marked(sql, findings), each.sql);
        const words = findings.map((finding) => rule.message(finding.facts));
        assert.ok(words.every((text) => text !== '' && !text.includes('undefined') && !/\{\d\}/.test(text)), words.join('\n'));
        if (each.fixed !== undefined) {
          await checkFix(rule, each, sql, findings);
        }
      });
    }
    for (const each of silent.map(asCase)) {
      it(`is silent: ${titleOf(each)}`, async () => {
        const findings = await findingsIn(each.sql, each);
        assert.deepEqual(findings.filter(({ code }) => code === rule.code || code === 'OB001').map(({ code, range }) => [code, each.sql.slice(range.start, range.end)]), []);
      });
    }
  });
}

/** A fix leaves SQL that parses, and nothing of the rule at its place. */
async function checkFix(rule: Rule, each: Case, sql: string, [finding]: readonly Finding[]): Promise<void> {
  const fix = finding?.fixes[0];
  assert.ok(fix !== undefined && rule.fixTitle !== undefined && rule.fixTitle(fix.facts) !== '');
  const fixed = applied(sql, fix.edits);
  assert.equal(fixed, each.fixed);
  const left = await findingsIn(fixed, each);
  assert.deepEqual(left.filter(({ code }) => code === 'OB001'), []);
  assert.ok(left.filter(({ code }) => code === rule.code).length < (await findingsIn(sql, each)).filter(({ code }) => code === rule.code).length, 'the fix mends nothing');
}

export function rule(code: string): Rule {
  const found = ruleOf(code);
  assert.ok(found, code);
  return found;
}
