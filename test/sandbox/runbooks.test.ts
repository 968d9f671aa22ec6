import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadMarkdownGrammar } from '../../src/adapters/text/markdown.ts';
import { loadShellGrammar } from '../../src/adapters/text/shell.ts';
import { diagnosticsOf } from '../../src/core/diagnostics/diagnostic.ts';
import type { Diagnostic } from '../../src/core/diagnostics/diagnostic.ts';
import { judge } from '../../src/core/diagnostics/judge.ts';
import { isLimitProblem } from '../../src/core/diagnostics/limit.ts';
import type { Verdict } from '../../src/core/diagnostics/verdict.ts';
import { fill } from '../../src/core/runbook/fill.ts';
import { interpret } from '../../src/core/runbook/interpret.ts';
import type { Instruction } from '../../src/core/runbook/operation.ts';
import { parseDocument } from '../../src/core/runbook/parseDocument.ts';
import { statementKindOf } from '../../src/core/runbook/sqlMeaning.ts';
import type { ResultSet } from '../../src/core/sql/result.ts';
import { splitStatements } from '../../src/core/sql/split.ts';
import { skipFor } from '../world/skip.ts';
import { startPostgres } from './postgres.ts';
import { createScenario } from './scenario/scenario.ts';
import type { PostgresEngine } from './types.ts';

const seeds = path.resolve(import.meta.dirname, '../../../shared/seeds');
const runbooks = path.resolve(import.meta.dirname, '../../runbooks');

/** What the scenario has wrong with it, and what it has not; a measure near its limit is not among them. */
const expected: Readonly<Record<string, Verdict['state']>> = {
  'Connections in use': 'ok',
  'Blocking locks': 'ok',
  'Idle in transaction': 'ok',
  'Failed cron jobs': 'critical',
  'Failed requests of pg_net': 'critical',
  'Age of transaction ids': 'ok',
  'Sequences near their end': 'warn',
  'Slow queries': 'warn',
  'Tables without row-level security': 'critical',
  'Policies that let everybody write': 'warn',
  'Security definer functions without search_path': 'warn',
  'Views that pass by row-level security': 'warn',
  'Sequential scans': 'warn',
  'Foreign keys without an index': 'warn',
  'Unused indexes': 'ok',
  'Duplicate indexes': 'warn',
  'Dead rows': 'warn',
  Connections: 'ok',
  'Scheduled jobs': 'warn',
};

for (const major of [17, 15] as const) {
  describe(`bundled diagnostics on Postgres ${major}`, () => {
    let folder: string;
    let engine: PostgresEngine;
    let diagnostics: readonly Diagnostic[];

    before(async () => {
      folder = await mkdtemp(path.join(tmpdir(), 'opsbook-runbooks-'));
      const scenario = await createScenario(path.join(folder, 'acme'));
      [engine, diagnostics] = await Promise.all([startPostgres({ major, sql: scenario.sql }), readDiagnostics()]);
    });

    after(async () => {
      await engine.stop();
      await rm(folder, { recursive: true, force: true });
    });

    it('find what is wrong in the scenario, over both ways', async () => {
      for (const readOnly of [true, false]) {
        const verdicts = new Map<string, Verdict>();
        for (const { title, step, limits } of diagnostics) {
          const answer = await engine.query(step.text, { readOnly });
          assert.ok('rows' in answer, `${title}: ${JSON.stringify(answer)}`);
          verdicts.set(title, judge(resultOf(answer.rows), limits));
        }
        assert.ok(verdicts.size >= 20);
        assert.deepEqual(Object.fromEntries(Object.keys(expected).map((title) => [title, verdicts.get(title)?.state])), expected);
      }
    });

    it('the queries of the five manuals run as they are meant', async function () {
      if (!existsSync(seeds)) {
        skipFor(this, 'needs ../shared');
      }
      const queries = (await readManuals()).filter(({ operation }) => operation.kind === 'sql' && ['read', 'export'].includes(operation.statementKind));
      assert.equal(queries.length, 19);
      for (const instruction of queries) {
        const { operation } = fill(instruction, new Map(instruction.placeholders.map(({ text }) => [text, 'x'])));
        const statement = operation.kind === 'sql' ? operation.statement : '';
        const answer = await engine.query(statement, { readOnly: false });
        assert.ok('rows' in answer, `${statement}: ${JSON.stringify(answer)}`);
      }
    });

    it('say unknown, never ok, where the number is missing', async () => {
      for (const { title, step, limits } of diagnostics) {
        const answer = await engine.query(step.text, { readOnly: true });
        assert.ok('rows' in answer);
        const { columns, rows } = resultOf(answer.rows);
        const judged = columns.filter(({ name }) => [limits.warn, limits.critical].some((limit) => limit !== undefined && 'measure' in limit && limit.measure === name));
        if (judged.length > 0) {
          const blank = rows.map((row) => row.map((cell, index) => (judged.some(({ name }) => name === columns[index]?.name) ? null : cell)));
          assert.equal(judge({ columns, rows: blank }, limits).state, 'unknown', title);
        }
      }
    });
  });
}

describe('bundled diagnostics', () => {
  it('are one statement each, which reads, with limits that say something and words on what to do', async () => {
    for (const { title, step, limits, explanation } of await readDiagnostics()) {
      assert.equal(splitStatements(step.text).length, 1, title);
      assert.equal(statementKindOf(step.text), 'read', title);
      const said = [limits.warn, limits.critical].filter((limit) => limit !== undefined);
      assert.ok(said.length > 0 && said.every((limit) => !isLimitProblem(limit)), title);
      assert.match(explanation, /What next\.|Next:/, title);
      assert.equal(step.options.title, title);
    }
  });

  it('have titles of their own', async () => {
    const titles = (await readDiagnostics()).map(({ title }) => title);
    assert.deepEqual([...new Set(titles)], titles);
  });
});

async function readManuals(): Promise<Instruction[]> {
  const [markdown, shell] = await Promise.all([loadMarkdownGrammar(), loadShellGrammar()]);
  const texts = await Promise.all((await readdir(seeds)).map((file) => readFile(path.join(seeds, file), 'utf8')));
  const steps = texts.flatMap((text) => parseDocument('file:///manual.md', text, markdown).sections.flatMap((section) => section.steps));
  return steps.flatMap((step) => interpret(step, { shell }));
}

/** As the API's query endpoint gives it: no types, numbers and text. */
function resultOf(answer: readonly Record<string, unknown>[]): Pick<ResultSet, 'columns' | 'rows'> {
  const columns = Object.keys(answer[0] ?? {}).map((name) => ({ name, type: 'unknown', category: 'text' as const }));
  return { columns, rows: answer.map((row) => Object.values(row).map((cell) => (cell === null ? null : String(cell)))) };
}

async function readDiagnostics(): Promise<Diagnostic[]> {
  const markdown = await loadMarkdownGrammar();
  const files = (await readdir(runbooks, { recursive: true })).filter((file) => file.endsWith('.md')).sort();
  const documents = await Promise.all(files.map(async (file) => parseDocument(`file:///${file}`, await readFile(path.join(runbooks, file), 'utf8'), markdown)));
  return documents.flatMap((document) => [...diagnosticsOf(document).values()].flat());
}
