-- Made by hand in the dashboard's SQL editor, so in no migration: what a check for drift should find.
set role postgres;

create table public.legacy_import (
  id serial,
  payload jsonb not null default '{}'
);
insert into public.legacy_import (payload) select jsonb_build_object('row', n) from generate_series(1, 500) as n;
-- The old system's numbers go on here: 88 % of an integer's room is used.
select setval('public.legacy_import_id_seq', 1890000000);

-- The sleeps stand for the work on a table of many millions of rows.
create function public.refresh_creator_rankings() returns integer language plpgsql as $$
declare creators integer;
begin
  perform pg_sleep(0.62);
  select count(distinct creator_wallet) into creators from public.tokens;
  return creators;
end $$;

create function public.search_tokens(words text) returns setof public.tokens language plpgsql as $$
begin
  perform pg_sleep(0.51);
  return query select * from public.tokens where name ilike '%' || words || '%' limit 20;
end $$;

create index idx_conversations_created_at on public.conversations (created_at);
reset role;
-- As a `create index concurrently` that was cancelled leaves it.
update pg_index set indisvalid = false where indexrelid = 'public.idx_conversations_created_at'::regclass;
