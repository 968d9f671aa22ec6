import assert from 'node:assert/strict';
import { loadInterpreter } from '../../../../src/adapters/text/interpreter.ts';
import { loadMarkdownGrammar } from '../../../../src/adapters/text/markdown.ts';
import { parseDocument } from '../../../../src/core/runbook/parseDocument.ts';
import { probesOf } from '../../../../src/core/runbook/probes.ts';

describe('checks after a deploy that manuals ask for', () => {
  const probes = async (text: string) => {
    const [grammar, interpret] = await Promise.all([loadMarkdownGrammar(), loadInterpreter()]);
    const document = parseDocument('file:///m.md', text, grammar);
    return probesOf([{ document, label: 'docs/M.md', origin: 'repository' }], async (step) => interpret(step, { functionSlugs: new Set(['health']) }));
  };

  it('are the first call of a fence that says so, with what must come back', async () => {
    assert.deepEqual(await probes('# A\n```bash probe\ncurl https://<ref>.supabase.co/functions/v1/health/deep?x=1\n# Expected: 204 No Content\n```\n'), [{ slug: 'health', method: 'GET', path: '/deep?x=1', status: 204, headers: {}, from: 'docs/M.md' }]);
    assert.deepEqual(await probes('# A\n```http title="Mint" probe\nPOST /functions/v1/mint-token\nContent-Type: application/json\n\n{"dry": true}\n```\n'), [
      { slug: 'mint-token', method: 'POST', path: '', status: 200, headers: { 'Content-Type': 'application/json' }, body: '{"dry": true}', from: 'docs/M.md' },
    ]);
  });

  it('are none of what is not marked, goes elsewhere, or is open', async () => {
    for (const text of ['```http\nGET /functions/v1/health\n```', '```http probe\nGET /rest/v1/\n```', '```http probe\nGET https://example.com/functions/v1/health\n```', '```http probe\nGET /functions/v1/<function-name>\n```', '```sql probe\nselect 1\n```', '```http probe\n```']) {
      assert.deepEqual(await probes(`# A\n${text}\n`), [], text);
    }
  });
});
