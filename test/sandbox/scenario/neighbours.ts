/**
 * The foreign hosts that the manuals speak of, on loopback: a front end, a wallet behind a Solana node, a domain whose
 * certificate ends soon, and the status pages of three vendors. Test runs map the real host names to these addresses.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createAuthority, issueServerCertificate } from '../engines/certificate.ts';

/** What tests may change while the neighbours run. */
export interface NeighbourState {
  /** The front end answers 200, else 502 as Vercel does. */
  frontEndUp: boolean;
  /** Of the minting wallet, in lamports (10⁻⁹ SOL). */
  balance: number;
  /** Title of the open incident by vendor; a vendor without one is operational. */
  incidents: Partial<Record<Vendor, string>>;
}

export type Vendor = 'supabase' | 'openai' | 'resend';

export interface Neighbours {
  /** Origin by host name, e.g. `app.acme.test` → `http://127.0.0.1:41234`. */
  hosts: Record<string, string>;
  /** PEM of the authority that signed the certificate of `your-domain.com`. */
  certificateAuthority: string;
  certificateEnds: Date;
  state: NeighbourState;
  stop(): Promise<void>;
}

/** Where each neighbour stands in: our own names, and those of the manuals in `seeds`. */
const names = {
  frontEnd: ['app.acme.test', 'v0-git-hub-sync-website.vercel.app'],
  wallet: ['rpc.acme.test', 'api.mainnet-beta.solana.com', 'mainnet.helius-rpc.com'],
  domain: ['acme.test', 'your-domain.com'],
};

const statusHosts: Record<Vendor, string> = {
  supabase: 'status.supabase.com',
  openai: 'status.openai.com',
  resend: 'resend-status.com',
};

const vendors = Object.keys(statusHosts) as Vendor[];

/** Starts all neighbours on ports that the system chooses. `certificateDays`: how long the certificate is still valid. */
export async function startNeighbours({ certificateDays = 9 } = {}): Promise<Neighbours> {
  const state: NeighbourState = { frontEndUp: true, balance: 42_000_000, incidents: {} };
  const authority = createAuthority('Acme test authority');
  const certificateEnds = new Date(Math.floor(Date.now() / 1000) * 1000 + certificateDays * 86_400_000);
  const issued = issueServerCertificate(authority, { hosts: [...names.domain, '127.0.0.1'], notAfter: certificateEnds });
  const domain = createTlsServer({ cert: issued.certificatePem, key: issued.privateKeyPem }, (_, response) => {
    response.end('Acme\n');
  });
  const plain: [string[], RequestListener][] = [
    [names.frontEnd, (request, response) => frontEnd(state, request, response)],
    [names.wallet, (request, response) => void wallet(state, request, response)],
    ...vendors.map((vendor): [string[], RequestListener] => [
      [statusHosts[vendor]],
      (request, response) => statusPage(vendor, state.incidents[vendor], request, response),
    ]),
  ];
  const running: Server[] = [domain, ...plain.map(([, listener]) => createServer(listener))];
  const ports = await Promise.all(running.map(listen));
  const hosts: Record<string, string> = {};
  [names.domain, ...plain.map(([mapped]) => mapped)].forEach((mapped, index) => {
    for (const name of mapped) {
      hosts[name] = `${index === 0 ? 'https' : 'http'}://127.0.0.1:${ports[index]}`;
    }
  });
  const stop = async (): Promise<void> => {
    await Promise.all(running.map(close));
  };
  return { hosts, certificateAuthority: authority.certificatePem, certificateEnds, state, stop };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'Content-Type': type }).end(body);
}

function frontEnd(state: NeighbourState, request: IncomingMessage, response: ServerResponse): void {
  if (!state.frontEndUp) {
    answer(response, 502, 'text/plain', 'DEPLOYMENT_NOT_READY\n');
  } else if (request.url === '/api/health') {
    answer(response, 200, 'application/json', JSON.stringify({ status: 'online', database: 'connected', version: '1.1.0' }));
  } else {
    answer(response, 404, 'text/plain', 'Not found\n');
  }
}

