/** What a window needs to take the sandbox for the hosted service. */
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { CodeOptions } from './code.ts';
import { cliBinary } from './provision.ts';

export function connectionTo(sandbox: Pick<Sandbox, 'token' | 'ref' | 'apiUrl' | 'gatewayUrl' | 'caPath'>): Required<Pick<CodeOptions, 'environment' | 'machineSettings'>> {
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
