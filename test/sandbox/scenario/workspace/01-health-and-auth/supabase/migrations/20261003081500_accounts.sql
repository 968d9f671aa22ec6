create table public.profiles (
  id uuid primary key references auth.users (id) on delete cascade,
  display_name text not null default '',
  wallet text,
  created_at timestamptz not null default now()
);

alter table public.profiles enable row level security;

create policy "Own profile is readable" on public.profiles for select to authenticated using (auth.uid() = id);
create policy "Own profile is writable" on public.profiles for update to authenticated using (auth.uid() = id);

-- Creates the row that every signed-in user needs; called by the front end after the first sign-in.
create function public.ensure_profile(user_id uuid, name text) returns void
language sql security definer
as $$ insert into public.profiles (id, display_name) values (user_id, name) on conflict (id) do nothing $$;
