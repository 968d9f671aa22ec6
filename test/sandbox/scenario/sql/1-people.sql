-- 240 users, some unconfirmed, two banned; sessions of the last weeks, some of them over.
select setseed(0.11);

insert into auth.users (
  id, aud, role, email, email_confirmed_at, last_sign_in_at, raw_app_meta_data, raw_user_meta_data, created_at, updated_at, banned_until
)
select
  md5('user ' || n)::uuid,
  'authenticated',
  'authenticated',
  'person' || n || '@example.com',
  case when n % 17 > 0 then joined + interval '9 minutes' end,
  case when n % 17 > 0 then now() - random() * interval '20 days' end,
  '{"provider": "email", "providers": ["email"]}',
  jsonb_build_object('name', 'Person ' || n),
  joined,
  joined,
  case when n in (31, 77) then now() + interval '90 days' end
from generate_series(1, 240) as n, lateral (select now() - interval '430 days' + n * interval '42 hours' as joined) as dates;

insert into auth.identities (provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at)
select id::text, id, jsonb_build_object('sub', id, 'email', email), 'email', last_sign_in_at, created_at, updated_at from auth.users;

insert into auth.sessions (id, user_id, created_at, updated_at, aal, not_after, user_agent, ip)
select
  md5('session ' || n)::uuid,
  md5('user ' || 1 + n % 240)::uuid,
  opened,
  opened + interval '40 minutes',
  'aal1',
  case when n % 5 = 0 then opened + interval '1 day' end,
  case when n % 3 = 0 then 'Mozilla/5.0 (iPhone)' else 'Mozilla/5.0 (X11; Linux x86_64)' end,
  ('203.0.113.' || n % 250)::inet
from (select n, now() - random() * interval '21 days' as opened from generate_series(1, 380) as n) as dates;

insert into auth.audit_log_entries (id, payload, created_at, ip_address)
select
  md5('audit ' || n)::uuid,
  json_build_object('action', case when n % 9 = 0 then 'user_repeated_signup' else 'login' end, 'actor_username', 'person' || 1 + n % 240 || '@example.com'),
  now() - n * interval '53 minutes',
  '203.0.113.' || n % 250
from generate_series(1, 300) as n;

insert into public.profiles (id, display_name, wallet, created_at)
select id, raw_user_meta_data ->> 'name', case when random() < 0.6 then substr(translate(md5(id::text) || md5(email), '0', 'x'), 1, 44) end, created_at
from auth.users;
