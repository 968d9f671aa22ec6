import assert from 'node:assert/strict';
import { createSqlGrammar } from '../../../../src/adapters/sql/grammar.ts';
import { parseArray } from '../../../../src/core/results/arrayText.ts';
import { createFormat, formatRows } from '../../../../src/core/results/formats/createFormat.ts';
import type { FormatName, FormatOptions } from '../../../../src/core/results/formats/format.ts';
import { insertTarget } from '../../../../src/core/results/insertTarget.ts';
import { quoteIdentifier, quoteLiteral } from '../../../../src/core/results/quote.ts';
import type { Column, Row } from '../../../../src/core/sql/result.ts';

const columns: Column[] = [
  { name: 'id', type: 'int8', category: 'number' },
  { name: 'Full name', type: 'text', category: 'text' },
  { name: 'ok', type: 'bool', category: 'boolean' },
  { name: 'doc', type: 'jsonb', category: 'json' },
  { name: 'tags', type: 'text[]', category: 'array' },
];
const rows: Row[] = [
  ['9007199254740993', "O'Neil, \"Jim\"", 'true', '{"n": 1.10}', '{a,"b c",NULL}'],
  ['-1.50', '', 'false', null, '{}'],
  ['NaN', null, null, '[1]', '{{1,2},{3,4}}'],
];

function format(name: FormatName, options: Partial<FormatOptions> = {}, of = columns, what = rows): string {
  return formatRows(createFormat(name, of, { header: true, safeForSpreadsheets: false, table: 't', ...options }), what);
}

