import { OpsError } from '../../src/core/errors.ts';
import { Accounts } from '../../src/core/project/accounts.ts';
import type { Connection } from '../../src/core/project/connection.ts';
import type { Place } from '../../src/core/project/project.ts';
import { Session } from '../../src/core/project/session.ts';
import { FakeLogger } from './logger.ts';
import { FakeSecretStore } from './secretStore.ts';
import { FakeStorage } from './storage.ts';

/** A real session, whose connections a test hands in. */
export class TestSession {
  readonly secrets = new FakeSecretStore();
  readonly storage = new FakeStorage();
  readonly userStorage = new FakeStorage();
  readonly log = new FakeLogger();
  readonly accounts = new Accounts({ secrets: this.secrets, storage: this.userStorage });
  readonly session: Session;
  /** What stands in the way of the project shown; to be seen at the next selection or refresh. */
  problem: OpsError | undefined;
  private next: Connection | undefined;

  constructor() {
    this.session = new Session({
      accounts: this.accounts,
      storage: this.storage,
      userStorage: this.userStorage,
      log: this.log,
      connect: async () => {
        if (!this.next) {
          throw new OpsError('noProject', {});
        }
        return this.next;
      },
      probe: async () => {
        if (this.problem) {
          throw this.problem;
        }
      },
    });
  }

  /** Selects the connection's project, whatever its kind: no account is asked for. */
  async show(connection: Connection): Promise<Session> {
    this.next = connection;
    if (connection.place && !this.session.allPlaces.includes(connection.place)) {
      await this.session.start([connection.place]);
    }
    await this.session.select({ kind: 'local', project: connection.project });
    return this.session;
  }

  async start(...places: Place[]): Promise<Session> {
    await this.session.start(places);
    return this.session;
  }
}

/** Shows one connection. */
export async function sessionOf(connection: Connection): Promise<Session> {
  return new TestSession().show(connection);
}
