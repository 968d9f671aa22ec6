/** Names in functions: what is marked is refused by the server when the function is made, and what is not is accepted. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { createPostgresDatabase } from '../../src/adapters/postgres/database.ts';
import { systemClock } from '../../src/adapters/systemClock.ts';
import type { Database } from '../../src/core/ports.ts';
import { readCatalogRows } from '../../src/core/sql/catalog.ts';
import { Analyst } from '../../src/core/sql/lint/analyst.ts';
import { rules } from '../../src/core/sql/lint/ruleTable.ts';
import { startPostgres } from '../sandbox/postgres.ts';
import type { PostgresEngine } from '../sandbox/types.ts';
import { accepted, refused, schema } from '../unit/core/sql/bodies/nameCases.ts';
import { marked } from '../unit/core/sql/lint/cases.ts';
import { byUser, grammar, silent } from './server.ts';

/** Of names: no such table, column, function, qualifier. */
const ofNames: readonly string[] = ['42P01', '42703', '42883'];

describe('names in functions, beside the server', () => {
  let engine: PostgresEngine;
  let client: pg.Client;
  let database: Database & { close(): Promise<void> };

  before(async function () {
    this.timeout(60_000);
    engine = await startPostgres();
    const ca = await readFile(engine.caPath, 'utf8');
    const admin = new pg.Client({ connectionString: engine.adminUrl, ssl: { ca } });
    await admin.connect();
    await admin.query('create database bodies');
    await admin.end();
    const url = engine.adminUrl.replace(/\/postgres$/, '/bodies');
    client = new pg.Client({ connectionString: url, ssl: { ca } });
    await client.connect();
    await client.query(schema);
    database = createPostgresDatabase({ connection: url, ssl: { ca }, log: silent, clock: systemClock });
  });
  after(async () => {
    await client.end();
    await database.close();
    await engine.stop();
    await grammar.close();
  });

  async function names(sql: string): Promise<string> {
    const analyst = new Analyst({ grammar, rules });
    analyst.setCatalog('db', await readCatalogRows(database, byUser()));
    const [found = []] = await analyst.analyze({ document: 'a', pieces: [{ text: sql, openings: [], manual: false }], role: 'script', exposedSchemas: [], catalog: 'db' }, byUser().signal);
    return marked(sql, found.filter(({ code }) => code.startsWith('OB3')));
  }

  /** SQLSTATE of what the server says; nothing stays. */
  async function run(sql: string): Promise<string> {
    try {
      await client.query(`begin; ${sql}; rollback`);
      return 'accepted';
    } catch (error) {
      await client.query('rollback');
      return (error as { code?: string }).code ?? String(error);
    } finally {
      await client.query('discard all');
    }
  }

  for (const sql of refused) {
    it(`both refuse: ${sql}`, async () => {
      const text = sql.replace(/[«»]/g, '');
      assert.equal(await names(text), sql);
      const answer = await run(text);
      assert.ok(ofNames.includes(answer), answer);
    });
  }

  for (const sql of accepted) {
    it(`both accept: ${sql}`, async () => {
      assert.equal(await names(sql), sql);
      assert.equal(await run(sql), 'accepted');
    });
  }
});
