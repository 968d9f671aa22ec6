import assert from 'node:assert/strict';
import { loadMarkdownGrammar } from '../../../../src/adapters/text/markdown.ts';
import { diagnosticsOf } from '../../../../src/core/diagnostics/diagnostic.ts';
import { parseDocument } from '../../../../src/core/runbook/parseDocument.ts';

describe('diagnostics of a document', () => {
  it('are its steps with a limit, by topic, with what the section says', async () => {
    const text = `# Checks
## Cache
Before.

\`\`\`sql warn="a > 1" every=5m for=10m
select 1 as a
\`\`\`

After, see \`a\`.

\`\`\`sql
select 2
\`\`\`
## Locks
\`\`\`sql critical="rows > 0" topic=Waiting title="Blocked"
select 3
\`\`\`
`;
    const topics = diagnosticsOf(parseDocument('file:///checks.md', text, await loadMarkdownGrammar()));
    assert.deepEqual([...topics.keys()], ['Checks', 'Waiting']);
    const [cache] = topics.get('Checks') ?? [];
    assert.equal(cache?.title, 'Before.');
    assert.equal(cache?.everyMs, 300_000);
    assert.equal(cache?.forMs, 600_000);
    assert.equal(cache?.explanation, 'Before.\n\nAfter, see `a`.');
    const [locks] = topics.get('Waiting') ?? [];
    assert.equal(locks?.title, 'Blocked');
    assert.deepEqual(Object.keys(locks?.limits ?? {}), ['critical']);
    assert.equal('everyMs' in (locks ?? {}), false);
  });
});
