import assert from 'node:assert/strict';
import { executionIdOf, headerOf, indentJson, shownBody } from '../../../../src/core/http/answer.ts';

const answer = (body: string, ...headers: [string, string][]) => ({ body, headers });

describe('answers', () => {
  it('name their execution as the hosted runtime does', () => {
    assert.equal(executionIdOf(answer('', ['X-Deno-Execution-Id', 'one'])), 'one');
    assert.equal(executionIdOf(answer('', ['x-sb-execution-id', 'two'])), 'two');
    assert.equal(executionIdOf(answer('', ['x-deno-execution-id', ''], ['sb-request-id', 'three'])), undefined);
    assert.equal(headerOf(answer('', ['A', '1'], ['a', '2']), 'a'), '1');
  });

  it('show JSON indented, to the digit', () => {
    const json = '{"a":12345678901234567890.10,"b":[],"c":{},"d":[1,{"e":"x, {y}: \\"z\\""}],"f":null}';
    const expected = ['{', '  "a": 12345678901234567890.10,', '  "b": [],', '  "c": {},', '  "d": [', '    1,', '    {', '      "e": "x, {y}: \\"z\\""', '    }', '  ],', '  "f": null', '}'].join('\n');
    assert.equal(indentJson(json), expected);
    assert.equal(indentJson(expected), expected);
    assert.deepEqual(JSON.parse(indentJson('[[],[[1]],"\\\\"]')), [[], [[1]], '\\']);
  });

  it('are JSON by their content, and bytes by their type', () => {
    const kind = (body: string, type = '') => shownBody(answer(body, ['Content-Type', type])).kind;
    assert.deepEqual([kind(''), kind('{"a":1}', 'text/plain'), kind('{a:1}', 'application/json'), kind('42'), kind('<html>')], ['empty', 'json', 'text', 'text', 'text']);
    assert.deepEqual([kind('x', 'image/png'), kind('x', 'application/pdf'), kind('<svg/>', 'image/svg+xml'), kind('a\0b')], ['binary', 'binary', 'text', 'binary']);
  });
});