describe('rows as text', () => {
  it('CSV tells null from empty and quotes by RFC 4180', () => {
    assert.equal(
      format('csv'),
      ['id,Full name,ok,doc,tags', '9007199254740993,"O\'Neil, ""Jim""",true,"{""n"": 1.10}","{a,""b c"",NULL}"', '-1.50,"",false,,{}', 'NaN,,,[1],"{{1,2},{3,4}}"', ''].join('\r\n'),
    );
    assert.equal(format('csv', { header: false }, columns.slice(0, 1), [['1'], [null], ['a\nb']]), '1\r\n\r\n"a\nb"\r\n');
  });

  it('CSV is exact, and safe for spreadsheets when asked', () => {
    const text: Column[] = [{ name: 'a', type: 'text', category: 'text' }, { name: 'n', type: 'numeric', category: 'number' }];
    const dangerous: Row[] = [['=1+1', '-5'], ['@x', '1'], ['+1', '-1e5'], ['-a', 'NaN'], ['\tx', null], ['a=b', '']];
    assert.equal(format('csv', { header: false }, text, dangerous.slice(0, 2)), '=1+1,-5\r\n@x,1\r\n');
    assert.equal(format('csv', { header: false, safeForSpreadsheets: true }, text, dangerous), `'=1+1,-5\r\n'@x,1\r\n'+1,-1e5\r\n'-a,NaN\r\n'\tx,\r\na=b,""\r\n`);
    assert.equal(format('csv', { safeForSpreadsheets: true }, [{ name: '=n', type: 'x', category: 'number' }], [['=1']]), `'=n\r\n'=1\r\n`);
  });

  it('JSON keeps every digit, nests JSON and arrays, and names each column once', () => {
    const twice = [...columns, { name: 'id', type: 'int4[]', category: 'array' } as const];
    const text = format('json', {}, twice, rows.map((row, index) => [...row, index === 0 ? '{1,NULL}' : null]));
    assert.match(text, /"id": 9007199254740993, "Full name": "O'Neil, \\"Jim\\"", "ok": true, "doc": \{"n": 1\.10\}, "tags": \["a", "b c", null\], "id_2": \[1, null\]/);
    const parsed = JSON.parse(text) as unknown[];
    assert.deepEqual(parsed[1], { id: -1.5, 'Full name': '', ok: false, doc: null, tags: [], id_2: null });
    assert.deepEqual(parsed[2], { id: 'NaN', 'Full name': null, ok: null, doc: [1], tags: [['1', '2'], ['3', '4']], id_2: null });
    assert.deepEqual(JSON.parse(format('json', {}, columns, [])), []);
  });

  it('Markdown reads as the cells are', () => {
    const cells: Row[] = [['1', 'a|b\n*c* <i> snake_case _x_ `d` \\ [l](u) &lt;', null, null, null]];
    assert.equal(
      format('markdown', {}, columns, cells),
      '| id | Full name | ok | doc | tags |\n| ---: | --- | --- | --- | --- |\n| 1 | a\\|b<br>\\*c\\* &lt;i> snake_case \\_x\\_ \\`d\\` \\\\ \\[l\\](u) &amp;lt; | *NULL* | *NULL* | *NULL* |\n',
    );
  });

  it('text is columns between tabs, and one cell its own text', () => {
    assert.equal(format('text', {}, columns.slice(0, 2), [['1', 'a\tb'], ['2', null]]), 'id\tFull name\n1\t"a\tb"\n2\t');
    assert.equal(format('text', { header: false }, columns.slice(0, 1), [['a\t"b"\nc']]), 'a\t"b"\nc');
  });

  it('INSERT quotes names and texts by rule, a thousand rows at a time', () => {
    assert.equal(
      format('insert', { table: 'public."Order"' }, columns.slice(0, 3), [...rows, ['1', 'C:\\x', 'maybe']]),
      `INSERT INTO public."Order" (id, "Full name", ok) VALUES
  (9007199254740993, 'O''Neil, "Jim"', true, '{"n": 1.10}', '{a,"b c",NULL}'),
  (-1.50, '', false, NULL, '{}'),
  ('NaN', NULL, NULL, '[1]', '{{1,2},{3,4}}'),
  (1, E'C:\\\\x', 'maybe');\n`,
    );
    const many = format('insert', {}, columns.slice(0, 1), Array.from({ length: 2001 }, (_, index) => [String(index)]));
    assert.equal(many.split('INSERT INTO t (id) VALUES\n').length - 1, 3);
    assert.match(many, /\(999\);\nINSERT INTO t/);
    assert.match(many, /\(2000\);\n$/);
    assert.equal(format('insert', {}, columns, []), '');
  });

  it('INSERT names each column once, as no table has two of one name', () => {
    const twice: Column[] = [{ name: 'id', type: 'int4', category: 'number' }, { name: 'id', type: 'int4', category: 'number' }];
    assert.match(formatRows(createFormat('insert', twice, { header: true, safeForSpreadsheets: false, table: 't' }), [['1', '2']]), /^INSERT INTO t \(id, id_2\) VALUES/);
  });

  it('names are quoted unless they are plain', () => {
    assert.deepEqual(['a_1', 'A', 'user', '1a', 'a b', 'a"b', 'ä', ''].map(quoteIdentifier), ['a_1', '"A"', '"user"', '"1a"', '"a b"', '"a""b"', '"ä"', '""']);
    assert.deepEqual(["a'b", 'a\\', ''].map(quoteLiteral), ["'a''b'", "E'a\\\\'", "''"]);
  });

  it('arrays are read as Postgres writes them', () => {
    assert.deepEqual(parseArray('{1,NULL,"NULL","a\\"b\\\\",a b}'), ['1', null, 'NULL', 'a"b\\', 'a b']);
    assert.deepEqual(parseArray('[0:1]={{a},{"b,c"}}'), [['a'], ['b,c']]);
    assert.deepEqual(parseArray('{}'), []);
    assert.deepEqual(parseArray('{(1,2),(3,4);(5,6)}', ';'), ['(1,2),(3,4)', '(5,6)']);
    for (const wrong of ['', 'a', '{', '{a', '{a}b', '{,}', '{"a}', '{a,}']) {
      assert.equal(parseArray(wrong), undefined, wrong);
    }
  });

  it('INSERT goes into the one table that the rows are of', async () => {
    const grammar = createSqlGrammar({ workerPath: '' });
    const target = async (sql: string): Promise<string | undefined> => insertTarget(sql, grammar, new AbortController().signal);
    assert.equal(await target('select * from "Order" o where id = :id'), '"Order"');
    assert.equal(await target('select a, count(*) from public.tokens group by 1'), 'public.tokens');
    assert.equal(await target('delete from t returning *'), 't');
    assert.equal(await target('select * from a, b'), undefined);
    assert.equal(await target('select * from a join b using (id)'), undefined);
    assert.equal(await target('select 1'), undefined);
    assert.equal(await target('selekt'), undefined);
  });
});
