import assert from 'node:assert/strict';
import { findingsIn, marked, type Setting } from '../lint/cases.ts';

async function all(sql: string, setting: Setting = {}): Promise<string> {
  return marked(sql, await findingsIn(sql, setting));
}

async function marksExactly(cases: readonly string[]): Promise<void> {
  for (const each of cases) {
    assert.equal(await all(each.replace(/[«»]/g, '')), each);
  }
}

const procedure = (code: string): string => `create function f() returns void language plpgsql as $$ begin ${code} end $$;`;

describe('what is wrong in the code of functions, whoever runs it', () => {
  it('is changing every row', () =>
    marksExactly([
      'create function f() returns void language sql as $$ delete from «t»; update public.«u» set a = 1 $$;'.replace('public.«u»', '«public.u»'),
      "create function f() returns void language sql as 'update «t» set a = ''x''';",
      'create procedure p() language sql begin atomic; delete from «t»; end;',
      'create function f() returns void language sql as $$ with gone as (delete from «t» returning *) insert into log select * from gone $$;',
      procedure('if true then delete from «t»; else update t set a = 1 where true; end if; update «u» set a = 1;'),
      'create table t (id int); alter table t enable row level security; create function f() returns void language sql as $$ delete from «t» $$;',
    ]));

  it('is not what the code made itself, nor what is put together or kept apart', () =>
    marksExactly([
      procedure('create temp table t (a int); delete from t; update t set a = 1;'),
      'create temp table t (a int); create function f() returns void language sql as $$ delete from t $$;',
      procedure("execute 'delete from t';"),
      procedure('delete from t where id = 1; update t set a = 1 where true; insert into t values (1); truncate t;'),
      procedure("raise notice 'delete from t;'; -- delete from t;\n"),
      "create function f() returns text language sql as $$ select 'delete from t' $$;",
      'create function f() returns void language plv8 as $$ begin; delete from t; $$;',
    ]));

  it('is a policy’s, wherever it is written; and nothing of what a change to a table means for those who use it now', () =>
    marksExactly([
      procedure('create policy p on t for select using («auth.uid()» = owner);'),
      procedure('alter table t alter column a type bigint; create index on t (a); create table x (at timestamp); drop table x; alter table t add column b int not null;'),
    ]));

  it('does not speak for the tables of the file', async () => {
    const made = 'create function f() returns void language sql as $$ delete from «t» $$; create table if not exists «t» (id int);';
    assert.equal(await all(made.replace(/[«»]/g, '')), made);
  });

  it('is not for the Postgres Language Server to say', async () => {
    assert.deepEqual((await findingsIn(procedure('delete from t;'))).map(({ alsoIn }) => alsoIn), [[]]);
  });

  it('is put aside by a comment in the code, for what stands between the semicolons around it', () =>
    marksExactly([
      '-- opsbook: ignore OB206 because it is a queue\ncreate function f() returns void language sql as $$ delete from t; delete from u $$;',
      procedure('\n  -- opsbook: ignore OB206 because it is a queue\n  delete from t;\n  delete from «u»;\n'),
      procedure('\n  delete from t; -- opsbook: ignore OB206 because it is a queue\n  delete from «u»;\n'),
      procedure('\n  delete from «u»;\n  /* opsbook: ignore OB206 because it is a queue */ delete from t;\n'),
      "create function f() returns void language sql as '\n-- opsbook: ignore OB206 because it''s a queue\ndelete from t; delete from «u»';",
      'do $$ begin\n  delete from «u»;\n  -- opsbook: ignore OB206 because it is a queue\n  delete from t;\nend $$;',
      'create procedure p() language sql begin atomic;\n-- opsbook: ignore OB206 because it is a queue\ndelete from t; end;',
      procedure('\n  «-- opsbook: ignore OB206»\n  delete from «t»;\n'),
      `${procedure('\n  -- opsbook: ignore OB206 because it is a queue\n  delete from t;\n')} delete from «t»;`,
      "select $$ -- opsbook: ignore OB206 because x $$; delete from «t»;",
    ]));

  it('may be put aside where its own statement begins, or above the function where quotes are in the way', async () => {
    const starts = async (sql: string): Promise<string[]> => (await findingsIn(sql)).map(({ statementStart }) => sql.slice(statementStart, statementStart + 8));
    assert.deepEqual(await starts(procedure('perform 1; delete from t;')), ['delete f']);
    assert.deepEqual(await starts('create function f() returns void language sql as $$ select 1; delete from t $$;'), ['delete f']);
    assert.deepEqual(await starts("create function f() returns void language sql as 'select 1; delete from t';"), ['create f']);
  });
});
