/** A long SQL file as projects have them, the same every time: tables with policies, functions, indexes, data, queries. */

/** At least `statements` statements; each part of the file stands for a table with what belongs to it. */
export function sqlFile(statements: number): string {
  const parts: string[] = [];
  for (let table = 0, count = 0; count < statements; table++) {
    const part = partOf(`item_${table}`, `item_${Math.max(0, table - 1)}`, table);
    parts.push(`-- Table ${table}\n${part.map((statement) => `${statement};\n`).join('\n')}`);
    count += part.length;
  }
  return parts.join('\n');
}

/** As many whole parts as fit into so many bytes; the file is ASCII. */
export function sqlFileOf(bytes: number): string {
  const whole = sqlFile(bytes / 100);
  const end = whole.lastIndexOf('\n-- Table', bytes);
  return whole.slice(0, end + 1);
}

/** Every third table has no policy, every fifth a mistake of each kind that needs no database to be seen. */
function partOf(name: string, before: string, index: number): string[] {
  const careless = index % 5 === 4;
  return [
    `create table if not exists public.${name} (
  id bigint generated always as identity primary key,
  owner uuid not null references auth.users (id) on delete cascade,
  parent bigint references public.${before} (id),
  title text not null check (length(title) <= 200),
  state text not null default 'open',
  amount numeric(20, 8) not null default 0,
  details jsonb not null default '{}'::jsonb,
  created_at ${careless ? 'timestamp' : 'timestamptz'} not null default now()
)`,
    ...(careless ? [] : [`alter table public.${name} enable row level security`]),
    `create index if not exists ${name}_owner_idx on public.${name} (owner)`,
    `create index if not exists ${name}_parent_idx on public.${name} (parent, created_at desc)${careless ? " where state <> 'closed'" : ''}`,
    ...(index % 3 === 2 ? [] : [`create policy "${name} is its owner's" on public.${name} for select to authenticated using (${careless ? 'auth.uid()' : '(select auth.uid())'} = owner)`]),
    `create or replace function public.${name}_totals(p_owner uuid, p_since timestamptz default now() - interval '30 days')
returns table (state text, items bigint, total numeric)
language sql stable security ${careless ? 'definer' : "invoker set search_path = ''"} as $$
  select i.state, count(*), sum(i.amount) from public.${name} i where i.owner = p_owner and i.created_at >= p_since group by i.state;
$$`,
    `create or replace function public.${name}_touch() returns trigger language plpgsql set search_path = '' as $body$
begin
  if new.state is distinct from old.state then
    insert into public.${before} (owner, title) values (new.owner, format('%s -> %s', old.state, new.state));
  end if;
  return new;
end
$body$`,
    `comment on column public.${name}.details is 'What the client sent; see the API''s version ${index}'`,
    `insert into public.${name} (owner, title, state, amount) values
  ('00000000-0000-4000-8000-000000000001', 'First; of several', 'open', 12.5),
  ('00000000-0000-4000-8000-000000000002', 'It''s the second', 'closed', ${index}),
  ('00000000-0000-4000-8000-000000000003', E'Third\\nline', 'open', -1e3)`,
    `with recent as (
  select owner, count(*) filter (where state = 'open') as open, max(created_at) as latest from public.${name} group by owner
)
select r.owner, r.open, t.title /* the newest */ from recent r
left join lateral (select title from public.${name} i where i.owner = r.owner order by created_at desc limit 1) t on true
where r.open > ${index % 7} order by r.open desc, r.latest limit 50`,
    `update public.${name} set state = 'closed', details = details || jsonb_build_object('by', 'job') where created_at < now() - interval '${index + 1} days'`,
    careless ? `delete from public.${name}` : `delete from public.${name} where state = 'closed' and amount = 0`,
  ];
}
