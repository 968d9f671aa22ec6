import assert from 'node:assert/strict';
import { Catalog } from '../../../../../src/core/sql/catalog.ts';
import { StatementTree } from '../../../../../src/core/sql/lint/statementTree.ts';
import { CatalogOverlay } from '../../../../../src/core/sql/names/overlay.ts';
import type { NameProblem } from '../../../../../src/core/sql/names/complaints.ts';
import { resolveNames } from '../../../../../src/core/sql/names/resolve.ts';
import { worldWithoutDatabase, type NameWorld } from '../../../../../src/core/sql/names/world.ts';
import { grammar } from '../lint/cases.ts';
import { shop } from './catalogs.ts';

const { signal } = new AbortController();

async function problems(sql: string, world: NameWorld = new CatalogOverlay(new Catalog(shop))): Promise<NameProblem[]> {
  const parsed = await grammar.parse(sql, signal);
  assert.ok(parsed.kind === 'parsed', `${sql}: ${JSON.stringify(parsed)}`);
  return resolveNames(new StatementTree(sql, parsed.tree), world);
}

function marked(sql: string, found: readonly NameProblem[]): string {
  return [...found].sort((one, other) => other.range.start - one.range.start).reduce((text, { range: { start, end } }) => `${text.slice(0, start)}«${text.slice(start, end)}»${text.slice(end)}`, sql);
}

describe('names that mean nothing', () => {
  const cases: [sql: string, kind: NameProblem['kind'], suggestions: string[]][] = [
    ['select * from «order»s2', 'relation', ['orders']],
    ['select * from «public.oders»', 'relation', ['public.orders']],
    ['select * from «users»', 'relation', ['auth.users']],
    ['select * from nowhere.orders'.replace('nowhere.orders', '«nowhere.orders»'), 'relation', ['public.orders']],
    ['select «totl» from orders', 'column', ['total']],
    ['select o.«totl», o.total from orders o', 'column', ['total']],
    ['select «o».total from orders', 'qualifier', []],
    ['select «ordres».total from orders', 'qualifier', ['orders']],
    ['select * from orders where «createdat» > now()', 'column', ['created_at']],
    ['select «id» from orders join customers on customer_id = customers.id', 'ambiguous', ['orders.id', 'customers.id']],
    ['select «cuont»(*) from orders', 'function', ['count']],
    ['select «uid»()', 'function', ['auth.uid']],
    ['select auth.uid(), «auth.uuid»()', 'function', ['auth.uid']],
    ['insert into orders (id, «totall») values (1, 2)', 'column', ['total']],
    ['insert into orders (id) values (1) on conflict (id) do update set total = excluded.«totl»', 'column', ['total']],
    ['update orders set «totl» = 1 where id = 2', 'column', ['total']],
    ['update orders o set total = c.«nmae» from customers c where c.id = o.customer_id', 'column', ['name']],
    ['delete from orders using customers c where c.id = «costumer_id»', 'column', ['customer_id']],
    ['with recent as (select id, total from orders) select «created_at» from recent', 'column', []],
    ['with a (x) as (select id from orders) select x, «y» from a', 'column', ['x']],
    ['select s.n, s.«m» from (select count(*) as n from orders) s', 'column', ['n']],
    ['select * from orders o where exists (select 1 from customers c where c.id = o.«customerid»)', 'column', ['customer_id']],
    ['select (select «nam» from customers limit 1)', 'column', ['name']],
    ['create policy p on orders using ((select auth.uid()) = «user_id»)', 'column', []],
    ['create view v as select «totl» from orders', 'column', ['total']],
    ['create index on orders («totl»)', 'column', ['total']],
    ['create index on orders (lower(«totl»)) where total is not null', 'column', ['total']],
    ['create table refunds (id int, order_id int references «oders» (id))', 'relation', ['orders']],
    ['alter table orders add constraint c foreign key (customer_id) references customers («idd»)', 'column', ['id']],
    ['alter table «oders» add column a int', 'relation', ['orders']],
    ['alter table orders drop column «totl», add column x int', 'column', ['total']],
    ['explain analyze select «totl» from orders', 'column', ['total']],
    ['select 1 from "Mixed" where «fullname» = 1', 'column', ['"fullName"']],
    ['merge into orders o using customers c on o.customer_id = c.id when matched then update set «totl» = 1', 'column', ['total']],
    ['select total from orders order by «totl»', 'column', ['total']],
    ['truncate orders, «custmers»', 'relation', ['customers']],
    ['select * from orders, lateral (select «c».name) x', 'qualifier', []],
    ["select '🙂é', «totl» from orders", 'column', ['total']],
    ["select s.id, s.«totl» from search('x') s", 'column', ['total']],
    ["select «totl» from search('x') where id = 1", 'column', ['total']],
    ['select a, "B c", p.«b» from pair() p', 'column', ['a']],
    ['select day, "Sum", «sum» from report(1)', 'column', ['"Sum"']],
    ['select r.d, r.n, r.«day» from report(1) with ordinality r (d, s, n)', 'column', []],
    ["select sku, j.«skuu» from orders o, json_table(o.items, '$[*]' columns (sku text path '$.a', nested path '$.b[*]' columns (n int path '$'))) j where n = 1", 'column', ['sku']],
    ["select * from orders o, json_table(o.«item», '$[*]' columns (sku text path '$.a')) j", 'column', ['items']],
    ["select a, x.«b» from xmltable('/a' passing '<a/>' columns a int path '@a', n for ordinality) x where n = 1", 'column', ['a', 'n']],
    ['with recursive t as (select id, total from orders union all select t.id, t.«totl» from t) select id from t', 'column', ['total']],
    ['with recursive t (n) as (values (1) union all select «m» + 1 from t) select n from t', 'column', ['n']],
    ['select id from orders union select id from customers order by «name»', 'column', []],
    ['insert into orders (id) values (1) on conflict («idd») do nothing', 'column', ['id']],
    ['insert into orders (id) values (1) returning old.total, new.«totl»', 'column', ['total']],
    ['update orders set total = 1 returning with (old as o, new as n) o.total, n.«totl»', 'column', ['total']],
    ['select (select 1 where «id» = 2) from orders join customers on true', 'ambiguous', ['orders.id', 'customers.id']],
    ['select id from orders o for update of «orders»', 'qualifier', []],
    ['create trigger t before update of total, «totl» on orders for each row execute function f()', 'column', ['total']],
    ['create trigger t before update on orders for each row when (old.total is distinct from new.«totl») execute function f()', 'column', ['total']],
    ['create table t (a int, b int check («c» > 0))', 'column', ['a', 'b']],
    ['create table t (a int, check (a > 0 and t.«b» > 0))', 'column', ['a']],
    ['create table t (a int generated always as («b» * 2) stored)', 'column', ['a']],
    ['create table t (a uuid default «gen_rand»())', 'function', []],
    ['create table t (a int, unique (a, «b»))', 'column', ['a']],
    ['create table t (a int, foreign key («b») references orders (id))', 'column', ['a']],
    ['create table t (a int, exclude using gist (a with =, «b» with &&))', 'column', ['a']],
    ['create table t (a int) partition by range («b»)', 'column', ['a']],
    ['alter table orders add constraint c check («totl» > 0)', 'column', ['total']],
    ['alter table orders add column a int, add check (a > «b»)', 'column', ['a']],
    ['alter table orders add primary key (id, «nr»)', 'column', []],
    ['alter table orders alter total type int using «totl»::int', 'column', ['total']],
    ['alter table orders attach partition «orders_x» default', 'relation', ['orders']],
  ];
  for (const [written, kind, suggestions] of cases) {
    const expected = written === 'select * from «order»s2' ? 'select * from «orders2»' : written;
    it(expected, async () => {
      const found = await problems(expected.replace(/[«»]/g, ''));
      assert.equal(marked(expected.replace(/[«»]/g, ''), found), expected);
      assert.deepEqual(found.map((each) => each.kind), [kind]);
      assert.deepEqual(found[0]?.suggestions, suggestions);
    });
  }
});

