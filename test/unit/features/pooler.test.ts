import assert from 'node:assert/strict';
import { OpsError, isCancelled, isOpsError } from '../../../src/core/errors.ts';
import { parseConnectionString } from '../../../src/core/project/databaseTarget.ts';
import { connectThroughPooler } from '../../../src/features/project/pooler.ts';
import { errorMessage } from '../../../src/host/errorMessage.ts';
import { acme } from '../../fakes/connection.ts';
import { FakeSecretStore } from '../../fakes/secretStore.ts';
import { FakeUi } from '../../fakes/ui.ts';

type Needs = Parameters<typeof connectThroughPooler>[0];

describe('connecting through the pooler', () => {
  const key = `database ${acme.ref}`;
  const direct = `postgresql://postgres:p%40ss%23word@db.${acme.ref}.supabase.co:5432/postgres`;
  let ui: FakeUi;
  let secrets: FakeSecretStore;
  let pooler: { host: string; port: number; user: string } | undefined;
  let restarted = 0;

  const run = async () => {
    const management = { kind: 'available', use: { pooler: async () => pooler } };
    const session = { connection: () => ({ project: acme, management }), allPlaces: [], start: async () => void restarted++ };
    await connectThroughPooler({ session, secrets, ui } as unknown as Needs)();
  };

  beforeEach(async () => {
    ui = new FakeUi();
    secrets = new FakeSecretStore();
    await secrets.set(key, direct);
    pooler = { host: 'aws-0-eu-central-1.pooler.supabase.com', port: 6543, user: `postgres.${acme.ref}` };
    restarted = 0;
  });
  afterEach(() => ui.done());

  it('keeps the password, shows both addresses without it, and connects anew', async () => {
    ui.willConsent();
    await run();
    const target = parseConnectionString((await secrets.get(key)) ?? '');
    assert.deepEqual(target, { ...pooler, password: 'p@ss#word', database: 'postgres' });
    assert.equal(restarted, 1);
    const shown = ui.plans.at(-1)?.detail.join(' ') ?? '';
    assert.match(shown, /postgres@db\..*pooler\.supabase\.com:6543/s);
    assert.ok(!shown.includes('p@ss#word') && !shown.includes('p%40ss'));
  });

  it('changes nothing when the plan is declined', async () => {
    ui.willDismiss();
    await assert.rejects(run, (error) => isCancelled(error));
    assert.deepEqual([await secrets.get(key), restarted], [direct, 0]);
  });

  it('says what is missing: a connection string, or a pooler', async () => {
    pooler = undefined;
    await assert.rejects(run, (error) => isOpsError(error, 'notFound'));
    await secrets.delete(key);
    await assert.rejects(run, (error) => isOpsError(error, 'absent') && error.facts.reason === 'noDatabaseConnection');
  });

  it('is offered where the direct host cannot be reached for want of IPv6, and only there', () => {
    const offered = (host: string, reason: string) => errorMessage(new OpsError('unreachable', { host, reason })).next.map((step) => step.command);
    assert.deepEqual(offered(`db.${acme.ref}.supabase.co:5432`, 'ENETUNREACH'), ['opsbook.project.connectThroughPooler']);
    assert.deepEqual(offered(`db.${acme.ref}.supabase.co:5432`, 'ENOTFOUND'), ['opsbook.project.connectThroughPooler']);
    assert.deepEqual(offered('api.supabase.com', 'ENETUNREACH'), []);
    assert.deepEqual(offered(`db.${acme.ref}.supabase.co:5432`, 'ECONNREFUSED'), []);
  });
});
