import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { loadInterpreter } from '../../../../src/adapters/text/interpreter.ts';
import { loadMarkdownGrammar } from '../../../../src/adapters/text/markdown.ts';
import { isCancelled } from '../../../../src/core/errors.ts';
import { expectationAfter } from '../../../../src/core/runbook/expectationAfter.ts';
import { fill } from '../../../../src/core/runbook/fill.ts';
import type { Instruction } from '../../../../src/core/runbook/operation.ts';
import { parseDocument } from '../../../../src/core/runbook/parseDocument.ts';
import { answerForSignature, runHttp } from '../../../../src/features/runbooks/runHttp.ts';
import { FakeGateway, FakeHttpClient } from '../../../fakes/gateway.ts';
import { fakeConnection } from '../../../fakes/connection.ts';
import { FakeUi } from '../../../fakes/ui.ts';

const manual = `
### Health
\`\`\`bash
# Check overall system health
curl https://emolyyvmvvfjyxbguhyn.functions.supabase.co/health

# Expected response (200 OK):
{
  "status": "healthy",
  "timestamp": "2024-01-XX...",
  "database": { "connected": true, "latency_ms": 45 },
  "secrets": { "CIRCLE_API_KEY": true }
}
\`\`\`

### Webhook
\`\`\`bash
# Test with valid signature
curl -X POST \\
  https://emolyyvmvvfjyxbguhyn.functions.supabase.co/payments-circle-webhook \\
  -H "Content-Type: application/json" \\
  -H "circle-signature: v1=your_test_signature" \\
  -d '{"eventType": "payments.confirmed", "eventId": "test-123"}'

# Expected: 200 OK with event processing confirmation
\`\`\`

### Email
\`\`\`bash expect=exact
curl -X POST /functions/v1/test-email-integration

# Expected response: {"success": true, "sent": 2}
\`\`\`

### Times
\`\`\`bash
curl -w "@curl-format.txt" -s -o /dev/null https://your-project.supabase.co/rest/v1/health
curl https://status.example.test/api
# Expected: 204
\`\`\`
`;

describe('requests of manuals', () => {
  let ui: FakeUi;
  let gateway: FakeGateway;
  let http: FakeHttpClient;
  let report: string;

  beforeEach(() => {
    ui = new FakeUi();
    gateway = new FakeGateway();
    http = new FakeHttpClient();
    report = '';
  });

  afterEach(() => ui.done());

  /** Runs the n-th command of the section as the Runbooks view would. */
  async function run(heading: string, at = 0): Promise<string> {
    const document = parseDocument('file:///m.md', manual, await loadMarkdownGrammar());
    const step = document.sections.find((section) => section.heading === heading)?.steps[0] ?? assert.fail(heading);
    const instructions = (await loadInterpreter())(step, {});
    const open: Instruction = instructions.filter(({ operation }) => operation.kind === 'http')[at] ?? assert.fail(`${heading} has no request ${at}`);
    const instruction = fill(open, new Map(open.placeholders.map((placeholder) => [placeholder.text, answerForSignature(open, placeholder) ?? placeholder.text])));
    assert.ok(instruction.operation.kind === 'http');
    const documents = {
      showReport: async (_name: string, text: string) => {
        report = text;
      },
    };
    await runHttp({ session: { connection: () => fakeConnection({ gateway }) }, ui, http, documents }, { step, operation: instruction.operation, instruction, expects: expectationAfter(instructions, instruction) });
    return report;
  }

  const healthy = { status: 'healthy', timestamp: '2026-11-20T08:00:00Z', database: { connected: true, latency_ms: 3 }, secrets: { CIRCLE_API_KEY: true } };

  it('are judged by the answer that the manual shows', async () => {
    gateway.on('GET /functions/v1/health', { body: JSON.stringify(healthy) });
    assert.match(await run('Health'), /# As the manual expects\.\n[^]*"status": "healthy"/);
    assert.deepEqual(ui.told, []);
  });

  it('say what differs, in the answer and in a warning', async () => {
    gateway.on('GET /functions/v1/health', { status: 503, statusText: 'Service Unavailable', body: JSON.stringify({ ...healthy, status: 'degraded', secrets: { CIRCLE_API_KEY: false } }) });
    const shown = await run('Health');
    assert.match(shown, /# Not as the manual expects:\n# {3}status 200 was expected, and 503 came\n# {3}status is "degraded" and was expected to be "healthy"\n# {3}secrets\.CIRCLE_API_KEY is false and was expected to be true\n/);
    assert.match(ui.told[0]?.message ?? '', /did not answer as the manual says: status 200 was expected/);
  });

  it('explain a refusal of the platform', async () => {
    gateway.on('GET /functions/v1/health', { status: 401, statusText: 'Unauthorized', headers: [['sb-error-code', 'UNAUTHORIZED_NO_AUTH_HEADER']] });
    assert.match(await run('Health'), /# UNAUTHORIZED_NO_AUTH_HEADER: no valid JWT/);
  });

  it('compute the signature that a manual leaves open', async () => {
    gateway.on('POST /functions/v1/payments-circle-webhook', { body: '{"processed":true}' });
    ui.willConsent().willType('wh-secret');
    assert.match(await run('Webhook'), /# As the manual expects\./);
    const { headers, body = '' } = gateway.requests[0] ?? assert.fail('nothing was sent');
    assert.equal(body, '{"eventType": "payments.confirmed", "eventId": "test-123"}');
    assert.equal(headers['circle-signature'], `v1=${createHmac('sha256', 'wh-secret').update(body).digest('hex')}`);
    assert.equal(ui.questions[0]?.secret, true);
  });

  it('are not sent when they act and the plan is declined', async () => {
    ui.willDismiss();
    await assert.rejects(run('Webhook'), (error) => isCancelled(error));
    assert.deepEqual(gateway.requests, []);
  });

  it('are taken as strictly as the fence says', async () => {
    gateway.on('POST /functions/v1/test-email-integration', { body: '{"success":true,"sent":3}' });
    ui.willConsent();
    assert.match(await run('Email'), /# {3}sent is 3 and was expected to be 2/);
  });

  it('show each part of the time when curl would, and name a path that no project has', async () => {
    gateway.on('GET /rest/v1/health', { status: 404, timings: { lookup: 1.2, connect: 2, firstByte: 10, total: 12 } });
    const shown = await run('Times');
    assert.match(shown, /# name lookup +1\.2 ms\n# connection +2\.0 ms\n# first byte +10\.0 ms\n# total +12\.0 ms\n/);
    assert.match(shown, /# No project has this path/);
    assert.doesNotMatch(shown, /the manual expects/);
  });

  it('to other hosts go without anything of the project’s', async () => {
    http.on('GET https://status.example.test/api', { status: 204 });
    assert.match(await run('Times', 1), /# As the manual expects\./);
    assert.deepEqual([http.requests.map(({ headers }) => headers), gateway.requests], [[{}], []]);
  });
});
