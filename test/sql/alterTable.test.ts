/** What the rules say of ALTER TABLE and of rebuilding, held against what a real server does: it reads rows, writes them anew, builds an index, locks. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { Client } from 'pg';
import { SqlText } from '../../src/core/sql/lint/analysis.ts';
import { rules } from '../../src/core/sql/lint/ruleTable.ts';
import { startPostgres } from '../sandbox/postgres.ts';
import type { PostgresEngine } from '../sandbox/types.ts';
import { grammar } from './server.ts';

const schema = `
  create table b (id int primary key, name text);
  create table t (id int primary key, x int, y int not null, name varchar(10), at timestamp, state text constraint state_is_there check (state is not null));
  create unique index made_before on t (x);
  create table p (id int, x int) partition by range (id);
  create table p1 partition of p for values from (0) to (9);
  create materialized view seen as select 1 as a;
  create unique index on seen (a);
  insert into b values (1, 'b');
  insert into t values (1, 1, 1, 'a', now(), 'open');
  insert into p values (1, 1);
`;

/** What a server does at DEBUG1 (`tablecmds.c`, `index.c`), by the code of the rule that says so. */
const deeds: readonly (readonly [RegExp, string])[] = [
  [/^rewriting table/, 'rewrites'],
  [/^verifying table|^validating foreign key constraint/, 'OB210'],
  [/^building index/, 'OB211'],
];

const statements: readonly string[] = [
  'alter table t add constraint c foreign key (x) references b (id)',
  'alter table t add foreign key (x) references b',
  'alter table only t add constraint c foreign key (x) references b (id) deferrable initially deferred',
  'alter table t add constraint c foreign key (x) references b (id) not valid',
  'alter table t add constraint c foreign key (x) references b (id) on delete cascade not valid',
  'alter table t add constraint c check (x > 0)',
  'alter table t add constraint c check (x > 0) no inherit',
  'alter table t add constraint c check (x > 0) not valid',
  'alter table t alter column x set not null',
  // A check says so already.
  'alter table t alter column state set not null',
  'alter table t add constraint c check (x is not null) not valid; alter table t validate constraint c; alter table t alter x set not null',
  'alter table t add constraint c unique (x, y)',
  'alter table t add unique (x)',
  'alter table t add constraint c unique using index made_before',
  'alter table t drop constraint t_pkey, add primary key (y)',
  'alter table t add constraint c exclude using btree (x with =)',
  'alter table t add column z int',
  'alter table t add column z int references b (id)',
  'alter table t add column z int default 1 references b (id)',
  'alter table t add column z int check (z > 0)',
  'alter table t add column z int unique',
  'alter table t add column z int not null default 1',
  'alter table t add column z int not null default 1 check (z > 0)',
  'alter table t drop column x',
  'alter table t alter column x drop not null, alter column x set default 1',
  'alter table t rename column x to z',
  'alter table p add constraint c check (x > 0)',
  'alter table p add constraint c foreign key (x) references b (id)',
  'alter table p add primary key (id)',
  'create table n (id int primary key, x int references b (id) check (x > 0)); alter table n add constraint c check (x < 9), alter column x set not null, add unique (x)',
  'create table n as select * from t; alter table n add primary key (id)',
];

describe('ALTER TABLE, as a server does it', function () {
  this.timeout(60_000);
  let engine: PostgresEngine;
  let client: Client;
  const told: string[] = [];

  before(async () => {
    engine = await startPostgres({ sql: [schema] });
    client = new Client({ connectionString: engine.adminUrl, ssl: { ca: await readFile(engine.caPath, 'utf8') } });
    client.on('notice', ({ message }) => message !== undefined && told.push(message));
    await client.connect();
    await client.query('set client_min_messages to debug1');
  });
  after(async () => {
    await client?.end();
    await engine?.stop();
    await grammar.close();
  });

  /** What was there before the statement: tables whose rows are used. */
  async function whatIsDone(sql: string): Promise<Set<string>> {
    await client.query('begin');
    try {
      told.length = 0;
      await client.query(sql);
      return new Set(told.flatMap((message) => deeds.find(([pattern]) => pattern.test(message))?.[1] ?? []));
    } finally {
      await client.query('rollback');
    }
  }

  for (const sql of statements) {
    it(sql, async () => {
      const text = new SqlText({ grammar, rules });
      text.update(sql);
      const before = new SqlText({ grammar, rules: [] });
      before.update(schema);
      const signal = AbortSignal.timeout(20_000);
      const found = await text.findings({ role: 'migration', exposedSchemas: ['public'], before: [await before.effects(signal)], after: [], names: { kind: 'none' } }, signal);
      const said = new Set(found.flatMap(({ code }) => (code === 'OB202' || code === 'OB204' ? ['rewrites'] : code === 'OB210' || code === 'OB211' ? [code] : [])));
      const done = await whatIsDone(sql);
      // The columns of a primary key are looked at for nulls before its index is built.
      if (sql.endsWith('add primary key (id)')) {
        done.delete('OB210');
      }
      // A table that the statement's own text made is nobody's yet; validating by itself keeps nobody waiting.
      const expected = sql.startsWith('create table n') || sql.includes('validate constraint') ? new Set() : done;
      assert.deepEqual([...said].sort(), [...expected].sort());
    });
  }

  for (const [sql, locked] of [
    ['refresh materialized view seen', true],
    ['refresh materialized view concurrently seen', false],
    ['reindex table t', true],
    ['cluster t using t_pkey', true],
  ] as const) {
    it(`${sql}: keeps writers out or not, as it is said`, async () => {
      await client.query('begin');
      try {
        await client.query(sql);
        const { rows } = await client.query("select from pg_locks where pid = pg_backend_pid() and granted and relation in ('t'::regclass, 'seen'::regclass) and mode in ('AccessExclusiveLock', 'ShareLock')");
        assert.equal(rows.length > 0, locked);
      } finally {
        await client.query('rollback');
      }
      const text = new SqlText({ grammar, rules });
      text.update(sql);
      const signal = AbortSignal.timeout(20_000);
      const found = await text.findings({ role: 'migration', exposedSchemas: ['public'], before: [], after: [], names: { kind: 'none' } }, signal);
      assert.equal(found.some(({ code }) => code === 'OB214'), locked);
    });
  }

  it('is told by the server at all', async () => {
    assert.deepEqual([...(await whatIsDone('alter table t add foreign key (x) references b'))], ['OB210']);
  });
});
