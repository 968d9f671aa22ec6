import assert from 'node:assert/strict';
import { flatSettings } from '../../../../src/adapters/supabase/settings.ts';
import { OpsError } from '../../../../src/core/errors.ts';
import { settingsHistory, toSettingsLook } from '../../../../src/core/project/settings.ts';
import { lastLook, lookAtSettings } from '../../../../src/core/project/settingsWatch.ts';
import { FakeClock } from '../../../fakes/clock.ts';
import { FakeJournal } from '../../../fakes/journal.ts';
import { FakeManagementApi } from '../../../fakes/managementApi.ts';

const ref = 'abcdefghijklmnopqrst';
const options = { signal: new AbortController().signal, priority: 'user' } as const;

describe('settings of a project', () => {
  it('are flat, without secrets, times and what is not set', () => {
    const answer = {
      ...{ jwt_exp: 3600, smtp_pass: 'p', hook_send_sms_secrets: 'v1,whsec', sms_test_otp: '4915=123456', password_min_length: 8, passkey_enabled: false },
      ...{ jwt_secret: 'x', sms_twilio_auth_token: 't', external_google_client_id: 'acme', smtp_host: null, sms_template: '', updated_at: '2026-01-01' },
      ...{ hook_send_email_uri: 'https://me:word@hooks.example/mail?key=1', features: { s3: { enabled: true } }, config: { cidrs: ['10.0.0.0/8'] } },
      mailer_templates_invite_content: 'x'.repeat(201),
    };
    const flat = flatSettings(answer);
    assert.deepEqual(flat, {
      ...{ jwt_exp: '3600', smtp_pass: '(set)', hook_send_sms_secrets: '(set)', sms_test_otp: '(set)', password_min_length: '8', passkey_enabled: 'false' },
      ...{ jwt_secret: '(set)', sms_twilio_auth_token: '(set)', external_google_client_id: 'acme' },
      ...{ hook_send_email_uri: 'https://…@hooks.example/mail?…', 'features.s3.enabled': 'true', 'config.cidrs': '["10.0.0.0/8"]' },
      mailer_templates_invite_content: flat['mailer_templates_invite_content'],
    });
    assert.match(flat['mailer_templates_invite_content'] ?? '', /^\(201 characters, [0-9a-f]{8}\)$/);
  });

  it('tell between which looks each was changed', () => {
    const { changes, since } = settingsHistory([
      { at: 10, changed: { auth: { a: '1', b: '2' } }, same: [] },
      { at: 20, changed: { tls: { on: 'true' } }, same: ['auth'] },
      { at: 30, changed: { auth: { a: '3', c: '4' } }, same: ['tls'] },
      // Of a part that was never seen `same` says nothing.
      { at: 40, changed: {}, same: ['network', 'auth'] },
    ]);
    assert.deepEqual(changes, [
      { part: 'auth', name: 'a', before: '1', after: '3', notBefore: 20, seenAt: 30 },
      { part: 'auth', name: 'b', before: '2', notBefore: 20, seenAt: 30 },
      { part: 'auth', name: 'c', after: '4', notBefore: 20, seenAt: 30 },
    ]);
    assert.deepEqual([...since], [['auth', 10], ['tls', 20]]);
  });

  it('are kept as what is new, and a part that cannot be read takes nothing from the others', async () => {
    const management = new FakeManagementApi();
    const project = management.addProject(ref);
    const journal = new FakeJournal();
    const clock = new FakeClock(1_000);
    const look = async () => lookAtSettings({ ref, management, journal, clock }, options);
    project.settings = { auth: { jwt_exp: '3600' }, tls: { 'currentConfig.database': 'true' } };
    assert.equal(await lastLook(journal), undefined);
    assert.deepEqual((await look()).changes, []);
    await clock.advance(1_000);
    project.settings = { ...project.settings, tls: { 'currentConfig.database': 'false' } };
    const { changes, since, unread } = await look();
    assert.deepEqual(changes, [{ part: 'tls', name: 'currentConfig.database', before: 'true', after: 'false', notBefore: 1_000, seenAt: 2_000 }]);
    assert.deepEqual([since.get('auth'), unread, await lastLook(journal)], [1_000, [], 2_000]);
    assert.doesNotMatch(JSON.stringify(journal.lines.at(-1)), /jwt_exp/, 'what is as it was is not kept twice');
    management.fail('settings', new OpsError('permissionMissing', { operation: 'read the settings of Auth', account: 'me' }));
    const after = await look();
    assert.deepEqual([after.changes, after.unread.length], [changes, 7]);
  });

  it('of lines that are none of ours are none', () => {
    for (const line of [null, 1, {}, { at: 1 }, { at: '1', changed: {}, same: [] }, { at: 1, changed: null, same: [] }, { at: 1, changed: {}, same: {} }]) {
      assert.equal(toSettingsLook(line), undefined);
    }
    assert.deepEqual(toSettingsLook({ at: 1, changed: { auth: { a: 1 }, other: { b: 2 }, tls: 3 }, same: ['network', 4] }), { at: 1, changed: { auth: { a: '1' } }, same: ['network'] });
  });
});
