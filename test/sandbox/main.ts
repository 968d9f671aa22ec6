/**
 * `npm run sandbox`: the sandbox alone. Prints one JSON line when it is up and runs until Ctrl-C. `hosts` has the origins on loopback
 * that stand in for the foreign hosts of the manuals.
 *
 * `OPSBOOK_SANDBOX_LATENCY` adds so many milliseconds to every answer of the Management API.
 */
import { startSandbox } from './sandbox.ts';
import { startTraffic } from './traffic.ts';

const starting = startSandbox({ latencyMs: Number(process.env['OPSBOOK_SANDBOX_LATENCY'] ?? 0) });

let stopping = false;

/** One that is asked to end while it starts gets up first, so that it knows what to clear away. */
async function stop(): Promise<void> {
  if (!stopping) {
    stopping = true;
    await (await starting).stop();
    process.exit(0);
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => void stop());
}

const sandbox = await starting;
startTraffic(sandbox);
const { apiUrl, gatewayUrl, token, ref, profilePath, databaseUrl, caPath, workspace, neighbours } = sandbox;
console.log(JSON.stringify({ apiUrl, gatewayUrl, token, ref, profilePath, databaseUrl, caPath, workspace, hosts: neighbours?.hosts }));
