/* eslint no-template-curly-in-string: off -- programs with templates in them are what is read here */
import assert from 'node:assert/strict';
import { checkApiCalls } from '../../../../src/core/postgrest/check.ts';
import { Catalog } from '../../../../src/core/sql/catalog.ts';
import { applied, marked } from '../sql/lint/cases.ts';
import { catalogOf } from '../sql/names/catalogs.ts';

const shop = catalogOf(
  ['public.orders(id, customer_id, total, created_at, items, count)', 'public.customers(id, name, email, manager)', 'api.invoices(id, amount)', 'auth.users(id, email)', 'private.keys(id, secret)', 'public.odd(first name, id)'],
  ['public.full_name', 'public.refresh_totals', 'private.hidden', 'pg_catalog.lower', 'api.nearest_shop'],
  { foreignKeys: ['orders_customer_id_fkey', 'shipper'], partitions: ['orders_2026'] },
);
const catalog = new Catalog(shop);

function check(program: string, exposed: readonly string[] = ['public', 'api'], among = catalog): string {
  return marked(program, checkApiCalls(program, among, exposed));
}

describe('names in calls of supabase-js', () => {
  const marks: string[] = [
    "supabase.from('«ordrs»').select('id')",
    'await supabase.from("«ordrs»").select()',
    "supabase.from('orders').select('id, «totl»')",
    "supabase\n  .from('orders')\n  .select(`\n    id,\n    «totl»\n  `)\n  .single()",
    "supabase.from('orders').select('id,sum:«totl».sum(),data:«itms»->a->>b,created_at::date')",
    "supabase.from('orders').select('id, «custmers»(id)')",
    "supabase.from('orders').select('id, buyer:customers!inner(id, «nam»)')",
    "supabase.from('orders').select('*, ...customers(customer:«nmae»)')",
    "supabase.from('orders').select('*').eq('«custmer_id»', id).order('«createdat»', { ascending: false }).limit(1)",
    "supabase.from('orders').select('*').is('«itms»->>a', null).not('«totl»', 'is', null).in('«ids»', [1]).textSearch('«nme»', 'a')",
    "supabase.from('orders').select('*, customers(name)').eq('customers.«nmae»', 'a')",
    "supabase.from('orders').select('*, buyer:customers(name)').eq('buyer.«nmae»', 'a').eq('buyer.name', 'b')",
    "supabase.from('orders').insert({ «totl»: 1, 'id': 2, items: { any: 1, [`${a},b`]: f(c, d) } })",
    "supabase.from('orders').insert([{ id: 1 }, { «totl»: 2, ...rest, «itms» }]).select('«ttal»')",
    "supabase.from('orders').upsert(row).select('«ttal»')",
    "supabase.from('orders').update({ '«totl»': 1 }).match({ id: 1, «custmer»: 2 })",
    "supabase.from('orders').delete().eq('«idd»', 1)",
    "supabase.from('orders').select('id').or('total.gt.1,«totl».is.null')",
    'supabase.from("orders").select().or(`«totl».in.(1,2),and(id.eq.1, «ttal».not.is.null),not.or("«x y»".cs.{a,b},items->>a.like(any).{a,b})`)',
    `supabase.from("orders").update({ total: 1 }).or('«totl».eq."a,b.eq.1",id.eq.2')`,
    "supabase.from<'orders', Row>('«ordrs»').select<string, Row>('id')",
    "this.supabase!.from('«ordrs»').select()",
    "ctx.locals?.supabaseAdmin?.from('«ordrs»').select()",
    "getSupabase().from('«ordrs»').select()",
    "(supabase as any).from('«ordrs»').select()",
    "supabase.schema('api').from('invoices').select('id, «amont»')",
    "supabase.schema('api').from('«orders»').select('id')",
    "supabase.from('invoices').select('«total»')",
    "supabase.rpc('«refresh_total»', { a: 1 })",
    "supabase.rpc('refresh_totals').select('anything').eq('whatever', 1)",
    "import { createClient } from 'npm:@supabase/supabase-js@2';\nconst db = createClient<Database>(url, key);\nawait db.from('«ordrs»').select('x');",
    "import { createServerClient } from '@supabase/ssr';\nconst api = await createServerClient(url, key, { cookies: { getAll() { return []; } } });\napi.from('orders').select('«x»')",
    "import { createClient } from '@/utils/supabase/server';\n(await createClient()).from('«ordrs»').select()",
    "const { createClient } = require('@supabase/supabase-js');\ncreateClient(a, b).from('«ordrs»').select()",
    "import type { SupabaseClient } from '@supabase/supabase-js';\nexport const all = (db: SupabaseClient<Database>) => db.from('«ordrs»').select();",
    "import { SupabaseClient } from '@supabase/supabase-js';\nclass A { constructor(private readonly client: SupabaseClient) {}\n all() { return this.client.from('«ordrs»').select(); } }",
  ];
  for (const program of marks) {
    it(`marks: ${program.replaceAll('\n', '⏎')}`, () => assert.equal(check(program.replaceAll(/[«»]/g, '')), program));
  }

  const silent: string[] = [
    // What is right.
    "supabase.from('orders').select('*, customers(id, name)').eq('id', 1).order('total')",
    "supabase.from('orders').select('id, count, n:count(), total.sum(), items->a, customers(count)')",
    "supabase.from('orders').select('*', { count: 'exact', head: true })",
    "supabase.from('orders').select('*, customers(name)').or('customers.not.is.null,total.gt.1').or('name.eq.a', { referencedTable: 'customers' })",
    "supabase.from('orders').select('id, sum:total').or('sum.gt.1').or('name.eq.a', options)",
    // What nobody can know by reading.
    "supabase.from('orders').select('id').or(`totl.eq.${x},a.eq.1`).or('totl').or('totl.eq').or('totl.frobs.1').or('')",
    'supabase.from(table).select("x")',
    'supabase.from(`${prefix}_orders`).select("x")',
    "supabase.from('or' + 'ders_x').select()",
    "supabase.from('orders').select(columns).eq('customer_name', 1)",
    "supabase.from('orders').select('id, ' + more).eq('customer_name', 1)",
    'supabase.from("orders").select(`id, ${more}`).eq("other", 1)',
    "supabase.from('orders').select('id').eq(column, 1).in(`${a}`, [])",
    "supabase.from('orders').insert(rows)",
    "supabase.from('orders').insert({ [key]: 1, ...rest, id: f<A, B, C>(x), id })",
    "supabase.from('orders').insert({ id: 1, get() { return 2; }, total: ok ? a : b })",
    // While it is typed.
    "supabase.from('').select('x')",
    "supabase.from('orders').select('id, totl",
    "supabase.from('orders').select('id, totl(')",
    "supabase.from('orders').sel",
    "supabase.from('ordrs')",
    'supabase.from("ord\\u0065rs").select("x")',
    // Names that mean something else.
    "supabase.from('orders').select('id, full_name')",
    "supabase.from('customers').select('id, manager(idd), shipper(any), orders_customer_id_fkey(any), x:full_name(any)')",
    "supabase.from('orders').select('customer_id(nme), email(x)')",
    "supabase.from('orders').select('id, customers()').not('customers', 'is', null)",
    "supabase.from('orders').select('day:created_at, id').gt('day', 1)",
    "supabase.from('orders').select('*, customers(name)').order('name', { referencedTable: 'customers' }).order('x', options)",
    "supabase.from('orders').select('*, customers(name)').order('customers(name)')",
    "supabase.from('orders').select('*').eq('other.name', 1)",
    "supabase.from('odd').select('\"first name\"')",
    // Schemas.
    "supabase.schema('private').from('nothing').select('x')",
    "supabase.schema(name).from('ordrs').select('x')",
    "supabase.from('keys').select('nothing')",
    "supabase.from('users').select('nothing')",
    "supabase.from('orders_2026').select('x')",
    "supabase.rpc('hidden'); supabase.rpc(name); supabase.rpc(`${a}`); supabase.rpc('select 1 from x')",
    // What has a `from` as well.
    "supabase.storage.from('avatars').upload(path, file)",
    "supabase.storage.from('avatars').update(path, file)",
    "supabaseStorage.from('avatars').update(path, file); supabaseBucket.from('a').update(1)",
    "mockSupabase.from('ordrs').select('x'); fakeSupabase().rpc('nothing')",
    "import '@supabase/supabase-js'; const bucket = createClient(a, b).storage; bucket.from('avatars').update(path, { totl: 1 })",
    "import { createClient } from '@supabase/supabase-js'; Array.from('abc').select('x'); Buffer.from('ordrs').select()",
    "import { createClient } from '@supabase/supabase-js'; knex.select('a').from('ordrs').select('b'); db.from('ordrs').select('a')",
    "import { createClient } from '@supabase/supabase-js'; const db = knex(config); db.from('ordrs').select('a'); db.schema('x').from('y').select()",
    "import { createClient } from 'redis'; const db = createClient(); db.from('ordrs').select('a') // no supabase here",
    "knex('a').from('ordrs').select('b')",
    // Comments, strings and regular expressions.
    "// supabase.from('ordrs').select()\nconst a = \"supabase.from('ordrs').select()\"; const r = /supabase.from('ordrs').select()/;",
  ];
  for (const program of silent) {
    it(`stays silent: ${program.replaceAll('\n', '⏎')}`, () => assert.equal(check(program), program));
  }

  it('says which is meant, and writes it where it stands', () => {
    const fixed = (program: string): string => {
      const [finding] = checkApiCalls(program, catalog, ['public']);
      return applied(program, finding?.fixes[0]?.edits ?? []);
    };
    assert.equal(fixed("supabase.from('ordrs').select()"), "supabase.from('orders').select()");
    assert.equal(fixed("supabase.from('orders').select(`\n  id,\n  t:totl::int\n`)"), "supabase.from('orders').select(`\n  id,\n  t:total::int\n`)");
    assert.equal(fixed("supabase.from('orders').select('x:custmers!inner(id)')"), "supabase.from('orders').select('x:customers!inner(id)')");
    assert.equal(fixed("supabase.from('orders').insert({ id, totl })"), "supabase.from('orders').insert({ id, total: totl })");
    assert.equal(fixed("supabase.rpc('refresh_total')"), "supabase.rpc('refresh_totals')");
    const [finding] = checkApiCalls("supabase.from('odd').select('first_name')", catalog, ['public']);
    assert.deepEqual([finding?.code, finding?.facts, finding?.fixes], ['OB322', { of: 'odd', name: 'first_name' }, []], 'a name that needs quotes is not offered');
  });

  it('has a code for each kind of name', () => {
    const program = "supabase.from('ordrs').select(); supabase.from('orders').select('totl, custmers(id)'); supabase.rpc('refresh');";
    assert.deepEqual(checkApiCalls(program, catalog, ['public']).map(({ code }) => code), ['OB321', 'OB322', 'OB324', 'OB323']);
  });

  it('looks at no names of embedded rows where the foreign keys were not read', () => {
    const { foreignKeys: _, ...without } = shop;
    const program = "supabase.from('orders').select('«totl», custmers(id)')";
    assert.equal(check(program.replaceAll(/[«»]/g, ''), ['public'], new Catalog(without)), program);
  });

  it('is put aside by a comment with a reason', () => {
    const call = "const a = supabase\n  .from('ordrs')\n  .select('id');\n";
    const reason = 'opsbook: ignore OB321 because it is made at night';
    assert.equal(check(`// ${reason}\n${call}`), `// ${reason}\n${call}`);
    assert.equal(check(call.replace(")\n", `) // ${reason}\n`)), call.replace(")\n", `) // ${reason}\n`));
    assert.equal(check(`${call}// opsbook: ignore-file OB321 because no`), `${call}// opsbook: ignore-file OB321 because no`);
    for (const useless of ['// opsbook: ignore OB321\n', '// opsbook: ignore OB322 because no\n', `// ${reason}\n\n`]) {
      assert.equal(check(useless + call), useless + call.replace('ordrs', '«ordrs»'));
    }
  });
});
