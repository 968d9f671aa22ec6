import assert from 'node:assert/strict';
import { createSqlGrammar } from '../../../../src/adapters/sql/grammar.ts';
import { whereMade, type SqlFile } from '../../../../src/core/sql/whereMade.ts';

const grammar = createSqlGrammar({ workerPath: '' });
const signal = new AbortController().signal;
const files: readonly SqlFile[] = [
  { path: '1_start.sql', text: '-- the orders\ncreate table orders (id int);\ncreate table public."Bills" (id int); insert into orders values (1);' },
  { path: '2_more.sql', text: 'create schema shop; create table shop.orders (id int);\ncreate function public.total() returns int language sql as $$ select 1 $$; create view totals as select total();' },
  { path: '3_again.sql', text: 'drop table shop.orders; create table shop.orders (id bigint); alter table orders rename to purchases; selec broken' },
  { path: '4_total.sql', text: 'create or replace function public.total() returns int language sql as $$ select 2 $$; alter table shop.orders set schema archive' },
  { path: '5_code.sql', text: 'do $$ begin if true then create table public.carts (id int); end if; end $$;' },
];
const find = async (name: string, schema: string | undefined, type?: string) => {
  const found = await whereMade(files, { name, schema, type }, grammar, signal);
  const text = found && files.find(({ path }) => path === found.path)?.text.slice(found.offset);
  return found && [found.path, text?.split(/[;\n]/)[0]];
};

describe('where an object was made', () => {
  it('is the statement that made it last', async () => {
    assert.deepEqual(await find('Bills', 'public', 'table'), ['1_start.sql', 'create table public."Bills" (id int)']);
    assert.deepEqual(await find('total', 'public', 'function'), ['4_total.sql', 'create or replace function public.total() returns int language sql as $$ select 2 $$']);
    assert.deepEqual(await find('totals', 'public', 'view'), ['2_more.sql', 'create view totals as select total()']);
  });

  it('may be code', async () => {
    assert.deepEqual(await find('carts', 'public', 'table'), ['5_code.sql', 'do $$ begin if true then create table public.carts (id int)']);
  });

  it('follows it back to the name and the schema that it was made with', async () => {
    assert.deepEqual(await find('purchases', 'public', 'table'), ['1_start.sql', 'create table orders (id int)']);
    assert.deepEqual(await find('orders', 'archive', 'table'), ['3_again.sql', 'create table shop.orders (id bigint)']);
  });

  it('is nowhere for what no file makes, or only in another schema', async () => {
    assert.deepEqual([await find('orders', 'elsewhere', 'table'), await find('nothing', 'public'), await find('bills', 'public')], [undefined, undefined, undefined]);
  });
});