/** Of Solana's JSON-RPC what a balance check needs: `getBalance` (lamports) and `getHealth`. */
async function wallet(state: NeighbourState, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  const reply = (content: Record<string, unknown>, id: unknown = null): void =>
    answer(response, 200, 'application/json', JSON.stringify({ jsonrpc: '2.0', ...content, id }));
  let call: { id?: unknown; method?: unknown };
  try {
    call = JSON.parse(Buffer.concat(chunks).toString('utf8')) as typeof call;
  } catch {
    reply({ error: { code: -32700, message: 'Parse error' } });
    return;
  }
  if (call.method === 'getBalance') {
    reply({ result: { context: { apiVersion: '3.0.6', slot: 381_220_417 }, value: state.balance } }, call.id);
  } else if (call.method === 'getHealth') {
    reply({ result: 'ok' }, call.id);
  } else {
    reply({ error: { code: -32601, message: 'Method not found' } }, call.id);
  }
}

/** A status page in the three forms that vendors offer: Statuspage's JSON, Atom and RSS. */
function statusPage(vendor: Vendor, incident: string | undefined, request: IncomingMessage, response: ServerResponse): void {
  const began = new Date(Date.now() - 35 * 60_000).toISOString();
  switch (request.url) {
    case '/api/v2/summary.json':
      answer(response, 200, 'application/json', JSON.stringify(summary(vendor, incident, began)));
      return;
    case '/history.atom':
      answer(response, 200, 'application/atom+xml', atom(vendor, incident, began));
      return;
    case '/history.rss':
      answer(response, 200, 'application/rss+xml', rss(vendor, incident, began));
      return;
    default:
      answer(response, 404, 'text/plain', 'Not found\n');
  }
}

function summary(vendor: Vendor, incident: string | undefined, began: string): Record<string, unknown> {
  const url = `https://${statusHosts[vendor]}`;
  const open = incident === undefined ? [] : [{
    id: `${vendor}-open`, name: incident, status: 'investigating', impact: 'major', created_at: began, updated_at: began,
    resolved_at: null, shortlink: `${url}/incidents/${vendor}-open`,
    incident_updates: [{ id: `${vendor}-update`, status: 'investigating', body: 'We are looking into it.', created_at: began }],
  }];
  return {
    page: { id: vendor, name: vendor, url, time_zone: 'Etc/UTC', updated_at: began },
    components: [{ id: `${vendor}-api`, name: 'API', status: incident === undefined ? 'operational' : 'major_outage' }],
    incidents: open,
    scheduled_maintenances: [],
    status: incident === undefined
      ? { indicator: 'none', description: 'All Systems Operational' }
      : { indicator: 'major', description: 'Partial System Outage' },
  };
}

/** What the feeds list: the open incident, and one that was resolved a week ago. */
function incidents(incident: string | undefined, began: string): { title: string; words: string; time: string }[] {
  const past = new Date(Date.parse(began) - 7 * 86_400_000).toISOString();
  const resolved = { title: 'Slow responses in eu-central-1', words: 'Resolved - This incident has been resolved.', time: past };
  return incident === undefined ? [resolved] : [{ title: incident, words: 'Investigating - We are looking into it.', time: began }, resolved];
}

function atom(vendor: Vendor, incident: string | undefined, began: string): string {
  const url = `https://${statusHosts[vendor]}`;
  const entries = incidents(incident, began).map(({ title, words, time }, index) =>
    `<entry><id>${url}/incidents/${index}</id><title>${xml(title)}</title><updated>${time}</updated><content type="html">${xml(words)}</content></entry>`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><id>${url}/history</id><title>${vendor} status</title><updated>${began}</updated>${entries.join('')}</feed>\n`;
}

function rss(vendor: Vendor, incident: string | undefined, began: string): string {
  const url = `https://${statusHosts[vendor]}`;
  const items = incidents(incident, began).map(({ title, words, time }, index) =>
    `<item><guid>${url}/incidents/${index}</guid><title>${xml(title)}</title><pubDate>${new Date(time).toUTCString()}</pubDate><description>${xml(words)}</description></item>`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>${vendor} status</title><link>${url}</link>${items.join('')}</channel></rss>\n`;
}

function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
