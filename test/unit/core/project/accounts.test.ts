import assert from 'node:assert/strict';
import { isOpsError } from '../../../../src/core/errors.ts';
import { Accounts, checkAccessToken, type Account } from '../../../../src/core/project/accounts.ts';
import { FakeSecretStore } from '../../../fakes/secretStore.ts';
import { FakeStorage } from '../../../fakes/storage.ts';

const hosted = 'https://api.supabase.com';
const token = `sbp_${'0123456789'.repeat(4)}`;
const other = `sbp_${'abcdef0123'.repeat(4)}`;

describe('accounts', () => {
  let secrets: FakeSecretStore;
  let storage: FakeStorage;
  let accounts: Accounts;
  let changes: Account[];
  beforeEach(() => {
    secrets = new FakeSecretStore();
    storage = new FakeStorage();
    accounts = new Accounts({ secrets, storage });
    changes = [];
    accounts.onDidChange((account) => changes.push(account));
  });

  it('are none at first, which is an empty list', () => {
    assert.deepEqual(accounts.list(), []);
    assert.equal(accounts.find('nobody'), undefined);
  });

  it('stand side by side, each with its own token', async () => {
    const mine = await accounts.add('me@example.test', hosted, token);
    const ours = await accounts.add('ops@example.test', hosted, other);
    assert.deepEqual(accounts.list(), [mine, ours]);
    assert.deepEqual([await accounts.token(mine), await accounts.token(ours)], [token, other]);
  });

  it('keep a token for the address it was saved for: the same name elsewhere is another account', async () => {
    const mine = await accounts.add('me@example.test', hosted, token);
    const staging = await accounts.add('me@example.test', 'https://api.staging.test', other);
    assert.notEqual(mine.id, staging.id);
    assert.equal(await accounts.token(mine), token);
    const elsewhere: Account = { name: 'me@example.test', origin: 'https://evil.test', id: 'me@example.test https://evil.test' };
    await assert.rejects(accounts.token(elsewhere), (error) => isOpsError(error, 'notSignedIn'));
  });

  it('take a new token in place of the old one', async () => {
    await accounts.add('me@example.test', hosted, token);
    const again = await accounts.add('me@example.test', hosted, other);
    assert.deepEqual(accounts.list(), [again]);
    assert.equal(await accounts.token(again), other);
    assert.deepEqual(changes.map(({ id }) => id), [again.id, again.id]);
  });

  it('leave nothing of a token behind when they go, and leave the others alone', async () => {
    const mine = await accounts.add('me@example.test', hosted, token);
    const ours = await accounts.add('ops@example.test', hosted, other);
    await accounts.remove(mine);
    assert.deepEqual(accounts.list(), [ours]);
    assert.deepEqual([...secrets.values.values()], [other]);
    await assert.rejects(accounts.token(mine), (error) => isOpsError(error, 'notSignedIn'));
    assert.equal(changes.at(-1)?.id, mine.id);
  });

  it('never write a token anywhere but into the secret store', async () => {
    await accounts.add('me@example.test', hosted, token);
    assert.ok(![...storage.values.values()].some((value) => value.includes(token)));
  });

  it('say that one is not signed in whose token another window removed', async () => {
    const mine = await accounts.add('me@example.test', hosted, token);
    secrets.values.clear();
    await assert.rejects(accounts.token(mine), (error) => isOpsError(error, 'notSignedIn'));
  });
});

describe('a text that is to be an access token', () => {
  it('is freed of what copying leaves around it', () => {
    assert.equal(checkAccessToken(` \t${token}\r\n`), token);
  });

  for (const kind of ['', 'oauth_', 'v0_']) {
    it(`may be of the kind sbp_${kind}…`, () => {
      const text = `sbp_${kind}${'a1'.repeat(20)}`;
      assert.equal(checkAccessToken(text), text);
    });
  }

  for (const [what, text] of [
    ['empty', ''],
    ['a project key', 'sb_secret_0123456789'],
    ['a JWT', 'eyJhbGciOiJIUzI1NiJ9.e30.x'],
    ['cut short', token.slice(0, -1)],
    ['followed by another line', `${token}\nevil`],
    ['in capitals', token.toUpperCase()],
  ] as const) {
    it(`is refused when it is ${what}, and the error does not repeat it`, () => {
      assert.throws(
        () => checkAccessToken(text),
        (error) => isOpsError(error, 'tokenMalformed') && (text === '' || !error.message.includes(text)),
      );
    });
  }
});
