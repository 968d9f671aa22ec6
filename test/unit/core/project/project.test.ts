import assert from 'node:assert/strict';
import { isForTrying, type Project } from '../../../../src/core/project/project.ts';

describe('a database that may be asked what nobody pressed for', () => {
  const project = (more: Partial<Project>): Project => ({ kind: 'hosted', ref: 'abcdefghijklmnopqrst', name: 'acme', environment: 'production', ...more });

  it('is a local stack or a preview branch, and nothing that somebody calls production', () => {
    assert.equal(isForTrying(project({ kind: 'local', environment: 'local' })), true);
    assert.equal(isForTrying(project({ parentRef: 'bcdefghijklmnopqrstu', environment: 'preview' })), true);
    assert.equal(isForTrying(project({ parentRef: 'bcdefghijklmnopqrstu', environment: 'production' })), false);
    assert.equal(isForTrying(project({})), false);
    // A word for a hosted project does not make it one that other people do not use.
    assert.equal(isForTrying(project({ environment: 'preview' })), false);
    assert.equal(isForTrying(project({ environment: 'development' })), false);
    assert.equal(isForTrying(project({ kind: 'selfHosted', environment: 'development' })), false);
  });
});
