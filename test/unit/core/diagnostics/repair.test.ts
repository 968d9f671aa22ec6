import assert from 'node:assert/strict';
import { loadMarkdownGrammar } from '../../../../src/adapters/text/markdown.ts';
import { repairsOf, repairSql } from '../../../../src/core/diagnostics/repair.ts';
import { splitStatements } from '../../../../src/core/sql/split.ts';
import { parseDocument } from '../../../../src/core/runbook/parseDocument.ts';
import type { Row } from '../../../../src/core/sql/result.ts';

const fence = (options: string, text: string) => `\`\`\`sql ${options}\n${text}\n\`\`\`\n\n`;

async function sectionWith(...fences: string[]) {
  const section = parseDocument('file:///d.md', `# D\n\n${fences.join('')}`, await loadMarkdownGrammar()).sections.at(-1);
  assert.ok(section);
  return section;
}

async function repaired(templates: readonly string[], rows: readonly Row[], head: readonly string[] = ['found']): Promise<string | undefined> {
  const section = await sectionWith(fence('warn="rows > 0"', 'select 1'), ...templates.map((template, index) => fence(`repair title="way ${index + 1}"`, template)));
  const [diagnostic] = section.steps;
  assert.ok(diagnostic);
  const columns = ['a', 'b'].map((name) => ({ name, type: 'text', category: 'text' as const }));
  return repairSql({ repairs: repairsOf(section, diagnostic), result: { columns, rows }, broken: [...rows.keys()], head });
}

/** The statements alone. */
const statements = (sql: string | undefined) => splitStatements(sql ?? '').map(({ text }) => `${text.replaceAll(/^--.*\n/gm, '').trim()};`);

describe('a repair', () => {
  it('is a fence behind its diagnostic, up to the next one', async () => {
    const section = await sectionWith(fence('warn="rows > 0" title=one', 'select 1'), fence('title=else', 'select 5'), fence('repair title=mend', 'select 2'), fence('warn="rows > 0" title=two', 'select 3'), fence('repair title=other', 'select 4'));
    const [one, , , two] = section.steps;
    assert.ok(one && two);
    assert.deepEqual([one, two].map((step) => repairsOf(section, step).map(({ title }) => title)), [['mend'], ['other']]);
  });

  it('quotes names and values as they stand in the template', async () => {
    assert.deepEqual(statements(await repaired([`alter table "{{a}}" set (x = '{{b}}');`], [['we"ird', "it's"]])), [`alter table "we""ird" set (x = 'it''s');`]);
    assert.deepEqual(statements(await repaired([`select '{{b}}';`], [['', "\\' or 1=1; --"]])), [`select E'\\\\'' or 1=1; --';`]);
  });

  it('puts in without quotes only what cannot end the statement or hide the next', async () => {
    for (const harmless of ['77', 'a integer, b text[]', '"odd; --name", other', '"a""b"', '', 'VARIADIC x numeric(10,2)']) {
      assert.deepEqual(statements(await repaired(['drop function f({{a}});'], [[harmless, '']])), [`drop function f(${harmless});`]);
    }
    for (const harmful of ['1); drop table x; --', 'a /* b', '$$', "'", '"open', 'a\nb', '"a\u202eb"']) {
      assert.equal(await repaired(['drop function f({{a}});'], [[harmful, '']]), undefined, harmful);
    }
  });

  it('leaves out a row that lacks what it needs, and writes the same statement once', async () => {
    assert.deepEqual(statements(await repaired(['select {{a}};'], [['1', 'x'], [null, 'y'], ['1', 'z'], ['2', '']])), ['select 1;', 'select 2;']);
    assert.equal(await repaired(['select {{missing}};'], [['1', 'x']]), undefined);
  });

  it('tries the gentle way first', async () => {
    assert.equal(await repaired(['select 1{{a}};', 'select 2{{a}};'], [['7', '']]), '-- found\n-- Nothing of this has been run. Read each statement, and run those that you want.\n\n-- 1. way 1\nselect 17;\n\n-- 2. way 2\nselect 27;\n');
  });

  it('lets outside text end no comment', async () => {
    assert.deepEqual(statements(await repaired(['select {{a}};'], [['1', '']], ['x\ndrop table y;', 'z\u2028drop table y;', 'w\rdrop table y;'])), ['select 1;']);
  });

  it('is for fifty rows at most, and says so', async () => {
    const sql = await repaired(['select {{a}};'], Array.from({ length: 70 }, (_, index) => [String(index), '']));
    assert.equal(statements(sql).length, 50);
    assert.match(sql ?? '', /^-- The first 50 of 70 rows\.$/m);
  });

  it('that knows no backtracking answers at once', async () => {
    assert.equal(await repaired(['select {{a}};'], [[`${'"'.repeat(50_001)}!`, '']]), undefined);
  });
});
