import assert from 'node:assert/strict';
import { parseSelect, type SelectItem } from '../../../../src/core/postgrest/select.ts';

/** Columns as they are named, embedded rows as `target[…]`, aliases before an equals sign. */
function shape(items: readonly SelectItem[] | undefined): string {
  return items === undefined ? 'nothing' : items.map(word).join(' ');
}

function word(item: SelectItem): string {
  switch (item.kind) {
    case 'star':
      return '*';
    case 'count':
      return '#';
    case 'column':
      return `${item.alias === undefined ? '' : `${item.alias}=`}${item.column.name}`;
    case 'embedded':
      return `${item.alias === undefined ? '' : `${item.alias}=`}${item.target.name}[${shape(item.items)}]`;
    default:
      return item satisfies never;
  }
}

describe("PostgREST's select", () => {
  const cases: [text: string, expected: string][] = [
    ['', ''],
    ['*', '*'],
    ['id,name', 'id name'],
    ['\n  id,\n  full name\n', 'nothing'],
    ['\n  id,\n  name\n', 'id name'],
    ['title:name', 'title=name'],
    ['created_at::date', 'created_at'],
    ['day:created_at::date', 'day=created_at'],
    ["data->a->>b", 'data'],
    ['n:data->0->>count::int', 'n=data'],
    ['total.sum()', 'total'],
    ['t:total.sum()::text', 't=total'],
    ['data->>x::int.max()', 'data'],
    ['count()', '#'],
    ['n:count()', '#'],
    ['count', '#'],
    ['customers(id,name)', 'customers[id name]'],
    ['*, customers ( * )', '* customers[*]'],
    ['buyer:customers!orders_customer_id_fkey(id)', 'buyer=customers[id]'],
    ['customers!inner(id, orders!left(total))', 'customers[id orders[total]]'],
    ['customers!fk!inner()', 'customers[]'],
    ['...customers(customer:name)', 'customers[customer=name]'],
    ['orders(count)', 'orders[#]'],
    ['orders(total.sum(), count())', 'orders[total #]'],
    ['"first name", "a,b"::text', 'first name a,b'],
    ['some-name->x', 'some-name'],
    ['größe', 'größe'],
    ['id,', 'nothing'],
    ['id name', 'nothing'],
    ['customers(id', 'nothing'],
    ['customers(id))', 'nothing'],
    ['a:', 'nothing'],
    ['...name', 'nothing'],
    ['"open', 'nothing'],
    ['total.sum', 'nothing'],
    ['data->', 'nothing'],
  ];
  for (const [text, expected] of cases) {
    it(JSON.stringify(text), () => assert.equal(shape(parseSelect(text)), expected));
  }

  it('knows where each name stands', () => {
    const text = ' id , b:"first name",\n ...t!inner( x::int )';
    const names = (items: readonly SelectItem[]): string[] =>
      items.flatMap((item) => (item.kind === 'column' ? [text.slice(item.column.range.start, item.column.range.end)] : item.kind === 'embedded' ? [text.slice(item.target.range.start, item.target.range.end), ...names(item.items)] : []));
    assert.deepEqual(names(parseSelect(text) ?? []), ['id', 'first name', 't', 'x']);
  });
});
