import assert from 'node:assert/strict';
import { findPlaceholders, labelOf, meansProject, placeholderAt } from '../../../../src/core/runbook/placeholders.ts';
import { findSqlPlaceholders } from '../../../../src/core/runbook/sqlPlaceholders.ts';

const unknown = (): boolean => false;

describe('placeholders of commands', () => {
  const cases: readonly [string, ...string[]][] = [
    ['supabase functions deploy <function_name>', '<function_name>'],
    ['supabase functions logs [function-name] --level error', '[function-name]'],
    ['curl -X POST [webhook_url] [test_payload]', '[webhook_url]', '[test_payload]'],
    [`deploy {slug} {{ name }} $NAME \${OTHER_NAME}`, '{slug}', '{{ name }}', '$NAME', `\${OTHER_NAME}`],
    ['supabase functions logs function-name', 'function-name'],
    ['cd supabase/functions/function-name', 'function-name'],
    ['supabase db push --project-ref your-project-id', 'your-project-id'],
    ['set A=https://host/?api-key=YOUR_KEY', 'YOUR_KEY'],
    ['set A=your_production_key B=new_webhook_secret C=new_key', 'your_production_key', 'new_webhook_secret', 'new_key'],
    [`curl -H "sig: v1=your_test_signature" -d '{"eventId": "test-123"}'`, 'your_test_signature', 'test-123'],
    ['openssl s_client -connect your-domain.com:443', 'your-domain.com'],
    ['curl https://your-project.supabase.co/rest/v1/', 'your-project'],
    ['curl https://api.example.com/x', 'api.example.com'],
    ['KEY=sk-... OTHER=xxxx THIRD=CHANGE_ME', 'sk-...', 'xxxx', 'CHANGE_ME'],
    // What looks like one and is none.
    ['supabase logs --filter="function_name=monitor-keywords"'],
    ['supabase secrets set ALERT_EMAIL=ops@example.com'],
    ['supabase functions deploy test-email-integration'],
    ['supabase migration new add_new_feature'],
    ['cat <in >out && cat <<EOF'],
    ['ls file[ab].txt [a-z]* a{b,c} && if [ -f x ]; then'],
    [`awk '{print $1}' && git stash@{upstream} && echo $HOME`],
    ['curl "https://host/rest/v1/t?select=table_name,id"'],
    ['npm install @your-org/package'],
    [`echo \${NAME:-default} $? $1 $(date)`],
    ['echo call your bank'],
  ];
  for (const [text, ...expected] of cases) {
    it(text, () => {
      const found = findPlaceholders(text, unknown);
      assert.deepEqual(found.map((each) => each.text), expected);
      for (const { text: written, range } of found) {
        assert.equal(text.slice(range.start, range.end), written);
      }
    });
  }

  it('are none when the project has that very name', () => {
    assert.deepEqual(findPlaceholders('supabase functions logs function-name my-api', (name) => ['function-name', 'my-api'].includes(name)), []);
    assert.equal(findPlaceholders('supabase functions logs <function-name>', () => true).length, 1);
  });

  it('have a label to ask with, and secrets are told apart', () => {
    const labels = { '<function_name>': 'function name', YOUR_API_KEY: 'api key', 'your-domain.com': 'domain', '{functionName}': 'function name', 'your-token-here': 'token', XXXX: 'value', YOUR: 'value' };
    for (const [text, label] of Object.entries(labels)) {
      assert.equal(labelOf(text.replace(/[<>{}]/g, '')), label);
    }
    const isSecret = (name: string): boolean => placeholderAt(name, 0).secret;
    assert.deepEqual(['YOUR_API_KEY', 'new_webhook_secret', 'access_token', 'your_production_key', 'db-password'].map(isSecret), [true, true, true, true, true]);
    assert.deepEqual(['function-name', 'YOUR_ANON_KEY', 'primary_key', 'keyword'].map(isSecret), [false, false, false, false]);
  });

  it('may mean the selected project', () => {
    assert.deepEqual(['your-project-id', 'PROJECT_REF', 'project-ref', 'your_project', 'project_url', 'project-name-two'].map((name) => meansProject({ label: labelOf(name) })), [
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it('are found in a text of any length without delay', () => {
    for (const text of ['<a'.repeat(200_000), 'a-'.repeat(200_000), '[a '.repeat(200_000), 'x'.repeat(400_000), '{{'.repeat(200_000), 'a.'.repeat(200_000), 'your-'.repeat(80_000), 'a_b '.repeat(100_000)]) {
      findPlaceholders(text, unknown);
    }
  });
});

describe('placeholders of SQL', () => {
  const cases: readonly [string, ...string[]][] = [
    [`SELECT * FROM rate_limits WHERE identifier = '123.456.789.0'`, '123.456.789.0'],
    [`DELETE FROM rate_limits WHERE identifier = 'trusted-ip-address'`, 'trusted-ip-address'],
    [`SELECT 1 FROM public_tokens WHERE token = 'problem-token'`, 'problem-token'],
    ['CREATE INDEX idx_table_column ON public.table_name(column_name)', 'idx_table_column', 'table_name', 'column_name'],
    [`SELECT * FROM <table> WHERE id = <user id> AND {{x}} = \${Y} AND $Z AND a = [name]`, '<table>', '<user id>', '{{x}}', `\${Y}`, '$Z', '[name]'],
    [`SELECT 'a {{b}} c', '<user-id>', '\${X}', 'your-user-id', 'someone@example.com'`, '{{b}}', '<user-id>', `\${X}`, 'your-user-id', 'someone@example.com'],
    ['SELECT your_column FROM t', 'your_column'],
    // What looks like one and is none.
    ['SELECT function_name, count(*) FROM api_call_logs GROUP BY function_name'],
    [`SELECT column_name FROM information_schema.columns c WHERE c.table_name = 'x'`],
    [`SELECT a < b, c > d, e[i], '{a,b}', $1, $$<x>$$, x::text, '1 hour', 'idle', 'memory_contexts', '10.0.0.1'`],
    [`SELECT '<b>bold</b>' -- <comment> 'problem-token'`],
    ['SELECT n FROM t WHERE a<b>c'],
  ];
  for (const [text, ...expected] of cases) {
    it(text, () => {
      const found = findSqlPlaceholders(text, unknown);
      assert.deepEqual(found.map((each) => each.text), expected);
      for (const { text: written, range } of found) {
        assert.equal(text.slice(range.start, range.end), written);
      }
    });
  }

  it('are none when the project has that very table', () => {
    assert.deepEqual(findSqlPlaceholders('select column_name from table_name', (name) => name === 'table_name'), []);
  });

  it('belong to their own statement', () => {
    assert.deepEqual(findSqlPlaceholders('drop table table_name; select column_name from t', unknown).map(({ text }) => text), ['table_name']);
  });
});
