import assert from 'node:assert/strict';
import { loadMarkdownGrammar } from '../../../../src/adapters/text/markdown.ts';
import { interpretHttp } from '../../../../src/core/runbook/interpretHttp.ts';
import type { Instruction } from '../../../../src/core/runbook/operation.ts';
import { parseDocument } from '../../../../src/core/runbook/parseDocument.ts';
import type { MarkdownGrammar } from '../../../../src/core/runbook/markdown.ts';

describe('HTTP fences of manuals', () => {
  let grammar: MarkdownGrammar;

  before(async () => {
    grammar = await loadMarkdownGrammar();
  });

  function read(text: string): Instruction[] {
    const document = parseDocument('file:///m.md', `# Heading\n\`\`\`http\n${text}\n\`\`\`\n`, grammar);
    return interpretHttp(document.sections[0]?.steps[0] ?? assert.fail('there is no step'));
  }

  it('are read as the request editor reads them', () => {
    const [first, second] = read('@base = /functions/v1\n# What it says\nPOST {{base}}/mint\n  ?a=1\nX-A: {{base}}\n\n{"a": 1}\n\n### Named\nGET {{base}}/health');
    assert.deepEqual(first?.operation, { kind: 'http', method: 'POST', target: { kind: 'function', slug: { kind: 'value', value: 'mint' }, path: '?a=1' }, headers: { 'X-A': '/functions/v1' }, body: '{"a": 1}', timings: false });
    assert.deepEqual([first.reason, second?.reason], ['What it says', 'Named']);
    assert.equal(first.text, 'POST {{base}}/mint\n  ?a=1\nX-A: {{base}}\n\n{"a": 1}');
    assert.equal(first.risk, 'writes');
  });

  it('stay whole with the line breaks of Windows', () => {
    const [request] = read('POST /functions/v1/a\r\nX: 1\r\n\r\n{"b": 2}\r\n');
    assert.ok(request?.operation.kind === 'http');
    assert.deepEqual([request.operation.headers, request.operation.body], [{ X: '1' }, '{"b": 2}']);
  });

  it('that show an answer are nothing to run', () => {
    assert.deepEqual(read('HTTP/1.1 200 OK\nContent-Type: application/json\n\n{"ok": true}'), []);
  });
});
