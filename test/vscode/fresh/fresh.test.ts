import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { activate, commandKeys, run } from '../opsbook.ts';
import { Person } from '../person.ts';

/** Said by whatever needs what is not there; the sentence names it. */
const missing = /^(You are not signed in to Supabase\.|No project is selected\.|.+ does not exist\.|.+ is not available here: .+\.)/;

describe('Opsbook in a window without a project', () => {
  let person: Person;

  before(() => (person = new Person()));

  beforeEach(() => person.forget());

  after(() => person.leave());

  it('is not started by a folder that has nothing to do with Supabase', () => {
    assert.equal(vscode.extensions.getExtension('opsbook.opsbook')?.isActive, false);
  });

  it('starts', async () => {
    assert.ok((await activate()).isActive);
  });

  for (const key of commandKeys) {
    it(`${key} says what is missing, asks, or does what it can; it does not fail`, async () => {
      await run(key);
      assert.deepEqual(person.told.filter((message) => !missing.test(message)), []);
    });
  }

  it('nothing that needs a project goes on without one', async () => {
    for (const key of ['health.report', 'functions.deploy', 'functions.rollback', 'secrets.set', 'diagnostics.runAll'] as const) {
      person.forget();
      await run(key);
      assert.deepEqual(person.told, ['You are not signed in to Supabase.'], key);
      assert.deepEqual(person.asked, [], key);
    }
  });
});
