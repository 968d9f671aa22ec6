-- 3,000 tokens over fourteen months, more of them lately, by 260 creators; most have a picture.
select setseed(0.22);

insert into public.tokens (id, name, symbol, creator_wallet, mint_address, metadata_uri, supply, status, created_at)
select
  md5('token ' || n)::uuid,
  (array['Comet', 'Harbour', 'Lantern', 'Meadow', 'Orchid', 'Pebble', 'Quartz', 'Willow'])[1 + n % 8] || ' ' || n,
  (array['CMT', 'HRB', 'LNT', 'MDW', 'ORC', 'PBL', 'QTZ', 'WLW'])[1 + n % 8] || n % 100,
  substr(translate(md5('creator ' || (random() * random() * 260)::int) || md5('wallet'), '0', 'x'), 1, 44),
  substr(md5('mint ' || n) || md5('address ' || n), 1, 44),
  'ipfs://b' || md5('metadata ' || n),
  1000000000,
  case when n % 90 = 0 then 'failed' when n % 41 = 0 then 'pending' else 'minted' end,
  -- Nothing was minted since the deploy that broke it.
  now() - interval '41 minutes' - power(random(), 3) * interval '420 days'
from generate_series(1, 3000) as n;

insert into public.token_images (token_id, storage_path, bytes, created_at)
select id, 'tokens/' || id || '.png', 40000 + (random() * 900000)::int, created_at + interval '20 seconds'
from public.tokens where status <> 'failed';
