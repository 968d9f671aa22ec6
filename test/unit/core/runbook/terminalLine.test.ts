import assert from 'node:assert/strict';
import { isOpsError } from '../../../../src/core/errors.ts';
import { terminalLine } from '../../../../src/core/runbook/terminalLine.ts';

const ref = 'abcdefghijklmnopqrst';

describe('a command for the terminal', () => {
  it('is what the manual says, in one line', () => {
    assert.equal(terminalLine('npm update -g supabase', ref), 'npm update -g supabase');
    assert.equal(terminalLine('openssl s_client \\\n    -connect your-domain.com:443', ref), 'openssl s_client -connect your-domain.com:443');
  });

  it('is refused when something in it cannot be seen', () => {
    for (const hidden of ['ls\nrm -rf /', 'ls\rrm -rf /', 'ls \u001b[2K', 'ls \u202e/ fr- mr', 'ls \u0007', 'ls \u200b']) {
      assert.throws(() => terminalLine(hidden, undefined), (error) => isOpsError(error, 'notSent'), JSON.stringify(hidden));
    }
  });

  it('names the hosted project that is shown, unless it names a target itself or takes none', () => {
    assert.equal(terminalLine('supabase db push', ref), `supabase db push --project-ref ${ref}`);
    assert.equal(terminalLine('supabase inspect db db-stats', ref), `supabase inspect db db-stats --project-ref ${ref}`);
    assert.equal(terminalLine('supabase db push --local', ref), 'supabase db push --local');
    assert.equal(terminalLine('supabase db reset --linked', ref), 'supabase db reset --linked');
    assert.equal(terminalLine('supabase functions serve', ref), 'supabase functions serve');
    assert.equal(terminalLine('supabase db push', undefined), 'supabase db push');
  });
});
