-- Valuations with their shared links (expired and valid) and the files in storage: one public bucket, one without any
-- policy, objects older than a year and some over 5 MB.
select setseed(0.44);

insert into public.valuations (id, owner_id, vin, mileage, amount, created_at)
select
  md5('valuation ' || n)::uuid,
  md5('user ' || 1 + n % 240)::uuid,
  upper(substr(md5('vin ' || n), 1, 17)),
  (random() * 220000)::int,
  case when n % 160 = 0 then null else round((1500 + random() * 48000)::numeric, 2) end,
  now() - power(random(), 1.6) * interval '400 days'
from generate_series(1, 800) as n;

insert into public.public_tokens (token, valuation_id, created_at, expires_at)
select substr(md5('link ' || id), 1, 24), id, created_at + interval '1 hour', created_at + interval '1 hour' + interval '30 days'
from public.valuations where random() < 0.8;

insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types, created_at, updated_at) values
  ('PDF Valuation Reports', 'PDF Valuation Reports', false, 10485760, '{application/pdf}', now() - interval '400 days', now() - interval '27 days'),
  ('token-images', 'token-images', true, null, null, now() - interval '420 days', now() - interval '420 days'),
  ('chat-attachments', 'chat-attachments', false, null, null, now() - interval '24 days', now() - interval '24 days');

create policy "Owners read their reports" on storage.objects for select to authenticated
  using (bucket_id = 'PDF Valuation Reports' and owner_id = auth.uid()::text);
create policy "Reports are written by the service" on storage.objects for insert to service_role
  with check (bucket_id = 'PDF Valuation Reports');
create policy "Token images are public" on storage.objects for select using (bucket_id = 'token-images');
create policy "Anybody signed in adds token images" on storage.objects for insert to authenticated
  with check (bucket_id = 'token-images');

insert into storage.objects (bucket_id, name, owner_id, created_at, updated_at, last_accessed_at, metadata)
select
  bucket,
  folder || '/' || substr(md5(bucket || n), 1, 12) || ending,
  md5('user ' || 1 + n % 240)::uuid::text,
  made,
  made,
  least(now(), made + random() * interval '90 days'),
  jsonb_build_object(
    'size', case when n % 29 = 0 then 5242880 + (random() * 9000000)::int else (size * (0.3 + random()))::int end,
    'eTag', '"' || md5(bucket || n || 'tag') || '"',
    'mimetype', mimetype,
    'cacheControl', 'max-age=3600',
    'httpStatusCode', 200
  )
from (
  select *, now() - power(random(), 1.3) * case bucket when 'chat-attachments' then interval '24 days' else interval '425 days' end as made
  from (values
      ('PDF Valuation Reports', 'reports', '.pdf', 'application/pdf', 180000, 320),
      ('token-images', 'tokens', '.png', 'image/png', 620000, 260),
      ('chat-attachments', 'uploads', '.jpg', 'image/jpeg', 1400000, 60)
    ) as kinds (bucket, folder, ending, mimetype, size, total),
    lateral generate_series(1, total) as n
) as files;
