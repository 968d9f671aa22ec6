import assert from 'node:assert/strict';
import { parseJsonTree, printJsonTree } from '../../../src/util/jsonTree.ts';

describe('JSON as it is written', () => {
  const print = (text: string): string | undefined => {
    const tree = parseJsonTree(text);
    return tree && printJsonTree(tree);
  };

  it('keeps digits, order and doubles', () => {
    assert.equal(print('{"b":12345678901234567890.10,"a":[1e5,{}],"a":"x, \\"y\\" [","c":[]}'), '{\n  "b": 12345678901234567890.10,\n  "a": [\n    1e5,\n    {}\n  ],\n  "a": "x, \\"y\\" [",\n  "c": []\n}');
    assert.deepEqual([' true ', 'null', '-0.0', '"é\\u0041"'].map(print), ['true', 'null', '-0.0', '"é\\u0041"']);
  });

  it('means what it meant', () => {
    const value = { a: [1, [2, { 'b c': null }], 'x\n"\\'], '': {}, '{': '}' };
    assert.deepEqual(JSON.parse(print(JSON.stringify(value)) ?? ''), value);
  });

  it('says when it is none, or too deep to show', () => {
    assert.deepEqual(['', '{', '{a:1}', "{'a':1}"].map(parseJsonTree), [undefined, undefined, undefined, undefined]);
    assert.equal(parseJsonTree(`${'['.repeat(2000)}${']'.repeat(2000)}`), undefined);
  });
});
