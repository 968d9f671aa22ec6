alter table public.tokens add column search tsvector
  generated always as (to_tsvector('simple', name || ' ' || symbol)) stored;

create index idx_tokens_search on public.tokens using gin (search);
