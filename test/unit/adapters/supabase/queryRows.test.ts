import assert from 'node:assert/strict';
import { readRows } from '../../../../src/adapters/supabase/queryRows.ts';
import { isOpsError } from '../../../../src/core/errors.ts';

const big = '1234567890123456789012345678901234567890.5';

describe('the rows of the query endpoint', () => {
  it('keep every digit, tell null from empty, and spell values as text', async () => {
    const { columns, rows } = await readRows(
      `[{"n": ${big}, "i": 9007199254740993, "t": "", "b": false, "j": {"a": [${big}, null]}, "x": {"type":"Buffer","data":[0,255]}},
        {"n": "NaN", "i": -1, "t": null, "b": true, "j": [], "x": null}]`,
      'run SQL',
    );
    assert.deepEqual(rows, [
      [big, '9007199254740993', '', 'false', `{"a":[${big},null]}`, '\\x00ff'],
      ['NaN', '-1', null, 'true', '[]', null],
    ]);
    assert.deepEqual(
      columns.map(({ name, type, category }) => [name, type, category]),
      [
        ['n', 'unknown', 'text'],
        ['i', 'unknown', 'number'],
        ['t', 'unknown', 'text'],
        ['b', 'unknown', 'boolean'],
        ['j', 'unknown', 'json'],
        ['x', 'unknown', 'bytes'],
      ],
    );
  });

  it('may be none', async () => {
    assert.deepEqual(await readRows('[]', 'run SQL'), { columns: [], rows: [] });
    assert.deepEqual(await readRows('', 'run SQL'), { columns: [], rows: [] });
  });

  it('may have two columns of one name, the last of which counts', async () => {
    assert.deepEqual((await readRows('[{"a": 1, "a": 2}]', 'run SQL')).rows, [['2']]);
  });

  it('may have names that mean something to JavaScript', async () => {
    const { columns, rows } = await readRows('[{"__proto__": 1, "constructor": 2}]', 'run SQL');
    assert.deepEqual([columns.map(({ name }) => name), rows], [['__proto__', 'constructor'], [['1', '2']]]);
  });

  it('are refused when they are none', async () => {
    for (const text of ['{"message": "x"}', '[1]', '[{"a":', '<html>', 'null']) {
      await assert.rejects(readRows(text, 'run SQL'), (error) => isOpsError(error, 'badAnswer'), text);
    }
  });
});
