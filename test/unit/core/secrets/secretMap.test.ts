import assert from 'node:assert/strict';
import { mapSecrets, type SecretRead } from '../../../../src/core/secrets/secretMap.ts';

const read = (name: string, path = 'supabase/functions/mint-token/index.ts'): SecretRead => ({ name, path, offset: 0 });

describe('the map of secrets', () => {
  it('puts what is missing first and tells what nobody reads', () => {
    const rows = mapSecrets({
      remote: [
        { name: 'UNUSED', digest: '' },
        { name: 'SUPABASE_URL', digest: '' },
        { name: 'CIRCLE_API_KEY', digest: '', updatedAt: 1_000 },
      ],
      reads: [read('OPENAI_API_KEY'), read('CIRCLE_API_KEY'), read('OPENAI_API_KEY', 'supabase/functions/generate-image/index.ts')],
      complete: true,
    });
    assert.deepEqual(
      rows.map(({ name, state, readers }) => [name, state, readers.length]),
      [
        ['OPENAI_API_KEY', 'missing', 2],
        ['CIRCLE_API_KEY', 'set', 1],
        ['SUPABASE_URL', 'reserved', 0],
        ['UNUSED', 'unused', 0],
      ],
    );
    assert.equal(rows[1]?.updatedAt, 1_000);
  });

  it('calls nothing unused where not all reads are known', () => {
    const rows = mapSecrets({ remote: [{ name: 'A', digest: '' }], reads: [], complete: false });
    assert.deepEqual(rows, [{ name: 'A', state: 'set', readers: [] }]);
  });

  it('never asks for what the platform sets itself', () => {
    assert.deepEqual(mapSecrets({ remote: [], reads: [read('SUPABASE_DB_URL'), read('SB_REGION')], complete: true }), []);
  });
});
