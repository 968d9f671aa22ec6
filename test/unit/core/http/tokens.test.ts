import assert from 'node:assert/strict';
import { tokensOf } from '../../../../src/core/http/tokens.ts';

function coloured(text: string): string[] {
  const lines = text.split('\n');
  return tokensOf(text).map(({ type, line, start, end }) => `${type} ${lines[line]?.slice(start, end)}`);
}

describe('the colours of requests', () => {
  it('tell the parts of a request', () => {
    assert.deepEqual(coloured('@a = b\n### First\n# role: none {{x}}\nPOST /a/{{id}}\n  ?b=1\nX-A: 1 {{secret k}}\n\n{"k": "v {{id}}", "n": -1.5e3, "t": true}\n### Next\nGET /b'), [
      'type @a',
      'keyword ### First',
      'comment # role: none {{x}}',
      'keyword POST ',
      'string /a/',
      'variable {{id}}',
      'string   ?b=1',
      'type X-A',
      'variable {{secret k}}',
      'type "k"',
      'string "v ',
      'variable {{id}}',
      'string "',
      'type "n"',
      'number -1.5e3',
      'type "t"',
      'keyword true',
      'keyword ### Next',
      'keyword GET ',
      'string /b',
    ]);
  });

  it('tell the parts of an answer, and leave the lines of its log alone', () => {
    assert.deepEqual(coloured('# 200 OK\n\nHTTP/1.1 200 OK\ncontent-type: x\n\n{\n  "ok": null\n}\n\n### Log of execution 1\n2026-11-20T09:00:00Z [info] a "b": 1\n# late'), [
      'comment # 200 OK',
      'keyword HTTP/1.1',
      'number 200',
      'type content-type',
      'type "ok"',
      'keyword null',
      'keyword ### Log of execution 1',
      'comment # late',
    ]);
  });

  it('never overlap, and stand in order', () => {
    for (const { line, start, end, type } of tokensOf('GET {{a}}{{b}}\n\n"{{a}}": "{{b}}{{{c}}}"')) {
      assert.ok(start < end, `${line} ${type}`);
    }
    const pieces = tokensOf('GET {{a}}{{b}}\n\n"{{a}}": "{{b}}{{{c}}}"');
    assert.ok(pieces.every((piece, index) => index === 0 || piece.line > (pieces[index - 1]?.line ?? 0) || piece.start >= (pieces[index - 1]?.end ?? 0)));
    assert.deepEqual(tokensOf(`POST /a\n\n${'x'.repeat(400_000)}`), []);
  });
});
