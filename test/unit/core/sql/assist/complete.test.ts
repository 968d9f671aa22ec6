import assert from 'node:assert/strict';
import { completeAt } from '../../../../../src/core/sql/assist/complete.ts';
import { Catalog, type CatalogData } from '../../../../../src/core/sql/catalog.ts';
import { CatalogOverlay } from '../../../../../src/core/sql/names/overlay.ts';
import { shop } from '../names/catalogs.ts';

/** `|` is the cursor. */
function complete(sql: string, data: CatalogData = shop): ReturnType<typeof completeAt> {
  const offset = sql.indexOf('|');
  return completeAt(sql.replace('|', ''), offset, new CatalogOverlay(new Catalog(data)));
}

function inserts(sql: string): string[] {
  return complete(sql).filter(({ kind }) => kind !== 'keyword').map(({ insert }) => insert);
}

const orders = ['id', 'customer_id', 'total', 'created_at', 'items'];

describe('what can be written at a place', () => {
  const cases: [sql: string, first: string[]][] = [
    ['select | from orders', orders],
    ['select tot| from orders where', ['total']],
    ['select * from ord|', ['orders']],
    ['select * from orders o join cu|', ['customers']],
    ['select * from orders, cust|', ['customers']],
    ['select o.| from orders o join customers c on c.id = o.customer_id', orders],
    ['select * from orders o join customers c on c.na| ', ['name']],
    ['select * from orders o where exists (select 1 from customers c where c.id = o.|)', orders],
    ['select * from orders where (total > 1 and cre|', ['created_at']],
    ['select * from auth.|', ['users']],
    ['select * from use|', ['auth.users']],
    ['select auth.u|', ['users', 'uid']],
    ['select public.orders.t| from orders', ['total']],
    ['with recent as (select id, total as sum from orders) select re.| from recent re', ['id', 'sum']],
    ['with recent (a, b) as (select id, total from orders) select | from recent', ['a', 'b']],
    ['with recent as (select 1) select * from rec|', ['recent']],
    ['select s.| from (select c.*, 1 as one from customers c) s', ['id', 'name', 'email', 'one']],
    ['insert into orders (id, |', orders],
    ['insert into customers (id) values (1) returning na|', ['name']],
    ['update orders set |', orders],
    ['update orders set total = 1, cust|', ['customer_id']],
    ['update orders set total = 1 where cre|', ['created_at']],
    ['delete from orders where tot|', ['total']],
    ['create policy p on orders for select using (cust|)', ['customer_id']],
    ['create policy p on ord|', ['orders']],
    ['create index on orders (tot|', ['total']],
    ['alter table orders drop column tot|', ['total']],
    ['create table refunds (order_id int references orders (|', orders],
    ['select * from "Mixed" where full|', ['"fullName"']],
    ['select total::mo|', ['mood']],
    ['select lowe| from orders', ['lower']],
    ['select * from orders o join customers c on o.id = c.id where em|', ['email']],
  ];
  for (const [sql, first] of cases) {
    it(sql, () => {
      const found = inserts(sql);
      assert.deepEqual(found.slice(0, first.length), first, found.slice(0, 8).join(', '));
    });
  }

  it('puts the table before a column that two have', () => {
    assert.deepEqual(inserts('select id| from orders o join customers c on true').slice(0, 2), ['o.id', 'c.id']);
  });

  it('is nothing in strings, comments and numbers', () => {
    for (const sql of ["select 'ord|' from orders", 'select 1 -- to|', 'select /* to| */ 1', 'select $$ to| $$', 'select 12|', "select 'open|"]) {
      assert.deepEqual(inserts(sql), [], sql);
    }
    assert.notDeepEqual(inserts("select 'closed' |from orders"), []);
  });

  it('is of the rows that functions give, of what was to be inserted, of a trigger’s rows', () => {
    assert.deepEqual(inserts("select s.tot| from search('x') s"), ['total']);
    assert.deepEqual(inserts('select r.| from report(1) r'), ['day', '"Sum"']);
    assert.deepEqual(inserts('insert into customers (id) values (1) on conflict (id) do update set name = excluded.na|'), ['name']);
    assert.deepEqual(inserts('create trigger t before update on customers for each row when (old.na|) execute function f()'), ['name']);
    assert.deepEqual(inserts('comment on column customers.na|'), ['name']);
  });

  it('begins with statements where none stands yet', () => {
    assert.deepEqual(complete('sel|').map(({ insert }) => insert), ['select']);
    assert.equal(complete('|')[0]?.kind, 'keyword');
  });

  it('is not what a call means by FROM', () => {
    assert.ok(!inserts('select extract(epoch from |) from orders').slice(0, 5).includes('orders'));
    assert.deepEqual(inserts('select extract(epoch from cre|) from orders')[0], 'created_at');
  });

  it('tells types, comments and schemas', () => {
    const [table] = shop.relations;
    assert.ok(table);
    const data = { ...shop, relations: [{ ...table, columns: [{ name: 'total', type: 'numeric(10,2)', notNull: true, comment: 'in cents' }] }] };
    assert.deepEqual(complete('select tot| from orders', data)[0], { kind: 'column', name: 'total', insert: 'total', detail: 'numeric(10,2) not null', rank: 10, comment: 'in cents' });
    assert.equal(complete('select * from use|')[0]?.detail, 'auth');
  });

  it('never throws, wherever the cursor stands in whatever is typed', () => {
    const text = "with a (x) as (select id from orders), b as (select) insert into customers (id, name) select x, (select max(total) from orders o where o.id = a.x) from a join b using (x) where name = 'it''s' on conflict (id) do update set name = excluded.name returning *; ((select (";
    for (let offset = 0; offset <= text.length; offset++) {
      completeAt(text, offset, new CatalogOverlay(new Catalog(shop)));
      completeAt(text.slice(0, offset), offset, new CatalogOverlay(new Catalog(shop)));
      completeAt(text.slice(offset), 0, new CatalogOverlay(new Catalog(shop)));
    }
  });
});
