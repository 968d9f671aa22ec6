/** A server of the attacker on loopback: it answers everything, intercepts TLS as a proxy does, and keeps what was sent to it. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { createAuthority, issueServerCertificate } from '../sandbox/engines/certificate.ts';

export interface Capture extends AsyncDisposable {
  readonly url: string;
  /** The same over TLS, with a certificate that nobody knows. */
  readonly secureUrl: string;
  /** Every header value, path and body that arrived. */
  readonly heard: readonly string[];
}

export async function startCapture(hosts: string[] = ['127.0.0.1']): Promise<Capture> {
  const heard: string[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    heard.push(`${request.method} ${request.url}`, ...Object.values(request.headers).flat().map(String));
    request.on('data', (chunk: Buffer) => heard.push(chunk.toString('latin1')));
    response.setHeader('content-type', 'application/json');
    response.end('[]');
  };
  const certificate = issueServerCertificate(createAuthority('Nobody knows this one'), { hosts });
  const secure = createTlsServer({ cert: certificate.certificatePem, key: certificate.privateKeyPem }, answer);
  // Some clients refuse a certificate in the handshake, some after it: then nothing follows the connection.
  secure.on('connection', () => heard.push('TLS connection'));
  const plain = createServer(answer);
  const sockets = new Set<Socket>();
  for (const server of [plain, secure]) {
    server.on('connection', (socket: Socket) => sockets.add(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }
  plain.on('connect', (request: IncomingMessage, client: Socket) => {
    heard.push(`CONNECT ${request.url}`);
    client.write('HTTP/1.1 200 OK\r\n\r\n');
    const inside = connect(portOf(secure), '127.0.0.1');
    client.pipe(inside).pipe(client);
    [client, inside].forEach((socket) => socket.on('error', () => undefined));
  });
  return {
    url: `http://127.0.0.1:${portOf(plain)}`,
    secureUrl: `https://127.0.0.1:${portOf(secure)}`,
    heard,
    async [Symbol.asyncDispose]() {
      sockets.forEach((socket) => socket.destroy());
      await Promise.all([plain, secure].map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