describe('names that mean something, or may', () => {
  const silent = [
    'insert into orders (id) values (1) on conflict (id) do update set total = (select total from customers where id = customer_id and name = excluded.items) returning (select name from customers c where c.id = customer_id and c.name = old.items)',
    "select s.id, s.total, s from search('x') s where s is not null",
    'select t.whatever from twice(1) t',
    'select ordinality, day from report(1) with ordinality',
    'with recursive t as (select id, customer_id from orders union all select o.id, t.customer_id from orders o join t on t.id = o.customer_id) search depth first by id set at select id, at from t order by at',
    'with recursive t (n) as (values (1) union all select n + 1 from t where not again and seen is null) cycle n set again using seen select n, again, seen from t',
    'with recursive a as (select x from b), b as (select 1 as x) select x from a',
    'select id as a from orders union select id from customers order by a, 1',
    'select * from orders union select * from customers order by total',
    'select total from orders for update of orders nowait',
    'select o.total from (orders join customers using (id)) o for share of o',
    'insert into orders (id) values (1) on conflict (id, (lower(total))) where total is not null do nothing returning old.*, new.*',
    'merge into orders o using customers c on o.id = c.id when matched then delete returning old.total, new.total, c.name',
    'create trigger t after update of total on orders for each row when (old.* is distinct from new.* and old is not null) execute function f()',
    'create table t (a int primary key, b int default 1 check (b > a), c text generated always as (lower(t.d)) stored, d text, check (t is not null), unique (a, b) include (c), constraint e exclude using gist (a with =) where (b > 1)) partition by list (a, (lower(d)))',
    'create table t (like orders including all, check (total > 0), unique (whatever))',
    'create table t (check (total > 0)) inherits (orders)',
    'create table t partition of orders (check (total > 0)) for values in (1)',
    'alter table orders add column a int, add constraint c check (a > total), add unique (a, id), alter column a set default now()',
    'alter table orders add constraint c unique using index i',
    'select o.*, c.name as customer, count(*) from orders o join customers c on c.id = o.customer_id group by 1, customer, o.id having count(*) > 1 order by customer, o.total',
    'select id, total from orders join customers using (id)',
    'select id from orders natural join customers',
    'select orders from orders; '.replace('; ', ''),
    'select (o).total, o from orders o',
    'select ctid, xmin, o.tableoid from orders o',
    'select x.a, value from jsonb_to_recordset(\'[]\') as x (a int), unnest(array[1]) value',
    'select n, whatever from generate_series(1, 2) n',
    'select full_name(c), c.full_name from customers c',
    'with recursive t as (select id, 1 as depth from orders union all select o.id, depth + 1 from orders o join t on t.id = o.customer_id) select id, depth from t',
    'with gone as (delete from orders returning id, total) insert into customers (id, name) select id, total from gone returning customers.id, name',
    'insert into orders as o (id, total) values ($1, default) on conflict (id) do update set total = o.total + excluded.total where orders.id is null'.replace('orders.id', 'o.id'),
    'update orders set (total, items) = (select 1, 2), created_at = now() from customers where customers.id = customer_id returning *',
    'select 1 as total2 from orders order by total2, total',
    'select total as n from orders group by n',
    'select * from (values (1, 2)) v (a, b) where a = b',
    'select column1 from (values (1)) v',
    'select s.total from orders, lateral (select orders.total) s',
    'select row_number() over w from orders window w as (partition by customer_id order by total)',
    'create policy p on orders for insert with check (exists (select 1 from customers where customers.id = customer_id and orders.total > 0))',
    "create table a (id int primary key, parent int references a (id), x int references customers)",
    'alter table if exists nowhere add column a int',
    'alter table orders add column a int, alter column a set not null',
    'create index on orders using gin (items)',
    'select * from auth.users u where u.email = lower(email)',
    'select position(\'a\' in \'b\'), extract(year from now()), coalesce(1, 2), current_user, now()::date, cast(1 as text)',
    "select mood('fine'), 'sad'::mood",
    'select t.total from only orders as t tablesample system (1)',
    'select j.id, name from (orders join customers using (id)) as j',
    'create trigger t before insert on orders for each row when (new.total > 0) execute function nowhere()',
    'merge into orders using (select 1 as id) s on s.id = orders.id when not matched then insert (id, total) values (s.id, 1)',
    'delete from orders o where not exists (select from customers where id = o.customer_id)',
    'select "Id", "fullName" from "Mixed"',
    'copy orders (id, total) from stdin',
    'comment on table nowhere is \'x\'; '.replace('; ', ''),
    'drop table nowhere',
    'select * from orders union select * from orders order by total',
    'select xmlelement(name a, total) from orders',
  ];
  for (const sql of silent) {
    it(sql, async () => assert.equal(marked(sql, await problems(sql)), sql));
  }
});

