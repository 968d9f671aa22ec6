import { describeRule, rule } from '../cases.ts';

describeRule(rule('OB101'), {
  fires: [
    { sql: 'create table «public.notes» (id int);', fixed: 'create table public.notes (id int);\nalter table public.notes enable row level security;' },
    { sql: 'create table «notes» (id int)', fixed: 'create table notes (id int);\nalter table public.notes enable row level security' },
    'create table if not exists «notes» (id int);',
    'create table «"My Notes"» (id int);',
    'create table «notes» as select 1 as id;',
    'select 1 as id into «notes»;',
    'create unlogged table «notes» (id int);',
    { sql: 'create table «api.notes» (id int);', exposedSchemas: ['public', 'api'] },
    { sql: 'create table «notes» (id int);', after: ['alter table other enable row level security;'] },
    { sql: 'create table «notes» (id int);', after: ['alter table notes enable row level security;', 'alter table notes disable row level security;'] },
    'set search_path = public; create table «notes» (id int);',
    'create schema private; create table private.a (id int); create table «b» (id int);',
    'create table «notes» (id int); revoke all on notes from anon;',
    { sql: 'create table «notes» (id int);', role: 'script' },
  ],
  silent: [
    'create table notes (id int); alter table notes enable row level security;',
    'create table public.notes (id int); alter table only "notes" enable row level security;',
    'create table private.notes (id int);',
    'create temp table notes (id int); create temporary table n2 as select 1 a;',
    'create table p (id int) partition by range (id); alter table p enable row level security; create table p1 partition of p for values from (1) to (2);',
    { sql: 'create table notes (id int);', after: ['alter table notes enable row level security;'] },
    { sql: 'create table notes (id int);', after: ['alter table notes rename to papers;', 'alter table papers enable row level security'] },
    { sql: 'create table notes (id int);', after: ['drop table notes;'] },
    { sql: 'create table notes (id int);', after: ['alter table notes set schema private'] },
    { sql: 'create table notes (id int);', after: ['drop schema public cascade'] },
    "create table notes (id int); do $$ begin execute format('alter table %I enable row level security', 'notes'); end $$;",
    { sql: 'create table notes (id int);', before: ["create event trigger ensure_rls on ddl_command_end execute function rls_auto_enable();"] },
    'set search_path = private; create table notes (id int);',
    'create schema private create table notes (id int);',
    'create table notes (id int); revoke all on table notes from anon, authenticated;',
    'create foreign table far (id int) server s;',
    'create view v with (security_invoker) as select 1 as a;',
    { sql: 'create table notes (id int);', role: 'data' },
    { sql: 'create table notes (id int);', role: 'snippet' },
    { sql: 'create table if not exists notes (id int);', before: ['create table notes (id int); alter table notes enable row level security;'] },
  ],
});

describeRule(rule('OB102'), {
  fires: [
    'create policy p on t for all using («true»);',
    'create policy p on t using («true») with check (true);',
    'create policy p on t for insert with check («true»);',
    'create policy p on t for update using (auth.uid() = id) with check («true»);',
    'create policy p on t for delete to authenticated using («true»);',
    'create policy p on t for update to anon using («1» = 1);',
    'create policy "Anyone can insert" on public.t as permissive for insert to public with check (((«true»)));',
    { sql: 'create policy p on t for all using («true»);', role: 'snippet' },
  ],
  silent: [
    'create policy p on t for select using (true);',
    'create policy p on t to service_role using (true) with check (true);',
    'create policy p on t as restrictive for all using (true);',
    'create policy p on t for update using (true) with check ((select auth.uid()) = owner);',
    'create policy p on t for insert with check (owner is not null);',
    'create policy p on t using (1 = 2);',
    'create policy p on t using (false);',
    'create policy p on t using (a = a);',
    'select true; create table t (a boolean default true, check (true))',
    { sql: 'create policy p on t using (true);', role: 'data' },
  ],
});

describeRule(rule('OB103'), {
  fires: ['create policy p on t for select using («true»);', 'create policy p on t for select to anon, authenticated using («true»);', 'alter policy p on t using («true»);'],
  silent: ['create policy p on t for select to service_role using (true);', 'create policy p on t for select using (published);', 'create policy p on t for all using (true);', 'alter policy p on t rename to q;'],
});

