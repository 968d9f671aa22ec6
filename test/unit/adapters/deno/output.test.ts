import assert from 'node:assert/strict';
import { readFindings } from '../../../../src/adapters/deno/output.ts';

// Recorded from Deno 2.9.6.
const output = `Check supabase/functions/a/index.ts
TS2307 [ERROR]: Cannot find module 'file:///tmp/dc/supabase/functions/a/missing.ts'.
    at file:///tmp/dc/supabase/functions/a/index.ts:2:19

TS2322 [ERROR]: Type 'number' is not assignable to type 'string'.
export const x = "s"; const u: string = 4;
                            ^
    at file:///tmp/dc/supabase/functions/a/b%20c.ts:1:29

Found 2 errors.

error: Type checking failed.
`;

describe('what deno check says', () => {
  it('is read with its places', () => {
    assert.deepEqual(readFindings(output, '/tmp/dc'), [
      { path: 'supabase/functions/a/index.ts', line: 2, column: 19, code: 'TS2307', message: "Cannot find module 'file:///tmp/dc/supabase/functions/a/missing.ts'." },
      { path: 'supabase/functions/a/b c.ts', line: 1, column: 29, code: 'TS2322', message: "Type 'number' is not assignable to type 'string'." },
    ]);
  });

  it('may be that a module cannot be had, after lines about downloads', () => {
    const said = 'Download https://registry.npmjs.org/x\nerror: Failed loading https://registry.npmjs.org/x for package "x"\n    0: error sending request\n    at file:///tmp/dc/a.ts:1:8\n';
    assert.deepEqual(readFindings(said, '/tmp/dc'), [{ path: 'a.ts', line: 1, column: 8, message: 'Failed loading https://registry.npmjs.org/x for package "x"' }]);
  });

  it('names nothing outside the tree', () => {
    assert.deepEqual(readFindings('TS1 [ERROR]: x\n    at file:///tmp/other/a.ts:1:8\n\nTS1 [ERROR]: x\n    at https://esm.sh/x.ts:1:8\n', '/tmp/dc'), []);
  });
});
