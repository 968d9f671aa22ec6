import assert from 'node:assert/strict';
import { readCatalogRows } from '../../src/core/sql/catalog.ts';
import { Analyst } from '../../src/core/sql/lint/analyst.ts';
import type { AnalysisRequest } from '../../src/core/sql/lint/request.ts';
import { rules } from '../../src/core/sql/lint/ruleTable.ts';
import { askAbout, type Answers } from '../../src/core/sql/prepared/serverQuestions.ts';
import { marked } from '../unit/core/sql/lint/cases.ts';
import { createPostgresDatabase } from '../../src/adapters/postgres/database.ts';
import { systemClock } from '../../src/adapters/systemClock.ts';
import { byUser, grammar, silent, startServer, type Server } from './server.ts';

describe('statements that the server prepares while they are written', () => {
  let server: Server;
  let analyst: Analyst;
  before(async function () {
    this.timeout(60_000);
    server = await startServer({
      sql: [
        `create type public.mood as enum ('fine', 'bad');
         create table public.people (id bigint primary key, born date, mood public.mood, "größe" numeric, data jsonb);
         create schema hidden; create table hidden.things (id int); create role stranger login password 's3cret';
         create function public.greet(name text) returns text language sql as 'select name';
         create sequence public.counted;
         alter table public.people owner to postgres; alter sequence public.counted owner to postgres;`,
      ],
    });
    analyst = new Analyst({ grammar, rules });
    analyst.setCatalog('db', await readCatalogRows(server.direct, byUser()));
  });
  after(() => server.stop());

  const request = (sql: string): AnalysisRequest => ({ document: 'a', pieces: [{ text: sql, openings: [], manual: false }], role: 'script', exposedSchemas: [], catalog: 'db' });

  async function asked(sql: string): Promise<Answers> {
    const { statements } = await analyst.preparable(request(sql), { most: 100 }, byUser().signal);
    return askAbout(statements, { database: server.direct, catalog: 'db', analyst }, byUser());
  }

  async function checked(sql: string): Promise<string> {
    await asked(sql);
    const [found = []] = await analyst.analyze(request(sql), byUser().signal);
    return marked(sql, found.filter(({ code }) => code.startsWith('OB3') || code.startsWith('OB4')));
  }

  const cases = [
    // Types.
    'select * from people where id «=» born',
    "select «greet»(1, 2)",
    "select * from people where mood = «'fin'»",
    "select * from people where id = «'x'»; select * from people where id = '7'",
    "insert into people (id, born) values (1, «true»)",
    "update people set data = «1»",
    "select '😀', \"größe\" «||» 1 from people",
    'select «mood», count(*) from people group by id + 1',
    'select «mood», count(*) from people group by born',
    'select mood, count(*) from people group by id',
    // Names that the catalog has found already are said once.
    'select * from «nobody»',
    'select «bron» from people',
    'select «nothing»(1) from people',
    // What is bound as a parameter.
    'select * from people where id = :id and born > {{since}} and mood = <mood>',
    'select :a + :b',
    // With a value of its own type it may be right: nothing is said of types.
    'select * from people where id = born and mood = :mood',
    'select * from people where «no» = :mood',
    'select * from people where id = $1 and born «=» id',
    // What an earlier statement makes.
    'create table visits (person bigint, at date); select * from visits where at = person; select * from people where id «=» born',
    "alter type mood add value 'new'; select 'new'::mood",
    'alter table people alter column born type bigint; select * from people where id = born',
    // Of these the server checks the syntax alone.
    "create function f() returns int language plpgsql as $$ begin return nobody(); end $$; create policy p on people using (id = born)",
    'explain select * from people where id «=» born',
  ];
  for (const expected of cases) {
    it(expected, async () => assert.equal(await checked(expected.replace(/[«»]/g, '')), expected));
  }

  it('are not run, and leave the connection as it was', async () => {
    assert.deepEqual(await asked("insert into people (id) values (nextval('counted')); delete from people where id = 1; select nextval('counted'), pg_notify('a', 'b')"), { accepted: 3, refused: 0, unsaid: 0, unknown: 0 });
    assert.deepEqual(await server.look('select is_called, (select count(*)::int from people) as people from counted'), [{ is_called: false, people: 0 }]);
    for (const session of await server.look("select state, xact_start from pg_stat_activity where application_name = 'opsbook'")) {
      assert.deepEqual(session, { state: 'idle', xact_start: null });
    }
  });

  it('are not marked while somebody holds a lock, and hold none afterwards', async () => {
    const holder = await server.direct.begin(60_000, byUser());
    for await (const event of holder.run({ text: 'lock table public.people in access exclusive mode', values: [], mode: 'write', rowLimit: 1, timeoutMs: 5000, background: false }, byUser())) {
      assert.notEqual(event.kind, 'notice');
    }
    const sql = 'select * from people where born = id';
    assert.deepEqual(await asked(sql), { accepted: 0, refused: 0, unsaid: 0, unknown: 1 });
    const [found = []] = await analyst.analyze(request(sql), byUser().signal);
    assert.deepEqual(found, []);
    await holder.rollBack();
    assert.deepEqual(await asked(sql), { accepted: 0, refused: 1, unsaid: 0, unknown: 0 });
    assert.deepEqual(await server.look("select l.mode from pg_locks l join pg_class c on c.oid = l.relation where c.relname = 'people'"), []);
  });

  it('say it is a right that is missing', async () => {
    const database = createPostgresDatabase({ connection: server.engine.url.replace(/\/\/[^@]*@/, '//stranger:s3cret@'), ssl: { ca: server.ca }, log: silent, clock: systemClock });
    const sql = 'select * from hidden.things';
    const { statements } = await analyst.preparable(request(sql), { most: 1 }, byUser().signal);
    await askAbout(statements, { database, catalog: 'db', analyst }, byUser());
    await database.close();
    const [found = []] = await analyst.analyze(request(sql), byUser().signal);
    assert.deepEqual(found.map(({ code, facts }) => [code, facts['message']]), [['OB402', 'permission denied for schema hidden']]);
  });
});
