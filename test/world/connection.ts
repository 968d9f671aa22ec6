/** What a window needs to take the sandbox for the hosted service. */
import path from 'node:path';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { CodeOptions } from './code.ts';
import { cliBinary } from './provision.ts';

type Connectable = Pick<Sandbox, 'token' | 'ref' | 'apiUrl' | 'gatewayUrl' | 'caPath'>;

export function connectionTo(sandbox: Connectable): Required<Pick<CodeOptions, 'environment' | 'machineSettings'>> {
  return {
    environment: { OPSBOOK_ACCESS_TOKEN: sandbox.token, OPSBOOK_PROJECT_REF: sandbox.ref },
    machineSettings: {
      'opsbook.apiUrl': sandbox.apiUrl,
      'opsbook.dashboardUrl': `${sandbox.apiUrl}/dashboard`,
      'opsbook.gatewayUrl': sandbox.gatewayUrl,
      'opsbook.cliPath': cliBinary('cli3'),
      ...(sandbox.caPath === undefined ? {} : { 'opsbook.database.caFile': sandbox.caPath }),
    },
  };
}

/** Has a window's requests to the hosts of the manuals go to where the sandbox imitates them. */
export function neighbourhoodOf({ neighbours }: Pick<Sandbox, 'neighbours'>): Pick<CodeOptions, 'preload'> {
  return neighbours === undefined ? {} : { preload: { file: path.join(import.meta.dirname, 'native', 'hostMap.cjs'), environment: { OPSBOOK_TEST_HOSTS: JSON.stringify(neighbours.hosts) } } };
}