describe('without a database', () => {
  const cases = [
    'select «tablename», n_dead_tup from pg_stat_user_tables',
    'select s.«total_time», calls from pg_stat_statements s order by «mean_time» desc',
    'select d.«jobname» from cron.job_run_details d',
    'select relname, indexrelname, «indexname» from pg_catalog.pg_stat_user_indexes',
    'select t.schemaname, i.tablename from pg_stat_user_tables t join pg_indexes i on i.tablename = t.relname where t.«tablename» is null',
  ];
  for (const expected of cases) {
    it(expected, async () => {
      const sql = expected.replace(/[«»]/g, '');
      const found = await problems(sql, worldWithoutDatabase);
      assert.equal(marked(sql, found), expected);
      assert.ok(found.every(({ system }) => system));
    });
  }

  it('says what to write', async () => {
    const [renamed] = await problems('select total_time from pg_stat_statements', worldWithoutDatabase);
    assert.deepEqual(renamed?.suggestions, ['total_exec_time']);
    const [elsewhere] = await problems('select jobname from cron.job_run_details', worldWithoutDatabase);
    assert.equal(elsewhere?.elsewhere, 'cron.job');
  });

  it('says nothing of what may be there', async () => {
    for (const sql of [
      'select whatever(x.y), z from nowhere x',
      'select tablename from pg_stat_user_tables join mine on true',
      'select tablename from pg_tables',
      'select jobname from cron.job j join cron.job_run_details d using (jobid)',
      'select tablename from mine.pg_stat_user_tables',
      'with pg_stat_user_tables as (select 1 as tablename) select tablename from pg_stat_user_tables',
    ]) {
      assert.equal(marked(sql, await problems(sql, worldWithoutDatabase)), sql);
    }
  });
});
