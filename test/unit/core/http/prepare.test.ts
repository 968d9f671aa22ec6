import assert from 'node:assert/strict';
import { isOpsError, type ErrorCode } from '../../../../src/core/errors.ts';
import { neededVariables, prepareRequest, slugOf } from '../../../../src/core/http/prepare.ts';
import { parseRequests } from '../../../../src/core/http/requestDocument.ts';

function prepare(text: string, values: Record<string, string> = {}) {
  const document = parseRequests(text);
  const [request] = document.requests;
  assert.ok(request);
  return prepareRequest(request, document, new Map(Object.entries(values)));
}

function fails(code: ErrorCode, text: string, values: Record<string, string> = {}): void {
  assert.throws(() => prepare(text, values), (error) => isOpsError(error, code));
}

describe('requests made ready', () => {
  it('have values written as their place needs them', () => {
    const nasty = 'a/b "c"\\';
    assert.equal(prepare('GET /a/{{v}}?q={{v}}', { v: nasty }).url, '/a/a%2Fb%20%22c%22%5C?q=a%2Fb%20%22c%22%5C');
    assert.equal(prepare('GET {{base}}/a', { base: '/functions/v1' }).url, '/functions/v1/a');
    assert.equal(prepare('POST /a\n\n{"x": "{{v}}", "n": {{n}}}', { v: nasty, n: '7' }).body, `{"x": ${JSON.stringify(nasty)}, "n": 7}`);
    assert.equal(prepare('POST /a\n\nx={{v}}', { v: nasty }).body, `x=${nasty}`);
    assert.deepEqual(prepare('GET /a\nX: <{{v}}>', { v: nasty }).headers, { X: `<${nasty}>` });
  });

  it('have definitions put in as they are written', () => {
    const { url, body } = prepare('@fn = /functions/v1/{{name}}\n@user = {"id": 1}\nPOST {{fn}}\n\n{"user": {{user}}}', { name: 'a b' });
    assert.deepEqual([url, body], ['/functions/v1/a%20b', '{"user": {"id": 1}}']);
  });

  it('say that JSON is JSON, unless a header says otherwise', () => {
    const type = (text: string) => prepare(text).headers;
    assert.deepEqual(type('POST /a\n\n{"b": 1}'), { 'content-type': 'application/json' });
    assert.deepEqual(type('POST /a\n\n[1]'), { 'content-type': 'application/json' });
    assert.deepEqual(type('POST /a\nCONTENT-TYPE: text/plain\n\n{}'), { 'CONTENT-TYPE': 'text/plain' });
    assert.deepEqual(type('POST /a\n\na=b'), {});
    assert.deepEqual(type('GET /a'), {});
  });

  it('join headers of one name', () => {
    assert.deepEqual(prepare('GET /a\nX: 1\nx: 2\nCookie: a=1\nCookie: b=2').headers, { X: '1, 2', Cookie: 'a=1; b=2' });
  });

  it('are refused while something is open, or where a header would break', () => {
    fails('placeholdersLeft', 'GET /{{a}}');
    fails('placeholdersLeft', 'GET /a\nX: {{secret b}}', { b: '1' });
    fails('notSent', 'GET /a\nX: {{v}}', { v: 'a\r\nInjected: 1' });
    fails('notSent', 'GET /a\nX: {{v}}', { v: 'snow ☃' });
    assert.deepEqual(prepare('GET /a\nX: ünï\tx').headers, { X: 'ünï\tx' });
  });

  it('tell what has to be known first, also for a signature', () => {
    const document = parseRequests('@p = {{deep}}\n# sign: S: t={{$timestamp}},<hex>\n# sign-payload: {{id}}.<body>\nPOST /{{p}}\nX: {{secret k}}\n\n{{b}}');
    const [request] = document.requests;
    assert.ok(request);
    assert.deepEqual(neededVariables(request, document).map(({ name }) => name), ['deep', 'k', 'b', '$timestamp', 'id']);
  });

  it('lead to a function, or to something else', () => {
    const slugs = ['/functions/v1/mint-token', '/functions/v1/a/deep?x', 'https://a.supabase.co/functions/v1/b#c', '/rest/v1/', '/x?y=/functions/v1/z', 'https://a.test'].map(slugOf);
    assert.deepEqual(slugs, ['mint-token', 'a', 'b', undefined, undefined, undefined]);
  });
});
