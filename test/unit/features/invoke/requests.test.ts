import assert from 'node:assert/strict';
import { isOpsError } from '../../../../src/core/errors.ts';
import type { SentRequest } from '../../../../src/core/http/history.ts';
import { parseRequests } from '../../../../src/core/http/requestDocument.ts';
import { curlOf, draftText, lastRequest, lensTitle, pickSent, pickSignature } from '../../../../src/features/invoke/requests.ts';
import { FakeClock } from '../../../fakes/clock.ts';
import { FakeUi } from '../../../fakes/ui.ts';

const clock = new FakeClock();

const entry = (change: Partial<SentRequest>): SentRequest => ({
  id: 'x',
  time: clock.now() - 180_000,
  ref: 'abc',
  project: 'acme',
  method: 'POST',
  url: '/functions/v1/mint',
  role: 'service',
  text: '# role: service\nPOST /functions/v1/mint\n\n{"a":\n 1}\n',
  values: {},
  status: 200,
  durationMs: 12,
  ...change,
});

describe('the editor of requests', () => {
  it('begins with a request that can be sent as it stands', () => {
    const { requests } = parseRequests(draftText('mint-token', undefined));
    assert.deepEqual(requests.map(({ method, target, role, body, problems }) => ({ method, target, role, body, problems })), [{ method: 'POST', target: '/functions/v1/mint-token', role: 'anon', body: '{}', problems: [] }]);
  });

  it('begins with the last request to that function, if there is one', () => {
    const entries = [entry({ url: '/functions/v1/other' }), entry({ ref: 'other' }), entry({ text: 'GET /functions/v1/mint\n' }), entry({})];
    assert.equal(draftText('mint', lastRequest(entries, 'abc', 'mint')), 'GET /functions/v1/mint\n');
    assert.equal(lastRequest(entries, 'abc', 'nothing'), undefined);
  });

  it('offers what was sent to this project, told apart', async () => {
    const ui = new FakeUi().willPick('POST mint');
    const { status: _, ...unanswered } = entry({ method: 'GET', url: '/rest/v1/\u202e', time: clock.now() - 1000 });
    assert.equal((await pickSent({ ui, clock }, [entry({}), unanswered, entry({ ref: 'other', url: '/x' })], 'abc')).method, 'POST');
    assert.deepEqual(ui.lists[0]?.choices.map(({ label, description, detail }) => [label, description, detail]), [['POST mint', 'service · 200 · 3 min ago', '{"a": 1}'], ['GET /rest/v1/\\u{202e}', 'service · no answer · 1 s ago', '{"a": 1}']]);
    await assert.rejects(pickSent({ ui, clock }, [entry({ ref: 'other' })], 'abc'), (error) => isOpsError(error, 'notFound'));
    ui.done();
  });

  it('makes curl of a request, without asking for a credential', async () => {
    const ui = new FakeUi().willType('7');
    const text = '@base = /functions/v1\n# role: service\n# sign: S: v1=<hex>\nPOST {{base}}/mint/{{id}}\nX: {{secret partner}}\n\n{"k": "{{secret partner}}"}';
    const document = parseRequests(text);
    const [request] = document.requests;
    assert.ok(request);
    const curl = await curlOf({ ui, clock, lastValue: () => '6' }, { text, document, request }, 'https://abc.supabase.test');
    assert.match(curl, /'https:\/\/abc\.supabase\.test\/functions\/v1\/mint\/7'/);
    assert.match(curl, /"X: \$\{PARTNER\}"/);
    assert.match(curl, /-hmac "\$\{S\}"/);
    assert.deepEqual(ui.questions.map(({ value, secret }) => [value, secret]), [['6', undefined]]);
    ui.done();
  });

  it('offers the ways in which senders sign', async () => {
    const ui = new FakeUi().willPick('Slack');
    const { comments, headers } = await pickSignature(ui);
    const { requests } = parseRequests(`${comments}POST /a\n${headers}\n{}`);
    assert.equal(requests[0]?.signature?.header, 'X-Slack-Signature');
    assert.deepEqual(requests[0]?.headers.map(({ name }) => name), ['X-Slack-Request-Timestamp']);
    assert.deepEqual(requests[0]?.problems, []);
    ui.done();
  });

  it('says above a request where it goes and with whose rights', () => {
    const [request] = parseRequests('# role: user\nGET /a').requests;
    assert.ok(request);
    assert.equal(lensTitle(request, { name: 'ac$(me)', environment: 'production' }).title, 'Send as user to ac$ (me) (production)');
    assert.equal(lensTitle(request, undefined).title, 'Send as user');
  });
});
