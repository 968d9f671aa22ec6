import assert from 'node:assert/strict';
import { functionOfFile } from '../../../../src/core/http/savedRequests.ts';

describe('a file of saved requests', () => {
  const slugs = ['hello', 'hello-world', 'mint'];
  for (const [name, owner] of [
    ['hello.http', 'hello'],
    ['hello-large.http', 'hello'],
    ['hello_2.HTTP', 'hello'],
    ['hello-world.http', 'hello-world'],
    ['hello-world-large.http', 'hello-world'],
    ['hello-worldly.http', 'hello'],
    ['minting.http', undefined],
    ['other.http', undefined],
  ] as const) {
    it(`${name} is of ${owner ?? 'none of them'}`, () => assert.equal(functionOfFile(name, slugs), owner));
  }
});
