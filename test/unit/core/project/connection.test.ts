import assert from 'node:assert/strict';
import { OpsError, isCancelled, isOpsError } from '../../../../src/core/errors.ts';
import type { CallOptions } from '../../../../src/core/ports.ts';
import { absent, available, need, probeProject } from '../../../../src/core/project/connection.ts';
import { FakeClock, settle } from '../../../fakes/clock.ts';
import { acme, fakeConnection } from '../../../fakes/connection.ts';
import { FakeGateway } from '../../../fakes/gateway.ts';
import { FakeLogStore, logLine } from '../../../fakes/logStore.ts';
import { FakeManagementApi } from '../../../fakes/managementApi.ts';

const options = (signal = new AbortController().signal): CallOptions => ({ signal, priority: 'view' });

/** Answers functions when it is told to, each call by itself. */
class SlowManagementApi extends FakeManagementApi {
  readonly waiting: { readonly signal: AbortSignal; readonly go: () => void }[] = [];

  override async functions(ref: string, { signal, priority }: CallOptions) {
    await new Promise<void>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new OpsError('cancelled', {})), { once: true });
      this.waiting.push({ signal, go: resolve });
    });
    return super.functions(ref, { signal, priority });
  }
}

describe('a way to a project', () => {
  it('is used where it is there', () => {
    assert.equal(need(available('gateway'), 'Calling the project'), 'gateway');
  });

  it('says what was wanted and why it cannot be where it is absent', () => {
    assert.throws(
      () => need(absent('noGatewayKey'), 'Calling the project'),
      (error) => isOpsError(error, 'absent') && error.facts.what === 'Calling the project' && error.facts.reason === 'noGatewayKey',
    );
  });
});

describe('the lists of a project', () => {
  let management: SlowManagementApi;
  beforeEach(() => {
    management = new SlowManagementApi();
    management.addProject(acme.ref, acme.name);
    management.deploy(acme.ref, 'health');
  });

  it('are asked for once by all who want them at the same time, and kept', async () => {
    const { data } = fakeConnection({ management });
    const both = Promise.all([data.functions(options()), data.functions(options())]);
    await settle();
    assert.equal(management.waiting.length, 1);
    management.waiting[0]?.go();
    const [first, second] = await both;
    assert.deepEqual(first.map(({ slug }) => slug), ['health']);
    assert.equal(second, first);
    assert.equal(await data.functions(options()), first);
    assert.equal(management.calls.length, 1);
  });

  it('are asked for again once they are forgotten', async () => {
    const fast = new FakeManagementApi();
    fast.addProject(acme.ref, acme.name);
    const { data } = fakeConnection({ management: fast });
    await data.functions(options());
    await data.secrets(options());
    fast.deploy(acme.ref, 'new');
    data.forget('functions');
    assert.deepEqual((await data.functions(options())).map(({ slug }) => slug), ['new']);
    await data.secrets(options());
    assert.deepEqual(fast.calls.map(({ method }) => method), ['functions', 'secrets', 'functions']);
    data.forget();
    await data.secrets(options());
    assert.equal(fast.calls.length, 4);
  });

  it('do not give an answer from before they were forgotten to who asks after it', async () => {
    const { data } = fakeConnection({ management });
    const before = data.functions(options());
    await settle();
    data.forget('functions');
    const after = data.functions(options());
    await settle();
    management.waiting[1]?.go();
    await settle();
    management.deploy(acme.ref, 'late');
    management.waiting[0]?.go();
    assert.equal((await before).length, 2);
    assert.deepEqual((await after).map(({ slug }) => slug), ['health']);
    assert.equal(await data.functions(options()), await after);
  });

  it('keep no failure', async () => {
    const fast = new FakeManagementApi();
    fast.addProject(acme.ref, acme.name);
    const { data } = fakeConnection({ management: fast });
    fast.fail('functions', new OpsError('unreachable', { host: 'api', reason: 'ECONNREFUSED' }));
    await assert.rejects(data.functions(options()), (error) => isOpsError(error, 'unreachable'));
    fast.mend();
    assert.deepEqual(await data.functions(options()), []);
  });

  it('reach the others although the one who asked first gave up', async () => {
    const { data } = fakeConnection({ management });
    const impatient = new AbortController();
    const first = data.functions(options(impatient.signal));
    const second = data.functions(options());
    await settle();
    impatient.abort();
    await assert.rejects(first, isCancelled);
    assert.equal(management.waiting[0]?.signal.aborted, false);
    management.waiting[0]?.go();
    assert.equal((await second).length, 1);
  });

  it('let one who waits for another’s call give up at once', async () => {
    const { data } = fakeConnection({ management });
    const first = data.functions(options());
    const impatient = new AbortController();
    const second = data.functions(options(impatient.signal));
    await settle();
    impatient.abort();
    await assert.rejects(second, isCancelled);
    management.waiting[0]?.go();
    assert.equal((await first).length, 1);
  });

  it('are no longer asked for when everybody gave up, and asked for anew by who comes then', async () => {
    const { data } = fakeConnection({ management });
    const impatient = new AbortController();
    const first = data.functions(options(impatient.signal));
    await settle();
    impatient.abort();
    const next = data.functions(options());
    await assert.rejects(first, isCancelled);
    assert.equal(management.waiting[0]?.signal.aborted, true);
    await settle();
    management.waiting[1]?.go();
    assert.equal((await next).length, 1);
  });

  it('send nothing for who had given up before asking', async () => {
    const { data } = fakeConnection({ management });
    await assert.rejects(data.functions(options(AbortSignal.abort())), isCancelled);
    assert.deepEqual(management.waiting, []);
  });

  it('say why they are absent on a project without a Management API', async () => {
    const { data } = fakeConnection();
    await assert.rejects(data.functions(options()), (error) => isOpsError(error, 'absent') && error.facts.reason === 'noManagementApi');
    await assert.rejects(data.secrets(options()), (error) => isOpsError(error, 'absent') && error.facts.what === 'Listing secrets');
    await assert.rejects(data.services(options()), (error) => isOpsError(error, 'absent'));
  });
});

