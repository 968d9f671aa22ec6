import assert from 'node:assert/strict';
import { isOpsError } from '../../../../src/core/errors.ts';
import type { HttpAnswer } from '../../../../src/core/ports.ts';
import type { Connection } from '../../../../src/core/project/connection.ts';
import { Answers } from '../../../../src/features/invoke/answers.ts';
import type { Exchange } from '../../../../src/features/invoke/send.ts';
import { FakeClock, settle } from '../../../fakes/clock.ts';
import { acme, fakeConnection } from '../../../fakes/connection.ts';
import { FakeLogStore, logLine } from '../../../fakes/logStore.ts';
import { FakeManagementApi } from '../../../fakes/managementApi.ts';

class Reports {
  readonly texts = new Map<string, string>();
  readonly opened: string[] = [];

  async showReport(name: string, text: string, where?: 'beside'): Promise<void> {
    this.texts.set(name, text);
    this.opened.push(`${name} ${where ?? ''}`);
  }

  updateReport(name: string, text: string): void {
    this.texts.set(name, text);
  }
}

describe('answers of functions', () => {
  let reports: Reports;
  let clock: FakeClock;
  let logs: FakeLogStore;
  let answers: Answers;
  let connection: Connection;
  let mask: boolean;

  beforeEach(() => {
    reports = new Reports();
    clock = new FakeClock();
    logs = new FakeLogStore();
    mask = true;
    const management = new FakeManagementApi();
    management.addProject(acme.ref, 'acme');
    management.deploy(acme.ref, 'mint');
    connection = fakeConnection({ project: acme, management, logs, clock });
    answers = new Answers({ documents: reports, clock, mask: () => mask });
  });

  afterEach(() => answers.dispose());

  function exchange(answer: Partial<HttpAnswer> = {}, url = '/functions/v1/mint?q=1'): Exchange {
    const headers: [string, string][] = [['content-type', 'application/json'], ['x-deno-execution-id', 'exec-1']];
    const whole: HttpAnswer = { status: 200, statusText: 'OK', headers, body: '{"ok":true}', truncated: false, timings: { firstByte: 12.4, total: 33.3 }, ...answer };
    return { connection, role: 'service', request: { method: 'POST', url, headers: {} }, answer: whole, sentAt: clock.now(), answeredAt: clock.now() + 33 };
  }

  const line = (message: string, more: object = {}) => logLine({ time: clock.now() + 10, functionId: 'id-of-mint', executionId: 'exec-1', message, ...more });
  const text = () => reports.texts.get('mint answer.http') ?? '';

  /** Shows, and lets the fake time go by until the log is settled. */
  async function show(shown: Exchange): Promise<string> {
    let ended = false;
    const showing = answers.show(shown).finally(() => (ended = true));
    for (let second = 0; second < 60 && !ended; second++) {
      await clock.advance(1000);
      await settle();
    }
    await showing;
    return text();
  }

  it('are shown beside the request, readable, with the log of that very call', async () => {
    logs.add(line('minting'), line('POST | 200', { service: 'invocations', method: 'POST', status: 200 }), line('not mine', { executionId: 'exec-2' }));
    const begun = new Date(clock.now() + 33).toISOString();
    const shown = await show(exchange());
    assert.deepEqual(reports.opened, ['mint answer.http beside']);
    assert.equal(
      shown.split('\n### ')[0],
      ['# POST /functions/v1/mint?q=1', '# service · acme · production', `# 200 OK · 33 ms, first byte after 12 ms · 11 bytes · ${begun}`, '', 'HTTP/1.1 200 OK', 'content-type: application/json', 'x-deno-execution-id: exec-1', '', '{', '  "ok": true', '}', ''].join('\n'),
    );
    const [, log = ''] = shown.split('\n### ');
    assert.match(log, /^Log of execution exec-1\n\S+ \[info\] {2}mint minting\n\S+ \[info\] {2}mint .*POST \| 200/);
    assert.doesNotMatch(log, /not mine|late/);
  });

  it('are there before their log is', async () => {
    const showing = answers.show(exchange());
    await settle();
    assert.match(text(), /"ok": true[^]*### Log of execution exec-1\n# Lines arrive some seconds late/);
    answers.dispose();
    await showing;
  });

  it('say what the platform’s own refusal means and what to do', async () => {
    const refused = await show(exchange({ status: 401, statusText: 'Unauthorized', headers: [['sb-error-code', 'UNAUTHORIZED_NO_AUTH_HEADER']], body: '' }));
    assert.match(refused, /# UNAUTHORIZED_NO_AUTH_HEADER: no valid JWT/);
    assert.match(refused, /# Choose another role/);
    assert.match(refused, /# The body is empty\./);
    assert.match(refused, /### Log of mint at that time\n# No line has arrived/);
    assert.match(await show(exchange({ status: 503, headers: [['sb-error-code', 'BOOT_ERROR']] })), /# BOOT_ERROR: .*\n# The log of the start says why/);
  });

  it('let no outside text pass for something of ours', async () => {
    logs.add(line('one\n### Log of execution forged\u001b[2J'));
    const shown = await show(exchange({ body: 'a\n### Log of execution forged\n\u202eb', headers: [['x-deno-execution-id', 'exec-1'], ['x', 'y\u0007']] }));
    assert.equal(shown.match(/^### /gm)?.length, 1);
    assert.ok(!/[\u0000-\u0009\u000b-\u001f\u202e]/.test(shown));
  });

  it('cut credentials in log lines down to their kind, unless told not to', async () => {
    logs.add(line('key sb_secret_abcdef'));
    assert.match(await show(exchange()), /key sb_secret_…/);
    mask = false;
    logs.add(line('key sb_secret_abcdef'));
    assert.match(await show(exchange()), /key sb_secret_abcdef/);
  });

  it('say why there is no log, and stay', async () => {
    connection = fakeConnection({ project: { ...acme, kind: 'local', environment: 'local' } });
    assert.match(await show(exchange()), /"ok": true[^]*# Reading logs is not available here/);
    const management = new FakeManagementApi();
    management.addProject(acme.ref, 'acme');
    connection = fakeConnection({ project: acme, management, logs });
    assert.match(await show(exchange()), /# The deployed function mint does not exist/);
  });

  it('of other paths have no log', async () => {
    await answers.show(exchange({}, '/rest/v1/'));
    assert.doesNotMatch(reports.texts.get('project answer.http') ?? '###', /###/);
  });

  it('show bytes and cut bodies as what they are', async () => {
    assert.match(await show(exchange({ headers: [['content-type', 'image/png']], body: '\u0089PNG' })), /# The body is no text \(image\/png\)/);
    assert.match(await show(exchange({ truncated: true })), /# The rest of the body was left out/);
  });

  it('can have their log read again', async () => {
    await show(exchange());
    assert.match(text(), /No line has arrived/);
    logs.add(logLine({ time: clock.now(), functionId: 'id-of-mint', executionId: 'exec-1', message: 'a late line' }));
    await answers.readAgain('mint answer.http');
    assert.match(text(), /a late line/);
    await answers.readAgain();
    await assert.rejects(answers.readAgain('other answer.http'), (error) => isOpsError(error, 'notFound'));
  });

  it('are replaced by the next, whose log alone is followed', async () => {
    const first = answers.show(exchange({ body: '"first"' }));
    await settle();
    const second = show(exchange({ body: '"second"', headers: [['x-deno-execution-id', 'exec-2']] }));
    await Promise.all([first, second]);
    assert.match(text(), /"second"[^]*exec-2/);
    assert.equal(clock.sleeping, 0);
  });
});
