/** Functions in SQL with names that the server finds or not when they are made; «…» is around what it does not find. */

/** What is there before each. */
export const schema = `
create schema if not exists private;
create table public.notes (id bigint primary key, owner uuid, title text, done boolean);
create table private.keys (id bigint primary key, secret text);
create type public.pair as (a int, b int);
create function public.twice(int) returns int language sql as 'select $1 * 2';
`;

export const refused: readonly string[] = [
  'create function f() returns bigint language sql as $$ select id from «note» $$',
  'create function f() returns text language sql as $$ select «titel» from notes $$',
  "create function f(a int) returns text language sql as 'select ''é'', n.«titel» from notes n where id = a' ".trim(),
  "create function f(a int) returns text language sql as E'select \\'é\\' || n.«titel» from notes n where id = a'",
  'create function f(a int) returns void language sql as $$ update notes set «don» = true where id = a; delete from notes where id = «b» $$',
  'create function f(a int, b text) returns void language sql as $$ insert into notes (id, «name») values (a, b) $$',
  'create function f(id int) returns bigint language sql as $$ select notes.id from notes where notes.id = f.id and notes.id = «g».id $$',
  'create function f(p public.pair) returns int language sql as $$ select p.a + (p).b + «q».a $$',
  'create function f() returns int language sql as $$ select «twise»(1) $$',
  "create function f() returns text language sql security definer set search_path = '' as $$ select title from «notes» $$",
  "create function f() returns int language sql set search_path = '' as $$ select «twice»(1) $$",
  "create function f() returns int language sql set search_path = '' as $$ select count(*)::int from public.notes where «titel» is null $$",
  'create function f() returns text language sql set search_path to private as $$ select secret from keys where exists (select 1 from «notes») $$',
  'create function f(out total bigint) language sql as $$ select count(*) from notes where «total» is null $$',
  'create function f() returns table (label text) language sql as $$ select title from notes order by «label» $$',
  'create function f() returns setof notes language sql begin atomic; select * from notes where «titel» is null; end',
  'create function f(a int) returns int language sql return a + «b»',
  'create procedure p(a int) language sql as $$ update notes set done = true where id = a and «owned» is null $$',
  "create function f() returns int language sql as $$ select 1 from notes n join private.keys k using (id) where n.«secret» = '' $$",
  'set check_function_bodies = off; set check_function_bodies = on; create function f() returns bigint language sql as $$ select id from «note» $$',
  'set check_function_bodies = off; create function f() returns bigint language sql begin atomic; select id from «note»; end',
  'create function f() returns bigint language sql as $$ select id from «later» $$; create table later (id bigint)',
];

export const accepted: readonly string[] = [
  'create function f(a int, b text) returns text language sql as $$ select title from notes where id = a and title = $2 and f.b <> b and f.a = $1 $$',
  'create function f(id int) returns bigint language sql as $$ select notes.id from notes where notes.id = f.id $$',
  'create function f(p public.pair, n notes) returns int language sql as $$ select p.a + (p).b + n.id::int from (select p) x where n is not null and n.title <> f.n.title $$',
  'create function f(a int, inout b int, variadic c int[]) language sql as $$ select a + b + c[1] $$',
  'create function f(a int, out total bigint, out label text) returns setof record language sql as $$ select count(*) as total, title from notes where id > a group by 2 order by total $$',
  'create function f() returns table (total bigint) language sql as $$ select count(*) as total from notes order by total $$',
  "create function f() returns text language sql security definer set search_path = '' as $$ select title from public.notes where public.twice(1) = 2 and pg_catalog.now() > now() $$",
  'create function f() returns text language sql set search_path = private, pg_temp as $$ select secret from keys limit 1 $$',
  'set search_path = private; create function public.f() returns text language sql set search_path from current as $$ select secret from keys $$',
  'create function f() returns bigint language sql as $$ with recursive n as (select 1::bigint as x union all select x + 1 from n where x < 5) select sum(x)::bigint from n $$',
  'create function f(a int) returns int language sql as $$ select case when a > 1 then f(a - 1) else a end $$',
  'create function f(a anyelement) returns anyelement language sql as $$ select a from nowhere $$',
  'create table made (id bigint); create function f() returns bigint language sql as $$ select id from made $$',
  'create temp table made (id bigint); create function f() returns bigint language sql as $$ select id from made $$',
  'alter table notes rename title to label; create function f() returns text language sql as $$ select label from notes $$',
  'set check_function_bodies = false; create function f() returns bigint language sql as $$ select id from nowhere $$',
  "select set_config('check_function_bodies', 'off', false); create function f() returns bigint language sql as $$ select id from nowhere $$",
  'create function f() returns int language plpgsql as $$ begin return (select x from nowhere); end $$',
  'create function f() returns void language sql as $$ create temp table x (a int); comment on table nowhere is null $$'.replace('; comment on table nowhere is null', ''),
  'create function f() returns void language sql as $$ drop table nowhere $$',
  'create procedure p(a int, inout b int) language sql as $$ insert into notes (id) values (a + b) on conflict (id) do update set done = excluded.done; select a $$',
  'create function f(a int) returns int language sql return a + twice(a)',
  'create function f(title text) returns void language sql begin atomic; insert into notes (id, title) values (1, f.title) returning id; delete from notes where notes.title = title; end',
  'create function f(a int[]) returns int language sql as $$ select a[1] + x from unnest(a) as x limit 1 $$',
];
