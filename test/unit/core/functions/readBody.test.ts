import assert from 'node:assert/strict';
import type { FunctionBody } from '../../../../src/core/functions/edgeFunction.ts';
import { readBody } from '../../../../src/core/functions/readBody.ts';
import { FakeBodyArchive } from '../../../fakes/storage.ts';
import { FakeManagementApi } from '../../../fakes/managementApi.ts';

const ref = 'abcdefghijklmnopqrst';
const options = { signal: new AbortController().signal, priority: 'view' } as const;

describe('a body that is read', () => {
  let management: FakeManagementApi;
  let bodies: FakeBodyArchive;
  beforeEach(() => {
    management = new FakeManagementApi();
    management.addProject(ref);
    bodies = new FakeBodyArchive();
  });

  /** What the service gives back for version 3, and what is then kept of it. */
  async function read(from: FunctionBody['from']): Promise<{ body: FunctionBody; kept: boolean }> {
    const files = new Map([['index.ts', new TextEncoder().encode('code')]]);
    const fn = management.deploy(ref, 'health', files, { version: 3, id: 'a' });
    management.functionBody = async () => ({ files, ...(from ? { from } : {}) });
    const body = await readBody(management, bodies, ref, fn, options);
    return { body, kept: (await bodies.get(ref, 'health', 3, fn)) !== undefined };
  }

  it('is kept when the service says nothing of its version, or says this one', async () => {
    assert.ok((await read(undefined)).kept);
    assert.ok((await read({ id: 'a', version: 3 })).kept);
  });

  it('is kept when only settings have changed since it was made', async () => {
    assert.ok((await read({ id: 'a', version: 2 })).kept);
  });

  it('is not kept as a version that somebody replaced between the list and the answer', async () => {
    assert.deepEqual((await read({ id: 'a', version: 4 })).kept, false);
    assert.deepEqual((await read({ id: 'b', version: 1 })).kept, false);
  });
});
