import assert from 'node:assert/strict';
import { OpsError, isOpsError } from '../../../src/core/errors.ts';
import { cleanUp } from '../../../src/features/storage/cleanUp.ts';
import type { StorageNeeds } from '../../../src/features/storage/needs.ts';
import { createConsent } from '../../../src/host/consent.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { fakeConnection } from '../../fakes/connection.ts';
import { FakeDatabase } from '../../fakes/database.ts';
import { FakeGateway } from '../../fakes/gateway.ts';
import { sessionOf } from '../../fakes/session.ts';
import { FakeSecretStore } from '../../fakes/secretStore.ts';
import { FakeStorage } from '../../fakes/storage.ts';
import { FakeUi } from '../../fakes/ui.ts';

const key = 'sb_secret_of_the_project';

describe('cleaning up a bucket', () => {
  let ui: FakeUi;
  let database: FakeDatabase;
  let gateway: FakeGateway;
  let secrets: FakeSecretStore;
  let files: readonly string[];

  beforeEach(() => {
    ui = new FakeUi();
    gateway = new FakeGateway();
    secrets = new FakeSecretStore();
    files = ['old.pdf', 'large \u202e.pdf'];
    const gone = () => new Set(gateway.removed.flatMap(({ names }) => names));
    database = new FakeDatabase()
      .answer('from storage.buckets', { columns: ['id', 'files', 'bytes', 'public'], rows: [['small', '1', '10', 'false'], ['papers', '3', '5000000', 'true']] })
      .answer('objects.name in', () => ({ columns: ['name'], rows: files.filter((name) => !gone().has(name)).map((name) => [name]) }))
      .answer('make_interval', () => ({ columns: ['name', 'size', 'changed'], rows: files.map((name) => [name, '2097152', '2024-01-01 00:00:00+00']) }));
  });
  afterEach(() => ui.done());

  async function run(): Promise<void> {
    const connection = fakeConnection({ database, gateway });
    const clock = new FakeClock();
    const needs: StorageNeeds = { session: await sessionOf(connection), commands: undefined as unknown as StorageNeeds['commands'], consent: createConsent({ ui, clock }), ui, clock, storage: new FakeStorage(), secrets };
    await cleanUp(needs)();
  }
  const asked = () => ui.willPick('papers').willType('365').willType('1');

  it('lists by age and size, chooses nothing for the person, and deletes on a typed name', async () => {
    asked().willPickMany('old.pdf', 'large \\u{202e}.pdf').willType(key).willConsent('acme');
    await run();
    assert.deepEqual(gateway.removed, [{ bucket: 'papers', names: files, key }]);
    assert.deepEqual(database.requests.find(({ text }) => text.includes('make_interval'))?.values, ['papers', '365', '1048576']);
    assert.deepEqual(ui.lists[0]?.choices.map(({ label, description }) => [label, description]), [['papers', '3 files, 4.8 MB'], ['small', '1 files, 10 bytes']]);
    assert.ok(ui.lists[1]?.choices.every((choice) => !('picked' in choice)));
    const detail = ui.plans[0]?.detail.join('\n') ?? '';
    assert.match(detail, /large \\u\{202e\}\.pdf · 2 MB · 2024-01-01/);
    assert.match(detail, /This cannot be undone/);
    assert.equal(ui.told.at(-1)?.message, 'Deleted 2 files of papers.');
    assert.ok(database.requests.every(({ mode }) => mode === 'read'), 'no row is deleted');
  });

  it('keeps the key for the address, and takes no public one', async () => {
    asked().willPickMany('old.pdf').willType(key).willConsent('acme');
    await run();
    const check = ui.questions.at(-1)?.check;
    assert.deepEqual([check?.('sb_publishable_x'), check?.(key)], ['This is no service key that is valid now.', undefined]);
    files = ['large.pdf'];
    asked().willPickMany('large.pdf').willConsent('acme');
    await run();
    assert.equal(gateway.removed.length, 2);
    assert.ok(!JSON.stringify([ui.plans, ui.told]).includes(key));
  });

  it('says what is still there, whether it was held back, failed or was cancelled', async () => {
    gateway.keepsFiles.add('old.pdf');
    asked().willPickMany('old.pdf', 'large \\u{202e}.pdf').willType(key).willConsent('acme');
    await run();
    assert.deepEqual(ui.told.at(-1)?.message, 'Deleted 1 of 2 files of papers; still there: old.pdf.');
    assert.equal(ui.told.at(-1)?.level, 'error');
    files = ['other.pdf'];
    gateway.removalFails = new OpsError('timedOut', { operation: 'delete files of a bucket', seconds: 30 });
    asked().willPickMany('other.pdf').willConsent('acme');
    await run();
    assert.match(ui.told.at(-1)?.message ?? '', /^Deleted 0 of 1 files of papers; still there: other\.pdf\. .*30/);
  });

  it('deletes in parts, and does not say that files are gone when nobody can tell', async () => {
    files = Array.from({ length: 250 }, (_, index) => `${index}.pdf`);
    database.answer('objects.name in', new OpsError('connectionLost', { host: 'db' }));
    asked().willPickMany(...files).willType(key).willConsent('acme');
    await run();
    assert.deepEqual(gateway.removed.map(({ names }) => names.length), [100, 100, 50]);
    assert.match(ui.told.at(-1)?.message ?? '', /^Whether the 250 files of papers are gone could not be read/);
  });

  it('deletes nothing without consent, a choice or a file', async () => {
    asked().willPickMany('old.pdf').willType(key).willDismiss();
    await assert.rejects(run(), (error) => isOpsError(error, 'cancelled'));
    asked().willPickMany();
    await run();
    files = [];
    asked();
    await run();
    assert.match(ui.told.at(-1)?.message ?? '', /^No file of papers/);
    assert.deepEqual(gateway.removed, []);
  });
});
