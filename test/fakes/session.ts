import { OpsError } from '../../src/core/errors.ts';
import { Accounts } from '../../src/core/project/accounts.ts';
import type { Connection } from '../../src/core/project/connection.ts';
import type { Place } from '../../src/core/project/project.ts';
import { Session, type Selection } from '../../src/core/project/session.ts';
import { fakeConnection } from './connection.ts';
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
  /** What was connected last. */
  selected: Selection | undefined;
  /** How often something was connected. */
  opened = 0;
  private next: Connection | undefined;
  private anything = false;

  constructor() {
    this.session = new Session({
      accounts: this.accounts,
      storage: this.storage,
      userStorage: this.userStorage,
      log: this.log,
      connect: async (selection, place) => this.connect(selection, place),
      probe: async () => {
        if (this.problem) {
          throw this.problem;
        }
      },
    });
  }

  /** Whatever is selected from now on gets a connection without any way. */
  connectAnything(): void {
    this.anything = true;
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

  private async connect(selection: Selection, place: Place | undefined): Promise<Connection> {
    const { next } = this;
    this.next = this.anything ? undefined : next;
    if (!next && !this.anything) {
      throw new OpsError('noProject', {});
    }
    this.opened++;
    this.selected = selection;
    return next ?? fakeConnection({ project: selection.project, place });
  }
}

/** Shows one connection. */
export async function sessionOf(connection: Connection): Promise<Session> {
  return new TestSession().show(connection);
}
