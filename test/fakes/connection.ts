import type { Clock, Database, Gateway, LogStore, ManagementApi } from '../../src/core/ports.ts';
import type { Account } from '../../src/core/project/accounts.ts';
import { absent, available, ProjectData, type Connection, type Way } from '../../src/core/project/connection.ts';
import type { Place, Project } from '../../src/core/project/project.ts';
import { FakeClock } from './clock.ts';

export const acme: Project = { kind: 'hosted', ref: 'abcdefghijklmnopqrst', name: 'acme', environment: 'production', accountId: 'me@example.test https://api.example.test' };

export interface FakeWays {
  readonly project?: Project;
  readonly place?: Place | undefined;
  readonly account?: Account;
  readonly management?: ManagementApi;
  readonly database?: Database;
  readonly logs?: LogStore;
  readonly gateway?: Gateway;
  readonly clock?: Clock;
}

export interface FakeConnection extends Connection {
  /** How often it was closed. */
  closed: number;
}

/** A connection over fakes; a way that is not given is absent as it is on a project of one's own. */
export function fakeConnection(ways: FakeWays = {}): FakeConnection {
  const { project = acme, place, account, clock = new FakeClock() } = ways;
  const way = <T>(use: T | undefined, reason: 'noManagementApi' | 'noDatabaseConnection' | 'noGatewayKey'): Way<T> => (use === undefined ? absent(reason) : available(use));
  const management = way(ways.management, 'noManagementApi');
  const logs = way(ways.logs, 'noManagementApi');
  const gateway = way(ways.gateway, 'noGatewayKey');
  const connection: FakeConnection = {
    project,
    ...(place ? { place } : {}),
    ...(account ? { account } : {}),
    management,
    database: way(ways.database, 'noDatabaseConnection'),
    logs,
    gateway,
    data: new ProjectData({ ref: project.ref, management, gateway, logs, clock }),
    closed: 0,
    close: async () => {
      connection.closed++;
    },
  };
  return connection;
}
