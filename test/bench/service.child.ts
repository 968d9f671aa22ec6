/** The process of `service.ts`: a sandbox that is asked and told over the channel to its parent, and ends with it. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { startSandbox } from '../sandbox/sandbox.ts';
import type { ServiceCall, ServiceFacts, ServiceOptions } from './service.ts';

const { latencyMs, engines, databaseLatencyMs } = JSON.parse(process.argv[2] ?? '') as ServiceOptions;
const parts = engines ? ({ runtime: false } as const) : ({ runtime: false, postgres: false, logs: false } as const);
const sandbox = await startSandbox({ latencyMs, ...parts, budgets: { standard: 100_000, logs: 100_000 } });
const calls: ServiceCall[] = [];
sandbox.onExchange(({ call, route }) => {
  calls.push({ method: call.method, path: call.path, query: call.query.toString(), headers: call.headers, body: call.body.toString(), route: route ?? '' });
});

process.on('message', () => process.send?.(calls.splice(0)));
process.once('disconnect', () => void sandbox.stop().finally(() => process.exit(0)));

const { apiUrl, gatewayUrl, token, ref, profilePath, databaseUrl, caPath, workspace } = sandbox;
const distantDatabaseUrl = databaseUrl !== undefined && databaseLatencyMs !== undefined ? await distant(databaseUrl, databaseLatencyMs / 2) : undefined;
process.send?.({ apiUrl, gatewayUrl, token, ref, profilePath, databaseUrl, distantDatabaseUrl, caPath, workspace } satisfies ServiceFacts);

/** An address at which the same server is found, with every byte so many milliseconds on its way in either direction. */
async function distant(url: string, delayMs: number): Promise<string> {
  const { hostname, port } = new URL(url);
  const carry = (from: Socket, to: Socket): void => {
    from.on('data', (bytes) => setTimeout(() => to.write(bytes), delayMs));
    from.on('close', () => setTimeout(() => to.destroy(), delayMs));
    from.on('error', () => {});
    from.setNoDelay(true);
  };
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    carry(near, far);
    carry(far, near);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const here = new URL(url);
  here.port = String((server.address() as AddressInfo).port);
  return here.href;
}
