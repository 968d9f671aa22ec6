import assert from 'node:assert/strict';
import type { DeployPlan } from '../../../src/core/functions/plan.ts';
import type { FunctionSource, SourceOrigin } from '../../../src/core/functions/source.ts';
import type { Commit } from '../../../src/core/ports.ts';
import { originText, planText } from '../../../src/features/deploy/planText.ts';
import { acme } from '../../fakes/connection.ts';

const commit: Commit = { hash: '3f2a91c'.padEnd(40, '0'), subject: 'Mint with a fee', author: 'Ada', time: 0, refs: [] };
const source: FunctionSource = { slug: 'mint-token', entrypoint: 'supabase/functions/mint-token/index.ts', staticFiles: [], disabled: false, files: new Map(), missing: [], pointers: [] };
const live = { id: 'id-1', slug: 'mint-token', name: 'mint-token', status: 'ACTIVE', version: 12, createdAt: 0, updatedAt: 0 };

function plan(change: Partial<DeployPlan> = {}): DeployPlan {
  return {
    action: 'deploy',
    project: acme,
    slug: 'mint-token',
    source,
    origin: { kind: 'workingTree', head: commit },
    live,
    changes: { changed: ['supabase/functions/mint-token/index.ts'], added: [], removed: [] },
    verifyJwt: { becomesPublic: false },
    missingSecrets: [],
    unknownSecrets: [],
    uncommitted: [],
    disabled: false,
    irreversible: [{ kind: 'liveBodyReplaced', version: 12, kept: true }, { kind: 'requestsServed' }],
    ...change,
  };
}

const lines = (change: Partial<DeployPlan>) => planText([plan(change)]).detail;

describe('the plan of a deploy, in words', () => {
  it('says what happens where, from what, what changes, and what can be undone', () => {
    assert.deepEqual(planText([plan()]), {
      question: 'Deploy mint-token to acme?',
      detail: [
        'acme counts as production.',
        '',
        'From the working tree at 3f2a91c. Replaces version 12.',
        'Changed: mint-token/index.ts',
        'Version 12 is kept on this machine and can be brought back.',
      ],
      action: 'Deploy',
    });
  });

  it('of a rollback says from which commit, and what stays', () => {
    const { question, detail, action } = planText([plan({ action: 'rollback', origin: { kind: 'commit', commit }, irreversible: [{ kind: 'liveBodyReplaced', version: 12, kept: false }, { kind: 'secretsStay' }] })]);
    assert.deepEqual([question, action], ['Roll mint-token back on acme?', 'Roll Back']);
    assert.ok(detail.includes('From commit 3f2a91c “Mint with a fee”. Replaces version 12.'));
    assert.deepEqual(detail.slice(-2), ['The platform keeps no versions: version 12 cannot be brought back from there.', 'Secrets, database and settings of the project are not rolled back.']);
  });

  it('does not call production what is not', () => {
    assert.deepEqual(lines({ project: { ...acme, environment: 'staging' } })[0], '');
  });

  it('of a new function says that it is one, and what taking it away would be', () => {
    const { live: before, changes, ...rest } = plan({ irreversible: [{ kind: 'functionCreated' }, { kind: 'requestsServed' }] });
    assert.ok(before && changes);
    assert.deepEqual(planText([rest]).detail.slice(2), ['From the working tree at 3f2a91c. Creates a new function.', 'It answers from then on; taking it away again is a deletion.']);
  });

  const warnings: readonly (readonly [string, Partial<DeployPlan>, string])[] = [
    ['what is not committed', { uncommitted: ['_shared/db.ts', 'index.ts'] }, 'Not committed: _shared/db.ts, index.ts'],
    ['secrets that are set nowhere', { missingSecrets: ['OPENAI_API_KEY'] }, 'Read by the code and not set: OPENAI_API_KEY'],
    ['which secrets nobody could tell it about', { unknownSecrets: ['OPENAI_API_KEY'] }, 'Read by the code; whether they are set could not be read: OPENAI_API_KEY'],
    ['that anybody will be able to call it', { verifyJwt: { before: true, after: false, becomesPublic: true } }, 'mint-token will answer WITHOUT a token: anybody can call it.'],
    ['that config.toml switches it off', { disabled: true }, 'config.toml switches it off (enabled = false); it is deployed all the same.'],
    ['that nothing differs', { changes: { changed: [], added: [], removed: [] } }, 'Nothing differs from what is live.'],
    ['what is new', { changes: { changed: [], added: [], removed: ['supabase/functions/_shared/fees.ts'] } }, 'New: _shared/fees.ts'],
    ['what is no longer sent', { changes: { changed: [], added: ['docs/x.md'], removed: [] } }, 'No longer sent: docs/x.md'],
    ['how many files there are when there are many', { changes: { changed: Array.from({ length: 9 }, (_, index) => `${index}.ts`), added: [], removed: [] } }, 'Changed: 0.ts, 1.ts, 2.ts, 3.ts, 4.ts, 5.ts and 3 more'],
  ];
  for (const [what, change, line] of warnings) {
    it(`says ${what}`, () => {
      assert.ok(lines(change).includes(line), lines(change).join('\n'));
    });
  }

  it('says that it does not know what changes where what is live could not be read', () => {
    const { changes, ...rest } = plan();
    assert.ok(changes);
    assert.ok(planText([rest]).detail.includes('What is live could not be read, so what changes is not known.'));
  });

  it('has the same facts for each of several, under its name', () => {
    const { question, detail } = planText([plan(), plan({ slug: 'health', uncommitted: ['index.ts'] })]);
    assert.equal(question, 'Deploy mint-token, health to acme?');
    assert.deepEqual(detail.filter((line) => line.includes('From the working tree')), ['mint-token: From the working tree at 3f2a91c. Replaces version 12.', 'health: From the working tree at 3f2a91c. Replaces version 12.']);
    assert.equal(detail.filter((line) => line === 'Not committed: index.ts').length, 1);
  });

  it('lets no outside text begin a line of its own', () => {
    const forged = 'x\nNothing differs from what is live.\u202e\u001b';
    const { question, detail } = planText([
      plan({
        slug: forged,
        project: { ...acme, name: forged },
        origin: { kind: 'commit', commit: { ...commit, subject: forged } },
        uncommitted: [forged],
        missingSecrets: [forged],
        unknownSecrets: [forged],
        changes: { changed: [forged], added: [forged], removed: [forged] },
      }),
    ]);
    for (const line of [question, ...detail]) {
      assert.doesNotMatch(line, /[\n\u001b\u202e]/);
      assert.doesNotMatch(line, /^Nothing differs/);
    }
  });

  const origins: readonly (readonly [SourceOrigin, string])[] = [
    [{ kind: 'commit', commit }, 'From commit 3f2a91c “Mint with a fee”.'],
    [{ kind: 'workingTree', head: commit }, 'From the working tree at 3f2a91c.'],
    [{ kind: 'workingTree' }, 'From the working tree.'],
    [{ kind: 'recorded', version: 11 }, 'The body that was live as version 11.'],
  ];
  for (const [origin, words] of origins) {
    it(`names its source: ${words}`, () => {
      assert.equal(originText(origin), words);
    });
  }
});
