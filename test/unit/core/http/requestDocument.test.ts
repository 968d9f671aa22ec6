import assert from 'node:assert/strict';
import { parseRequests, requestAt, type RequestText } from '../../../../src/core/http/requestDocument.ts';

function only(text: string): RequestText {
  const { requests } = parseRequests(text);
  assert.equal(requests.length, 1, JSON.stringify(requests));
  const [request] = requests;
  assert.ok(request);
  return request;
}

/** Method, target, headers and body: what is sent of it. */
function sent(text: string): unknown[] {
  const { method, target, headers, body } = only(text);
  return [method, target, headers.map(({ name, value }) => `${name}=${value}`), body];
}

function problems(text: string): string[] {
  return parseRequests(text).requests.flatMap(({ problems: found }) => found.map(({ kind, range }) => `${kind}: ${text.slice(range.start, range.end)}`));
}

describe('documents of requests', () => {
  const plain: [string, string, unknown[]][] = [
    ['a path alone', '/functions/v1/health', ['GET', '/functions/v1/health', [], undefined]],
    ['a method in any case', 'post /a', ['POST', '/a', [], undefined]],
    ['a whole address', 'GET https://a.supabase.co/functions/v1/b?c=d', ['GET', 'https://a.supabase.co/functions/v1/b?c=d', [], undefined]],
    ['the version of HTTP', 'GET /a HTTP/1.1', ['GET', '/a', [], undefined]],
    ['an unusual method', 'PURGE /a', ['PURGE', '/a', [], undefined]],
    ['a variable for the address', 'GET {{base}}/a', ['GET', '{{base}}/a', [], undefined]],
    ['a variable with a space in the path', 'GET /a/{{secret b}}/c HTTP/2', ['GET', '/a/{{secret b}}/c', [], undefined]],
    ['a query over several lines', 'GET /a\n  ?b=1\n\t&c=2\nX: y', ['GET', '/a?b=1&c=2', ['X=y'], undefined]],
    ['headers and a body', 'POST /a\nX-One: 1\nX-Two:2\n\n{"b": 1}', ['POST', '/a', ['X-One=1', 'X-Two=2'], '{"b": 1}']],
    ['a header without a value', 'GET /a\nX-Empty:', ['GET', '/a', ['X-Empty='], undefined]],
    ['a header with colons in it', 'GET /a\nX: http://b:80', ['GET', '/a', ['X=http://b:80'], undefined]],
    ['a header folded over lines', 'GET /a\nX: one\n  two', ['GET', '/a', ['X=one two'], undefined]],
    ['a header twice', 'GET /a\nX: 1\nx: 2', ['GET', '/a', ['X=1', 'x=2'], undefined]],
    ['a header with an odd name', "GET /a\nX_~!'.9: 1", ['GET', '/a', ["X_~!'.9=1"], undefined]],
    ['comments above and among the headers', '# one\n// two\nGET /a\n# three\nX: 1\n// four\nY: 2', ['GET', '/a', ['X=1', 'Y=2'], undefined]],
    ['what looks like a comment in the body', 'POST /a\n\n# title\n## two', ['POST', '/a', [], '# title\n## two']],
    ['empty lines within and behind the body', 'POST /a\n\none\n\ntwo\n\n\n', ['POST', '/a', [], 'one\n\ntwo']],
    ['an empty line of spaces', 'POST /a\n \t\nbody', ['POST', '/a', [], 'body']],
    ['line breaks of Windows', '# x\r\nPOST /a\r\nX: 1\r\n\r\none\r\ntwo\r\n', ['POST', '/a', ['X=1'], 'one\ntwo']],
    ['line breaks of old', 'POST /a\rX: 1\r\rone', ['POST', '/a', ['X=1'], 'one']],
    ['parts, whose line breaks are told by their type', 'POST /a\nContent-Type: multipart/form-data; boundary=b\n\n--b\n\nx\n--b--', ['POST', '/a', ['Content-Type=multipart/form-data; boundary=b'], '--b\r\n\r\nx\r\n--b--']],
    ['an empty body', 'POST /a\nX: 1\n\n\n', ['POST', '/a', ['X=1'], undefined]],
    ['empty lines in front', '\n\n  \nGET /a', ['GET', '/a', [], undefined]],
  ];
  for (const [what, text, expected] of plain) {
    it(`read ${what}`, () => assert.deepEqual(sent(text), expected));
  }

  it('hold several requests, with their names', () => {
    const text = '@a = 1\n###\n# nothing but a comment\n### First one\nGET /a\n\n####\n# @name second\nPOST /b\n\nx\n###\n';
    const { requests, definitions } = parseRequests(text);
    assert.deepEqual(requests.map(({ name, method, target }) => [name, method, target]), [['First one', 'GET', '/a'], ['second', 'POST', '/b']]);
    assert.deepEqual([...definitions], [['a', '1']]);
    assert.deepEqual(requests.map(({ range }) => text.slice(range.start, range.end)), ['GET /a', 'POST /b\n\nx']);
    assert.deepEqual(requests.map(({ block }) => text.slice(block.start, block.end)), ['GET /a\n\n', '# @name second\nPOST /b\n\nx\n']);
  });

  it('are empty without any', () => {
    for (const text of ['', '\n\n', '# a comment', '###', '@a = b']) {
      assert.deepEqual(parseRequests(text).requests, [], JSON.stringify(text));
    }
  });

  it('know which request a place belongs to', () => {
    const document = parseRequests('GET /a\n###\n# role: none\nGET /b\n### c\nGET /c');
    const at = (offset: number) => requestAt(document, offset)?.target;
    assert.deepEqual([at(0), at(8), at(12), at(30), at(45), at(999)], ['/a', '/a', '/b', '/b', '/c', '/c']);
    assert.equal(requestAt(parseRequests('# nothing'), 0), undefined);
    assert.equal(requestAt(parseRequests('# nothing\n###\nGET /a'), 0)?.target, '/a');
  });

  it('say with which rights a request is sent, and how it is signed', () => {
    assert.equal(only('GET /a').role, 'anon');
    assert.equal(only('# role: service\nGET /a').role, 'service');
    assert.equal(only('//@role :User\nGET /a').role, 'user');
    assert.equal(only('GET /a\n# role: none\nX: 1').role, 'none');
    const { signature } = only('# sign: circle-signature: v1=<hex>\nPOST /a');
    assert.deepEqual(signature, { header: 'circle-signature', format: 'v1=<hex>', payload: '<body>', algorithm: 'sha256', secret: '', encoding: 'text' });
    const detailed = only('# sign-payload: {{$timestamp}}.<body>\n# sign: S: t={{$timestamp}},v1=<base64>\n# sign-algorithm: SHA-512\n# sign-secret: STRIPE base64\nPOST /a').signature;
    assert.deepEqual(detailed, { header: 'S', format: 't={{$timestamp}},v1=<base64>', payload: '{{$timestamp}}.<body>', algorithm: 'sha512', secret: 'STRIPE', encoding: 'base64' });
    assert.equal(only('# signature tests: see below\n# roles are explained there\nGET /a').signature, undefined);
  });

  const faulty: [string, string, string[]][] = [
    ['text that is no request', 'hello world', ['noRequestLine: hello world']],
    ['a relative path', 'GET functions/v1/a', ['noRequestLine: GET functions/v1/a']],
    ['a line among the headers that is none', 'GET /a\nnot a header\nX: 1', ['notAHeader: not a header']],
    ['a header name with a space', 'GET /a\nX Y: 1', ['notAHeader: X Y: 1']],
    ['a body that is not parted by an empty line', 'POST /a\nX: 1\n{"b": 1}', ['notAHeader: {"b": 1}']],
    ['a header without a name', 'GET /a\n: 1', ['notAHeader: : 1']],
    ['a role that there is not', '# role: admin\nGET /a', ['unknownRole: # role: admin']],
    ['a signature without a place for the hash', '# sign: X: v1\nGET /a', ['badSignature: # sign: X: v1']],
    ['a signature over nothing', '# sign-payload: <text>\nGET /a', ['badSignature: # sign-payload: <text>']],
    ['an algorithm that there is not', '# sign-algorithm: md5\nGET /a', ['badSignature: # sign-algorithm: md5']],
    ['a body from a file', 'POST /a\n\n< ./body.json', ['bodyFromFile: < ./body.json']],
    ['nothing in XML', 'POST /a\n\n<a>1</a>', []],
  ];
  for (const [what, text, expected] of faulty) {
    it(`object to ${what}`, () => assert.deepEqual(problems(text), expected));
  }

  it('are read whatever they hold', () => {
    const alphabet = ['#', '##', '###', ' ', '\n', '\r\n', '\r', ':', 'GET', '/a', '@a = b', '{{', '}}', 'X: 1', '<', '{', '"', '\u2028', '\ud83d'];
    let seed = 7;
    const next = (below: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % below;
    };
    for (let round = 0; round < 2000; round++) {
      const text = Array.from({ length: next(25) }, () => alphabet[next(alphabet.length)]).join('');
      for (const { range, block } of parseRequests(text).requests) {
        assert.ok(block.start <= range.start && range.start <= range.end && range.end <= block.end, JSON.stringify(text));
      }
    }
  });

  it('are read in a time that grows with their length', () => {
    const long = `GET /${'a '.repeat(50_000)}\nX: ${' '.repeat(50_000)}x\n\n${'{"a": "b"}\n'.repeat(20_000)}`;
    assert.equal(only(long).headers.length, 1);
  });
});
