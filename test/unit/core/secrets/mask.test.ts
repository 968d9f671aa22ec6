import assert from 'node:assert/strict';
import { maskSecrets } from '../../../../src/core/secrets/mask.ts';

const jwt = `${Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url')}.${Buffer.from('{"role":"service_role"}').toString('base64url')}.c2lnbmF0dXJl`;

describe('masking credentials', () => {
  const cases: readonly (readonly [string, string])[] = [
    [`Bearer ${jwt}.`, 'Bearer eyJ….'],
    [`{"key":"${jwt}"}`, '{"key":"eyJ…"}'],
    ['key sb_secret_N7UND0UgjKTVK-Uodkm0Hg_xSvEMPvz used', 'key sb_secret_… used'],
    [`token sbp_${'0123456789'.repeat(4)} and sbp_v0_${'a'.repeat(40)}`, 'token sbp_… and sbp_…'],
    ['stripe sk_live_51H8abcdef', 'stripe sk_…'],
    ['openai sk-proj-abcdefghijklmnop1234', 'openai sk-…'],
    ['postgresql://postgres.acme:s3cret!@db.example.com:5432/postgres', 'postgresql://postgres.acme:…@db.example.com:5432/postgres'],
    ['sb_publishable_abc is for everyone; task_id and risk_level stay', 'sb_publishable_abc is for everyone; task_id and risk_level stay'],
    ['see https://example.com/a:b@c', 'see https://example.com/a:b@c'],
  ];
  for (const [text, masked] of cases) {
    it(masked, () => assert.equal(maskSecrets(text), masked));
  }
});
