import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readDirective } from '../../../../src/core/http/directives.ts';
import { defaultSignature, secretName, sign, signatureTemplates, type Signature } from '../../../../src/core/http/signature.ts';

const circle: Signature = { ...defaultSignature, header: 'circle-signature', format: 'v1=<hex>' };
const body = '{"eventType":"payments.confirmed","name":"ünï $& $1"}';

describe('signatures of webhooks', () => {
  it('are the keyed hash of the body, as Node computes it', async () => {
    for (const algorithm of ['sha1', 'sha256', 'sha512'] as const) {
      const expected = (encoding: 'hex' | 'base64') => createHmac(algorithm, 'kéy').update(body).digest(encoding);
      assert.equal(await sign({ ...circle, algorithm }, body, 'kéy'), `v1=${expected('hex')}`);
      assert.equal(await sign({ ...circle, algorithm, format: '<base64>' }, body, 'kéy'), expected('base64'));
    }
  });

  it('agree with a published example (RFC 4231, case 2)', async () => {
    assert.equal(await sign({ ...circle, format: '<hex>' }, 'what do ya want for nothing?', 'Jefe'), '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
  });

  it('may be of more than the body, with a key that is written in base64', async () => {
    const key = Buffer.from([1, 2, 250, 0, 7]);
    const signature = await sign({ ...circle, payload: 'id.17.<body>', format: 'v1,<base64>', encoding: 'base64' }, body, `whsec_${key.toString('base64')}`);
    assert.equal(signature, `v1,${createHmac('sha256', key).update(`id.17.${body}`).digest('base64')}`);
  });

  it('sign an empty body too', async () => {
    assert.equal(await sign(circle, '', 'k'), `v1=${createHmac('sha256', 'k').update('').digest('hex')}`);
  });

  it('go by the name of their secret, else of their header', () => {
    assert.deepEqual([secretName(circle), secretName({ ...circle, secret: 'CIRCLE' })], ['circle-signature', 'CIRCLE']);
  });

  for (const { sender, directives } of signatureTemplates) {
    it(`as ${sender} makes them can be read back`, () => {
      let read = readDirective('', { role: 'none' });
      for (const directive of directives) {
        assert.equal(read.kind, 'read');
        read = readDirective(` ${directive}`, read.kind === 'read' ? read.directives : { role: 'none' });
      }
      assert.ok(read.kind === 'read' && read.directives.signature?.header && /<(?:hex|base64)>/.test(read.directives.signature.format));
    });
  }
});
