import assert from 'node:assert/strict';
import { connect } from 'node:tls';
import type { PeerCertificate } from 'node:tls';
import { startNeighbours } from './scenario/neighbours.ts';
import type { Neighbours } from './scenario/neighbours.ts';

describe('neighbours of the scenario', () => {
  let neighbours: Neighbours;

  before(async () => {
    neighbours = await startNeighbours({ certificateDays: 9 });
  });

  after(() => neighbours.stop());

  const at = (host: string, path = '/'): string => new URL(path, neighbours.hosts[host]).href;

  async function rpc(body: string): Promise<Record<string, unknown>> {
    return await (await fetch(at('rpc.acme.test'), { method: 'POST', body })).json() as Record<string, unknown>;
  }

  it('have a front end that can go down', async () => {
    const healthy = await fetch(at('app.acme.test', '/api/health'));
    assert.deepEqual([healthy.status, (await healthy.json() as { status: string }).status], [200, 'online']);
    neighbours.state.frontEndUp = false;
    assert.equal((await fetch(at('v0-git-hub-sync-website.vercel.app', '/api/health'))).status, 502);
    neighbours.state.frontEndUp = true;
  });

  it('have a wallet that speaks JSON-RPC', async () => {
    const call = JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'getBalance', params: ['9xQe'] });
    assert.deepEqual(await rpc(call), {
      jsonrpc: '2.0',
      result: { context: { apiVersion: '3.0.6', slot: 381_220_417 }, value: 42_000_000 },
      id: 7,
    });
    neighbours.state.balance = 0;
    assert.equal(((await rpc(call))['result'] as { value: number }).value, 0);
    assert.deepEqual((await rpc('{'))['error'], { code: -32700, message: 'Parse error' });
    assert.deepEqual((await rpc('{"id":1,"method":"sendTransaction"}'))['error'], { code: -32601, message: 'Method not found' });
  });

  it('have a domain whose certificate ends in nine days', async () => {
    const { port } = new URL(at('your-domain.com'));
    const certificate = await new Promise<PeerCertificate>((resolve, reject) => {
      const socket = connect(
        { host: '127.0.0.1', port: Number(port), servername: 'your-domain.com', ca: neighbours.certificateAuthority },
        () => {
          resolve(socket.getPeerCertificate());
          socket.destroy();
        },
      );
      socket.on('error', reject);
    });
    assert.equal(Date.parse(certificate.valid_to), neighbours.certificateEnds.getTime());
    const days = (Date.parse(certificate.valid_to) - Date.now()) / 86_400_000;
    assert.ok(days > 8.9 && days <= 9, String(days));
  });

  it('have status pages in JSON, Atom and RSS', async () => {
    const summary = async (): Promise<{ status: { indicator: string }; incidents: { name: string }[] }> =>
      await (await fetch(at('status.supabase.com', '/api/v2/summary.json'))).json() as never;
    assert.equal((await summary()).status.indicator, 'none');
    neighbours.state.incidents.supabase = 'Connections < usual & slow';
    assert.deepEqual((await summary()).incidents.map(({ name }) => name), ['Connections < usual & slow']);
    for (const feed of ['/history.atom', '/history.rss']) {
      assert.match(await (await fetch(at('status.supabase.com', feed))).text(), /<title>Connections &lt; usual &amp; slow<\/title>/);
      assert.doesNotMatch(await (await fetch(at('status.openai.com', feed))).text(), /Connections/);
    }
    assert.equal((await fetch(at('resend-status.com', '/nothing'))).status, 404);
  });
});
