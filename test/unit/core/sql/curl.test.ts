import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createSqlGrammar } from '../../../../src/adapters/sql/grammar.ts';
import { toSqlCurl } from '../../../../src/core/sql/curl.ts';

const grammar = createSqlGrammar({ workerPath: '' });
const target = { origin: 'https://api.supabase.com', ref: 'abcdefghijklmnopqrst' };

/** The command's words, as a shell reads them with a token in its environment. */
async function words(statement: string): Promise<string[]> {
  const command = await toSqlCurl(statement, [], target, grammar, new AbortController().signal);
  const script = `curl() { printf '%s\\0' "$@"; }; ${command}`;
  return execFileSync('sh', ['-c', script], { env: { SUPABASE_ACCESS_TOKEN: 'sbp_from_the_environment' }, encoding: 'utf8' }).split('\0').slice(0, -1);
}

describe('a statement as curl', () => {
  const bodies: [statement: string, body: unknown][] = [
    ["select 'it''s' as \"a\", $$b\\$$", { query: "select 'it''s' as \"a\", $$b\\$$", read_only: true }],
    ['delete from t where id = :id', { query: 'delete from t where id = $1', parameters: ['<id>'] }],
    ['select * from {{t}} where a = {{a}} and b = $2 and c = {{a}}', { query: 'select * from {{t}} where a = $3 and b = $2 and c = $3', parameters: [null, '<parameter 2>', '<a>'], read_only: true }],
    ['select `x`', { query: 'select `x`' }],
    ['select my_function()', { query: 'select my_function()', read_only: true }],
  ];
  for (const [statement, body] of bodies) {
    it(statement, async () => {
      const sent = await words(statement);
      assert.deepEqual(JSON.parse(sent.at(-1) ?? ''), body);
    });
  }

  it('holds no token, and takes it from the environment', async () => {
    const command = await toSqlCurl('select 1', [], target, grammar, new AbortController().signal);
    assert.ok(command.includes('"Authorization: Bearer $SUPABASE_ACCESS_TOKEN"'));
    assert.deepEqual(await words('select 1'), ['--fail-with-body', '-sS', '-X', 'POST', 'https://api.supabase.com/v1/projects/abcdefghijklmnopqrst/database/query', '-H', 'Authorization: Bearer sbp_from_the_environment', '-H', 'Content-Type: application/json', '--data-binary', '{"query":"select 1","read_only":true}']);
  });
});