describeRule(rule('OB104'), {
  fires: [
    { sql: 'create policy p on t using («auth.uid()» = user_id);', fixed: 'create policy p on t using ((select auth.uid()) = user_id);' },
    { sql: "create policy p on t using ((«auth.jwt()» ->> 'org')::uuid = org);", fixed: "create policy p on t using (((select auth.jwt()) ->> 'org')::uuid = org);" },
    'create policy p on t for insert with check («auth.role()» = \'authenticated\');',
    'create policy p on t using (exists (select 1 from m where m.user_id = «auth.uid()»));',
    { sql: "create policy p on t using (owner = «current_setting('app.user', true)»);", fixed: "create policy p on t using (owner = (select current_setting('app.user', true)));" },
    'alter policy p on t using («auth.uid()» = user_id or «auth . uid ( )» = owner);',
    'create policy "é" on t using («auth.uid()» = user_id);',
  ],
  silent: [
    'create policy p on t using ((select auth.uid()) = user_id);',
    'create policy p on t using ((select auth.uid() as uid) = user_id);',
    'create policy p on t using (user_id in (select user_id from m where m.owner = (select auth.uid())));',
    'create policy p on t using (my_auth.uid() = user_id and uid() = 1);',
    'select auth.uid();',
    'create function f() returns uuid language sql as $$ select auth.uid() $$;',
  ],
});

describeRule(rule('OB105'), {
  fires: [
    {
      sql: 'create function f() returns int language sql «security definer» as $$ select 1 $$;',
      fixed: "create function f() returns int language sql security definer set search_path = '' as $$ select 1 $$;",
    },
    'create or replace procedure api.p() language plpgsql «SECURITY /* all */ DEFINER» as $$ begin end $$;',
    "create function f() returns int language sql as 'select 1' «external security definer»;",
    "create function f() returns int language sql «security definer» set role = 'x' as $$ select 1 $$;",
  ],
  silent: [
    "create function f() returns int language sql security definer set search_path = '' as $$ select 1 $$;",
    'create function f() returns int language sql security definer set search_path to public, pg_temp as $$ select 1 $$;',
    'create function f() returns int language sql security definer set search_path from current as $$ select 1 $$;',
    'create function f() returns int language sql as $$ select 1 $$;',
    'create function f() returns int language sql security invoker as $$ select 1 $$;',
    "create function f() returns int language sql security definer as $$ select 1 $$; alter function f() set search_path = '';",
    { sql: 'create function f() returns int language sql security definer as $$ select 1 $$;', after: ["create or replace function public.f() returns int language sql security definer set search_path = '' as $$ select 1 $$;"] },
    { sql: 'create function f() returns int language sql security definer as $$ select 1 $$;', after: ['drop function f();'] },
    'create function f() returns int language sql security definer begin atomic select 1; end;',
    "create function f() returns int language C security definer as 'lib', 'f';",
  ],
});

describeRule(rule('OB106'), {
  fires: [
    { sql: 'create view «public.v» as select 1 as a;', fixed: 'create view public.v with (security_invoker = on) as select 1 as a;' },
    { sql: 'create or replace view «v» (a, b) as select 1, 2;', fixed: 'create or replace view v (a, b) with (security_invoker = on) as select 1, 2;' },
    'create view «v» with (security_barrier) as select 1 as a;',
    'create view «v» with (security_invoker = false) as select 1 as a;',
    { sql: 'create view «v» as select 1 as a;', before: ['create view v with (security_invoker) as select 1 as a;'] },
  ],
  silent: [
    'create view v with (security_invoker = on) as select 1 as a;',
    'create view v with (security_invoker) as select 1 as a;',
    'create view v with (security_barrier, security_invoker = 1) as select 1 as a;',
    'create view private.v as select 1 as a;',
    'create temp view v as select 1 as a;',
    'create materialized view v as select 1 as a;',
    'create view v as select 1 as a; alter view v set (security_invoker = on);',
    { sql: 'create view v as select 1 as a;', after: ['drop view if exists v;'] },
    { sql: 'create view v as select 1 as a;', after: ['create or replace view v with (security_invoker = on) as select 1 as a;'] },
  ],
});

describeRule(rule('OB107'), {
  fires: [
    "create policy p on t using ((select auth.jwt()) -> «'user_metadata'» ->> 'role' = 'admin');",
    "create policy p on t using (exists (select 1 from auth.users u where u.id = (select auth.uid()) and «u».raw_user_meta_data ->> 'a' = 'b'));",
  ],
  silent: ["create policy p on t using ((select auth.jwt()) -> 'app_metadata' ->> 'role' = 'admin');", "select auth.jwt() -> 'user_metadata';"],
});
