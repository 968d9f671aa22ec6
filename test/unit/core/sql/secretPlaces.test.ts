import assert from 'node:assert/strict';
import { createSqlGrammar } from '../../../../src/adapters/sql/grammar.ts';
import { secretPlaces, type SecretPlaces } from '../../../../src/core/sql/secretPlaces.ts';

const grammar = createSqlGrammar({ workerPath: '' });

async function placesIn(sql: string): Promise<SecretPlaces> {
  const parsed = await grammar.parse(sql, new AbortController().signal);
  assert.ok(parsed.kind === 'parsed', `${sql}: ${JSON.stringify(parsed)}`);
  return secretPlaces(sql, parsed.tree);
}

describe('secrets in statements', () => {
  const secret = [
    "alter role app password 'hunter2'",
    "create user u with encrypted password 'hunter2'",
    "create user mapping for u server s options (user 'x', password 'hunter2')",
    "create subscription s connection 'host=h password=hunter2' publication p",
    "alter database postgres set app.jwt_secret to 'hunter2'",
    "set local app.api_key = 'hunter2'",
    "select set_config('app.settings.jwt_secret', 'hunter2', true)",
    "select vault.create_secret('hunter2', 'stripe')",
    "insert into vault.secrets (secret, name) values ('hunter2', 'stripe')",
    "update vault.secrets set secret = 'hunter2' where name = 'stripe'",
    "insert into users (email, password) values ('a@b.test', 'hunter2')",
    "insert into users (email, password) select 'a@b.test', 'hunter2'",
    "update auth.users set encrypted_password = crypt('hunter2', gen_salt('bf')) where id = 1",
    "select * from api_clients where api_key = 'hunter2'",
    "select * from sessions where 'hunter2' = refresh_token",
    "select id from users where password_hash = crypt('hunter2', password_hash)",
    "select login(p_email => 'a', p_password => 'hunter2')",
    "select pgp_sym_encrypt(note, 'hunter2') from notes",
    "select dblink_connect('c', 'host=h user=u password=hunter2')",
    `select net.http_post('https://x.test', headers := '{"Authorization": "Bearer hunter2"}'::jsonb)`,
    "select jsonb_build_object('password', 'hunter2')",
    "select 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc'",
    "select 'sb_secret_abcdef'",
    "select 'postgres://u:hunter2@h/d'",
    "do $$ begin update users set password = 'hunter2'; end $$",
    "create function f() returns void language sql as $$ update users set api_key = 'hunter2' $$",
    "insert into users (id, password) values (1, 'x') on conflict (id) do update set password = 'hunter2'",
  ];
  for (const sql of secret) {
    it(`are found: ${sql}`, async () => assert.equal((await placesIn(sql)).inText, true));
  }

  const open = [
    "select * from tokens where token_id = 'abc' and symbol = 'X'",
    "select password_hash, api_key from users where email = 'a@b.test'",
    "update users set password = null where name = 'x'",
    'update users set password = :p where id = 1'.replace(':p', '$1'),
    "select count(*) from secrets_rotated where name = 'x'",
    "select * from vault.decrypted_secrets where name = 'stripe'",
    "delete from orders where state = 'old'",
    'alter role app password null',
    "select 'a password is wanted here'",
    'do $$ begin perform 1; end $$',
    "select crypt($1, password) from users",
  ];
  for (const sql of open) {
    it(`are not seen where none are: ${sql}`, async () => assert.equal((await placesIn(sql)).inText, false));
  }

  it('are parameters in such places', async () => {
    const parameters = async (sql: string): Promise<number[]> => [...(await placesIn(sql)).parameters].sort();
    assert.deepEqual(await parameters('insert into users (email, password) values ($1, $2)'), [2]);
    assert.deepEqual(await parameters('select * from users where email = $1 and api_key = $2'), [2]);
    assert.deepEqual(await parameters('select crypt($3, password) from users where id = $1'), [3]);
    assert.deepEqual(await parameters('select vault.create_secret($1, $2)'), [1, 2]);
    assert.deepEqual(await parameters('select * from tokens where token_id = $1'), []);
  });
});
