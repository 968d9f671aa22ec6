import assert from 'node:assert/strict';
import { Analyst } from '../../../../../src/core/sql/lint/analyst.ts';
import { rules } from '../../../../../src/core/sql/lint/ruleTable.ts';
import { applied, findingsIn, grammar, marked } from '../lint/cases.ts';
import { catalogOf, rowsOf } from '../names/catalogs.ts';
import { accepted, refused } from './nameCases.ts';

const { signal } = new AbortController();

const catalog = catalogOf(
  ['public.notes(id, owner, title, done)', 'private.keys(id, secret)'],
  ['public.twice', ...['count', 'now', 'sum', 'set_config', 'unnest'].map((name) => `pg_catalog.${name}`)],
);

async function namesIn(sql: string) {
  const analyst = new Analyst({ grammar, rules });
  analyst.setCatalog('db 1', rowsOf(catalog));
  const [found = []] = await analyst.analyze({ document: 'a', pieces: [{ text: sql, openings: [], manual: false }], role: 'script', exposedSchemas: [], catalog: 'db 1' }, signal);
  return found.filter(({ code }) => code.startsWith('OB3'));
}

describe('names in functions in SQL', () => {
  for (const sql of refused) {
    it(`finds: ${sql}`, async () => {
      const text = sql.replace(/[«»]/g, '');
      assert.equal(marked(text, await namesIn(text)), sql);
    });
  }
  for (const sql of accepted) {
    it(`is silent: ${sql}`, async () => assert.equal(marked(sql, await namesIn(sql)), sql));
  }

  it('are mended where they stand, by their schema where the function has a path of its own', async () => {
    const fixed = async (sql: string): Promise<string> => applied(sql, (await namesIn(sql))[0]?.fixes[0]?.edits ?? []);
    assert.equal(await fixed("create function f() returns text language sql set search_path = '' as $$ select title from notes $$"), "create function f() returns text language sql set search_path = '' as $$ select title from public.notes $$");
    assert.equal(await fixed("create function f() returns int language sql set search_path = '' as $$ select twice(1) $$"), "create function f() returns int language sql set search_path = '' as $$ select public.twice(1) $$");
    assert.equal(await fixed("create function f() returns text language sql as 'select ''é'', titel from notes'"), "create function f() returns text language sql as 'select ''é'', title from notes'");
    const made = "create table made (a int); create function f() returns int language sql set search_path = '' as $$ select a from made $$";
    assert.equal(await fixed(made), made.replace('from made', 'from public.made'));
  });

  it('are looked up again when what they name changes', async () => {
    const f = ' create function f() returns int language sql as $$ select a from made $$;';
    assert.equal(marked(f, await namesIn(f)), f.replace('made', '«made»'));
    for (const before of ['create table made (a int);', "do $$ begin execute 'x'; end $$;"]) {
      assert.deepEqual((await namesIn(before + f)).map(({ code }) => code).filter((code) => code !== 'OB310'), [], before);
    }
  });

  it('of system views are known without a database', async () => {
    const found = async (sql: string): Promise<string> => marked(sql, (await findingsIn(sql)).filter(({ code }) => code === 'OB301'));
    assert.equal(await found('create function f() returns name language sql as $$ select tablename from pg_stat_user_tables $$;'), 'create function f() returns name language sql as $$ select «tablename» from pg_stat_user_tables $$;');
    for (const sql of [
      'create function f() returns void language plpgsql as $$ begin insert into log select «tablename» from pg_stat_user_tables; end $$;',
      'create function f() returns setof float language plpgsql as $$ begin return query select s.«total_time» from pg_stat_statements s; end $$;',
      'do $$ declare n int; begin select «tablename» into n from pg_stat_user_tables; end $$;',
    ]) {
      assert.equal(await found(sql.replace(/[«»]/g, '')), sql);
    }
    for (const sql of [
      'create function f(total_time int) returns setof int language plpgsql as $$ begin return query select total_time from pg_stat_statements; end $$;',
      'do $$ declare tablename name; begin declare jobname text; begin update t set a = (select tablename from pg_stat_user_tables limit 1), b = (select jobname from cron.job_run_details); end; end $$;',
      'do $$ begin delete from t where x in (select tablename from pg_stat_user_tables); end $$;',
      'do $$ declare total_time record; begin perform 1; with x as (select total_time.y from pg_stat_statements) select 1 into z from x; end $$;',
      "do $$ begin for tablename in select 'x' loop insert into t select tablename from pg_stat_user_tables; end loop; end $$;",
      'do $$ begin for tablename in 1..2 loop insert into t select tablename from pg_stat_user_tables; end loop; end $$;',
      'create function f(tablename name) returns name language sql as $$ select relname from pg_stat_user_tables where relname = tablename $$;',
      'create function f() returns name language plpgsql as $$ declare tablename name; begin return (select tablename from pg_stat_user_tables limit 1); end $$;',
      'create function f() returns name language sql as $$ select anything from nowhere $$;',
    ]) {
      assert.equal(await found(sql), sql);
    }
  });
});
