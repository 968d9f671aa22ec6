import assert from 'node:assert/strict';
import { setStoreKey } from '../../../../src/features/logs/storeKey.ts';
import type { Project } from '../../../../src/core/project/project.ts';
import { acme, fakeConnection } from '../../../fakes/connection.ts';
import { FakeGateway } from '../../../fakes/gateway.ts';
import { FakeSecretStore } from '../../../fakes/secretStore.ts';
import { sessionOf } from '../../../fakes/session.ts';
import { FakeUi } from '../../../fakes/ui.ts';

describe('the key of a log store of one’s own', () => {
  const selfHosted: Project = { kind: 'selfHosted', ref: 'self', name: 'supabase.example.com', environment: 'production' };

  it('is kept for the origin of the gateway, and asked for in a password box', async () => {
    const [ui, secrets, gateway] = [new FakeUi().willType(' a-key '), new FakeSecretStore(), new FakeGateway()];
    await setStoreKey({ session: await sessionOf(fakeConnection({ project: selfHosted, gateway })), ui, secrets })();
    assert.equal(await secrets.get(`logKey ${gateway.origin}`), 'a-key');
    assert.equal(ui.questions[0]?.secret, true);
    assert.match(ui.questions[0]?.check?.('two words') ?? '', /no spaces/);
    ui.done();
  });

  for (const project of [acme, { kind: 'local', ref: 'local-acme', name: 'acme', environment: 'local' } satisfies Project]) {
    it(`is nothing to ask for on a ${project.kind} project`, async () => {
      const [ui, secrets] = [new FakeUi(), new FakeSecretStore()];
      await setStoreKey({ session: await sessionOf(fakeConnection({ project, gateway: new FakeGateway() })), ui, secrets })();
      assert.equal(ui.told.length, 1);
      ui.done();
    });
  }
});
