/** The process of `service.ts`: a sandbox that is asked and told over the channel to its parent, and ends with it. */
import { startSandbox } from '../sandbox/sandbox.ts';
import type { ServiceCall, ServiceFacts, ServiceOptions } from './service.ts';

const { latencyMs, engines } = JSON.parse(process.argv[2] ?? '') as ServiceOptions;
const parts = engines ? ({ runtime: false } as const) : ({ runtime: false, postgres: false, logs: false } as const);
const sandbox = await startSandbox({ latencyMs, ...parts, budgets: { standard: 100_000, logs: 100_000 } });
const calls: ServiceCall[] = [];
sandbox.onExchange(({ call, route }) => {
  calls.push({ method: call.method, path: call.path, query: call.query.toString(), headers: call.headers, body: call.body.toString(), route: route ?? '' });
});

process.on('message', () => process.send?.(calls.splice(0)));
process.once('disconnect', () => void sandbox.stop().finally(() => process.exit(0)));

const { apiUrl, gatewayUrl, token, ref, profilePath, caPath, workspace } = sandbox;
process.send?.({ apiUrl, gatewayUrl, token, ref, profilePath, caPath, workspace } satisfies ServiceFacts);