describe('the health of a project’s services', () => {
  it('is the platform’s word where there is one, else the services’ own', async () => {
    const management = new FakeManagementApi();
    management.addProject(acme.ref).health = [{ service: 'auth', state: 'critical' }];
    const gateway = new FakeGateway();
    assert.deepEqual(await fakeConnection({ management, gateway }).data.services(options()), [{ service: 'auth', state: 'critical' }]);
    assert.deepEqual(await fakeConnection({ gateway }).data.services(options()), gateway.services);
  });
});

describe('the numbers of a project’s functions', () => {
  it('are those of the last hour', async () => {
    const clock = new FakeClock();
    const logs = new FakeLogStore();
    const now = clock.now();
    for (const [time, status] of [[now - 3_600_001, 500], [now - 3_600_000, 200], [now - 1, 500]] as const) {
      logs.add(logLine({ time, service: 'invocations', functionId: 'id-of-health', status }));
    }
    const statistics = await fakeConnection({ logs, clock }).data.statistics(options());
    assert.deepEqual(statistics?.get('id-of-health'), [{ functionId: 'id-of-health', requests: 2, errors: 1 }]);
  });

  it('are not there without logs', async () => {
    assert.equal(await fakeConnection().data.statistics(options()), undefined);
  });
});

describe('the first question to a project', () => {
  it('tells what stands in the way', async () => {
    const management = new FakeManagementApi();
    await assert.rejects(probeProject(fakeConnection({ management }), options().signal), (error) => isOpsError(error, 'projectNotFound') && error.facts.ref === acme.ref);
    management.addProject(acme.ref);
    await probeProject(fakeConnection({ management }), options().signal);
  });

  it('is not asked where there is no Management API', async () => {
    await probeProject(fakeConnection(), options().signal);
  });
});
