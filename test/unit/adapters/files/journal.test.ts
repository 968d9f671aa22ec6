import assert from 'node:assert/strict';
import { appendFile, readFile, rm, stat, truncate } from 'node:fs/promises';
import path from 'node:path';
import { createJournal } from '../../../../src/adapters/files/journal.ts';
import { isOpsError } from '../../../../src/core/errors.ts';
import { temporaryFolder } from '../../../fixtures/repository.ts';

describe('Journal', () => {
  let file: string;
  beforeEach(async () => {
    file = path.join(await temporaryFolder('journal'), 'ledger', 'acme.jsonl');
  });
  afterEach(() => rm(path.dirname(path.dirname(file)), { recursive: true, force: true }));

  it('keeps entries in order, in a private file that a second reader sees at once', async () => {
    const journal = createJournal(file);
    assert.deepEqual(await journal.read(), []);
    await Promise.all([1, 2, 3].map((n) => journal.append({ n, text: 'line\nfeed' })));
    assert.deepEqual(await createJournal(file).read(), [1, 2, 3].map((n) => ({ n, text: 'line\nfeed' })));
    assert.equal((await stat(file)).mode & 0o777, 0o600);
  });

  it('survives a line torn at every byte: what came before and what comes after is read', async () => {
    const journal = createJournal(file);
    await journal.append({ n: 1 });
    const { size } = await stat(file);
    const second = '{"n":2,"é":"x"}\n';
    for (let kept = 0; kept < Buffer.byteLength(second); kept++) {
      await truncate(file, size);
      await appendFile(file, Buffer.from(second).subarray(0, kept));
      const after = createJournal(file);
      await after.append({ n: 3 });
      const whole = kept === Buffer.byteLength(second) - 1;
      assert.deepEqual(await after.read(), whole ? [{ n: 1 }, { n: 2, é: 'x' }, { n: 3 }] : [{ n: 1 }, { n: 3 }], `torn after ${kept} bytes`);
    }
    assert.equal((await readFile(file, 'utf8')).endsWith('\n'), true);
  });

  it('lets two windows append to one file', async () => {
    const [one, two] = [createJournal(file), createJournal(file)];
    await Promise.all(Array.from({ length: 40 }, (_, n) => (n % 2 ? one : two).append({ n })));
    const numbers = (await one.read()).map((entry) => (entry as { n: number }).n);
    assert.deepEqual(numbers.toSorted((a, b) => a - b), Array.from({ length: 40 }, (_, n) => n));
  });

  it('says when the disk refuses, and the next append is tried anew', async () => {
    const blocked = createJournal(path.join(file, 'below', 'a-file'));
    await createJournal(file).append({ n: 1 });
    await assert.rejects(blocked.append({}), (error) => isOpsError(error, 'storageFailed') && ['ENOTDIR', 'EEXIST'].includes(error.facts.reason));
    await rm(file);
    await blocked.append({ n: 2 });
    assert.deepEqual(await blocked.read(), [{ n: 2 }]);
  });
});
