/** No false alarms: of scripts that others wrote, what is marked before they run is refused when they run in order. */
import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { createPostgresDatabase } from '../../src/adapters/postgres/database.ts';
import { systemClock } from '../../src/adapters/systemClock.ts';
import { readCatalogRows } from '../../src/core/sql/catalog.ts';
import { Analyst } from '../../src/core/sql/lint/analyst.ts';
import type { AnalysisRequest } from '../../src/core/sql/lint/request.ts';
import type { TextFinding } from '../../src/core/sql/lint/analysis.ts';
import { rules } from '../../src/core/sql/lint/ruleTable.ts';
import { askAbout } from '../../src/core/sql/prepared/serverQuestions.ts';
import { splitStatements } from '../../src/core/sql/split.ts';
import { startPostgres } from '../sandbox/postgres.ts';
import type { PostgresEngine } from '../sandbox/types.ts';
import { skipFor } from '../world/skip.ts';
import { byUser, grammar, silent } from './server.ts';

/** See `lintCorpus.test.ts`. */
const postgresSource = process.env['OPSBOOK_POSTGRES_SOURCE'];
const scenario = path.resolve(import.meta.dirname, '../sandbox/scenario/workspace');

/** For the regression tests; what is left is told. */
const mostMs = 120_000;

interface Checked {
  /** Statements that the server was asked about. */
  readonly asked: number;
  /** Marked, and refused when they ran. */
  readonly right: number;
  /** Marked, and accepted when they ran. */
  readonly falseAlarms: readonly string[];
}

describe('what the server refuses of scripts before they run', () => {
  let engine: PostgresEngine;
  let ca: string;

  before(async function () {
    this.timeout(60_000);
    engine = await startPostgres();
    ca = await readFile(engine.caPath, 'utf8');
  });
  after(async () => {
    await engine.stop();
    await grammar.close();
  });

  it('is refused when the migrations of the scenario run', async () => {
    const files = (await filesOf(`${scenario}/**/supabase/migrations/*.sql`)).sort((one, other) => (path.basename(one) < path.basename(other) ? -1 : 1));
    const checked = await withDatabase('scenario', [], async (check) => {
      const all: Checked[] = [];
      for (const file of files) {
        all.push(await check(path.basename(file), await readFile(file, 'utf8')));
      }
      return all;
    });
    assert.ok(files.length >= 8);
    assert.deepEqual(checked.flatMap(({ falseAlarms }) => falseAlarms), []);
  }).timeout(60_000);

  it('is refused when Postgres’ own regression tests run', async function () {
    this.timeout(mostMs + 60_000);
    if (postgresSource === undefined) {
      skipFor(this, 'needs OPSBOOK_POSTGRES_SOURCE');
    }
    const files = (await filesOf(`${postgresSource ?? ''}/**/*.sql`)).sort();
    const setUp = files.filter((file) => path.basename(file) === 'test_setup.sql');
    const until = performance.now() + mostMs;
    const all: Checked[] = [];
    for (const file of files) {
      if (performance.now() > until) {
        console.log(`      stopped after ${all.length} files`);
        break;
      }
      const sql = await readFile(file, 'utf8');
      all.push(await withDatabase(`corpus_${all.length}`, await Promise.all(setUp.map(async (each) => readFile(each, 'utf8'))), async (check) => check(path.basename(file), sql)));
    }
    assert.deepEqual(all.flatMap(({ falseAlarms }) => falseAlarms), []);
    assert.ok(all.reduce((sum, { asked }) => sum + asked, 0) > 1000 && all.reduce((sum, { right }) => sum + right, 0) > 100, 'hardly anything was asked about');
  });

  /** A database of its own, in which scripts are looked at and then run. */
  async function withDatabase<T>(name: string, setUp: readonly string[], use: (check: (file: string, sql: string) => Promise<Checked>) => Promise<T>): Promise<T> {
    const admin = await connect(engine.adminUrl);
    await admin.query(`create database ${name}`);
    await admin.end();
    const url = engine.adminUrl.replace(/\/postgres$/, `/${name}`);
    const client = await connect(url);
    const database = createPostgresDatabase({ connection: url, ssl: { ca }, log: silent, clock: systemClock });
    try {
      for (const script of setUp) {
        await runAll(client, script);
      }
      return await use(async (file, sql) => {
        const analyst = new Analyst({ grammar, rules });
        analyst.setCatalog('db', await readCatalogRows(database, byUser()));
        const request: AnalysisRequest = { document: file, pieces: [{ text: sql, openings: [], manual: false }], role: 'script', exposedSchemas: [], catalog: 'db' };
        const { statements } = await analyst.preparable(request, { most: 5000 }, byUser().signal);
        await askAbout(statements, { database, catalog: 'db', analyst }, byUser());
        const [found = []] = await analyst.analyze(request, byUser().signal);
        const accepted = await runAll(client, sql);
        const marked = [...found.filter(({ code }) => code === 'OB401' || code === 'OB402'), ...namesInFunctions(found, sql)];
        const wrong = marked.filter(({ statementStart }) => accepted.has(statementStart));
        return { asked: statements.length, right: marked.length - wrong.length, falseAlarms: wrong.map(({ code, facts, range }) => `${file}: ${code} ${facts['message'] ?? facts['name']} at «${sql.slice(range.start, range.end)}»`) };
      });
    } finally {
      await database.close();
      await client.end().catch(() => {});
    }
  }

  async function connect(connectionString: string): Promise<pg.Client> {
    const client = new pg.Client({ connectionString, ssl: { ca } });
    client.on('error', () => {});
    await client.connect();
    return client;
  }

  /** Where those begin that the server accepted. */
  async function runAll(client: pg.Client, sql: string): Promise<ReadonlySet<number>> {
    const accepted = new Set<number>();
    await client.query("set statement_timeout = '5s'; set lock_timeout = '1s'").catch(() => {});
    for (const { text, range, kind, copyData } of splitStatements(sql)) {
      if (kind === 'sql' && copyData === undefined) {
        await client.query(text).then(
          () => accepted.add(range.start),
          () => {},
        );
      }
    }
    await client.query('rollback').catch(() => {});
    await client.query('reset role; reset session authorization; reset all').catch(() => {});
    return accepted;
  }
});

/** What was marked without the server in the code of functions: they are refused for it. With the beginnings of the statements that make them. */
function namesInFunctions(found: readonly TextFinding[], sql: string): TextFinding[] {
  const functions = splitStatements(sql).filter(({ text }) => /^create\s+(or\s+replace\s+)?(function|procedure)/i.test(text));
  return found
    .filter(({ code }) => namesOfSql.has(code))
    .flatMap((finding) => functions.filter(({ range }) => range.start <= finding.range.start && finding.range.end <= range.end).map(({ range }) => ({ ...finding, statementStart: range.start })));
}

const namesOfSql: ReadonlySet<string> = new Set(['OB302', 'OB303', 'OB304', 'OB305', 'OB306']);

async function filesOf(pattern: string): Promise<string[]> {
  const files: string[] = [];
  for await (const file of glob(pattern)) {
    files.push(file);
  }
  return files;
}
