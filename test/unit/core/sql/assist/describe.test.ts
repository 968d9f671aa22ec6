import assert from 'node:assert/strict';
import { describeAt } from '../../../../../src/core/sql/assist/describe.ts';
import { Catalog } from '../../../../../src/core/sql/catalog.ts';
import { CatalogOverlay } from '../../../../../src/core/sql/names/overlay.ts';
import { shop } from '../names/catalogs.ts';

function describe_(sql: string): string | undefined {
  const found = describeAt(sql.replace('|', ''), sql.indexOf('|'), new CatalogOverlay(new Catalog(shop)));
  switch (found?.meaning.kind) {
    case 'column':
      return `${found.meaning.of}.${found.meaning.column.name}`;
    case 'relation':
      return `${found.meaning.relation.schema}.${found.meaning.relation.name}`;
    case 'function':
      return found.meaning.overloads.map(({ schema, name }) => `${schema}.${name}()`).join(', ');
    default:
      return undefined;
  }
}

describe('what a name means', () => {
  const cases: [sql: string, meaning: string | undefined][] = [
    ['select to|tal from orders', 'public.orders.total'],
    ['select o.tot|al from orders o', 'public.orders.total'],
    ['select o|.total from orders o', 'public.orders'],
    ['select * from ord|ers where', 'public.orders'],
    ['select * from auth.us|ers', 'auth.users'],
    ['select auth.u|id()', 'auth.uid()'],
    ['select public.orders.to|tal from orders', 'public.orders.total'],
    ['insert into customers (id) values (1) on conflict (id) do update set name = excluded.na|me', 'public.customers.name'],
    ['insert into customers (na|me) values (1)', 'public.customers.name'],
    ['with r as (select total from orders) select to|tal from r', 'r.total'],
    ['create policy p on orders using (custo|mer_id = 1)', 'public.orders.customer_id'],
    ['select extract(epoch from to|tal) from orders', 'public.orders.total'],
    ['create view v as select 1 from orders o join customers c on customer_i|d = c.id', 'public.orders.customer_id'],
    ['grant select on ord|ers to anon', 'public.orders'],
    ['drop table if exists ord|ers', 'public.orders'],
    ['select no|thing from orders', undefined],
    ['sel|ect 1', undefined],
    ['select |1', undefined],
  ];
  for (const [sql, meaning] of cases) {
    it(sql, () => assert.equal(describe_(sql), meaning));
  }
});
