import { OpsError, isCancelled, isOpsError } from '../errors.ts';
import type { Logger, Storage } from '../ports.ts';
import { DisposableStore } from '../../util/dispose.ts';
import { Emitter } from '../../util/event.ts';
import { l10n } from '../../util/l10n.ts';
import type { Account, Accounts } from './accounts.ts';
import type { Connection } from './connection.ts';
import type { Environment, Place, Project } from './project.ts';

/** What the person chose for a place; kept in the workspace's state, never in the repository (SAFETY 6). */
export type Selection =
  | { readonly kind: 'hosted'; readonly accountId: string; readonly project: Project }
  | { readonly kind: 'local'; readonly project: Project }
  | { readonly kind: 'selfHosted'; readonly project: Project; readonly gatewayUrl: string };

export type SessionState =
  | { readonly kind: 'starting' }
  | { readonly kind: 'signedOut' }
  | { readonly kind: 'noProject' }
  /** The project is chosen and cannot be shown: no network, or the token may not read it. */
  | { readonly kind: 'offline' | 'noPermission'; readonly connection: Connection; readonly error: OpsError }
  | { readonly kind: 'connected'; readonly connection: Connection };

export interface SessionNeeds {
  readonly accounts: Accounts;
  /** Of the workspace. */
  readonly storage: Storage;
  /** Of the user: what an environment a project was marked as holds in every workspace. */
  readonly userStorage: Storage;
  /** Builds the ways to a project; opens nothing by itself. */
  readonly connect: (selection: Selection, place: Place | undefined) => Promise<Connection>;
  /** Asks the project one small question; throws what stands in the way. */
  readonly probe: (connection: Connection, signal: AbortSignal) => Promise<void>;
  readonly log: Logger;
}

/** For the first question; what takes longer counts as not reachable. */
const probeSeconds = 20;

const activePlaceKey = 'activePlace';

/**
 * The project this window operates: one selection per place, one place active at a time. Whatever belongs to the connection is
 * replaced with it; late answers of an earlier one are dropped by whoever asks `isCurrent`. Of several starts and selections that
 * overtake each other the last one wins.
 */
export class Session {
  private readonly needs: SessionNeeds;
  private readonly changed = new Emitter<SessionState>();
  private readonly refreshed = new Emitter<void>();
  private readonly owned = new DisposableStore();
  private current: SessionState = { kind: 'starting' };
  /** Counts what may replace the state; the state of `shown` is the one that is seen. */
  private generation = 0;
  private shown = 0;
  private probes = 0;
  private places: readonly Place[] = [];
  private activePlaceId: string | undefined;

  readonly onDidChange = this.changed.event;
  /** The lists of the connection were forgotten: views ask again. */
  readonly onDidRefresh = this.refreshed.event;

  constructor(needs: SessionNeeds) {
    this.needs = needs;
    this.activePlaceId = needs.storage.get<string>(activePlaceKey);
    this.owned.add(needs.accounts.onDidChange((account) => void this.followAccount(account)));
  }

  get state(): SessionState {
    return this.current;
  }

  /** The active place, or `undefined` in a window without a Supabase folder. */
  get place(): Place | undefined {
    return this.places.find((place) => place.id === this.activePlaceId) ?? this.places[0];
  }

  get allPlaces(): readonly Place[] {
    return this.places;
  }

  /** The connection, or `notSignedIn` / `noProject` / what keeps the project from being shown. */
  connection(): Connection {
    switch (this.current.kind) {
      case 'connected':
        return this.current.connection;
      case 'offline':
      case 'noPermission':
        return this.current.connection;
      case 'signedOut':
        throw new OpsError('notSignedIn', {});
      case 'starting':
      case 'noProject':
        throw new OpsError('noProject', {});
      default:
        return this.current satisfies never;
    }
  }

  isCurrent(connection: Connection): boolean {
    return 'connection' in this.current && this.current.connection === connection;
  }

  /** Takes up the selection kept for the active place. Called at start, when places or accounts change. Throws what keeps it from being connected. */
  async start(places: readonly Place[]): Promise<void> {
    this.places = places;
    const selection = this.needs.storage.get<Selection>(selectionKey(this.place));
    if (selection && this.usable(selection)) {
      await this.open(selection);
    } else {
      this.replace(++this.generation, this.nothing());
    }
  }

  /**
   * The folders' files changed. What is open stays open, unless another place became the active one or the files are those of a local
   * stack, which say where it is.
   */
  async followPlaces(places: readonly Place[]): Promise<void> {
    const before = this.place;
    this.places = places;
    const settled = this.shown === this.generation && 'connection' in this.current && this.current.connection.project.kind !== 'local';
    if (settled && before?.id === this.place?.id) {
      this.changed.fire(this.current);
    } else {
      await this.start(places);
    }
  }

  /** Makes another place the active one, also for the next start of the window. */
  async activate(place: Place): Promise<void> {
    this.activePlaceId = place.id;
    await Promise.all([this.needs.storage.set(activePlaceKey, place.id), this.start(this.places)]);
  }

  async select(selection: Selection): Promise<void> {
    await Promise.all([this.needs.storage.set(selectionKey(this.place), selection), this.open(selection)]);
  }

  /** Asks everything again; also the way back from offline. */
  async refresh(): Promise<void> {
    if ('connection' in this.current) {
      const { connection } = this.current;
      connection.data.forget();
      this.refreshed.fire();
      await this.probe(connection);
    } else {
      await this.start(this.places);
    }
  }

  /** Forgets some lists, for a command that has just changed what they say. */
  forget(connection: Connection, ...what: ('functions' | 'secrets' | 'services')[]): void {
    connection.data.forget(...what);
    if (this.isCurrent(connection)) {
      this.refreshed.fire();
    }
  }

  /** What the person says the project is; without a word every hosted project is production. */
  async setEnvironment({ ref }: Project, environment: Environment): Promise<void> {
    await this.needs.userStorage.set(environmentKey(ref), environment);
    if ('connection' in this.current && this.current.connection.project.ref === ref) {
      await this.start(this.places);
    }
  }

  dispose(): void {
    this.generation++;
    this.owned.dispose();
    if ('connection' in this.current) {
      void this.letGo(this.current.connection);
    }
    this.changed.dispose();
    this.refreshed.dispose();
  }

  /** A project with what the person said it is, if they said anything. */
  marked(project: Project): Project {
    return { ...project, environment: this.needs.userStorage.get<Environment>(environmentKey(project.ref)) ?? project.environment };
  }

  private usable(selection: Selection): boolean {
    return selection.kind !== 'hosted' || this.needs.accounts.find(selection.accountId) !== undefined;
  }

  /** Without a project: is anybody there who could have one? */
  private nothing(): SessionState {
    return { kind: this.needs.accounts.list().length === 0 ? 'signedOut' : 'noProject' };
  }

  /** A token that came, changed or went concerns who uses it; what another account has open stays open. */
  private async followAccount(account: Account): Promise<void> {
    const settled = this.shown === this.generation;
    if (settled && 'connection' in this.current && this.current.connection.account?.id !== account.id) {
      return;
    }
    try {
      await this.start(this.places);
    } catch (error) {
      this.needs.log.warn('the project could not be opened with the accounts there are now', { error: String(error) });
    }
  }

  private async open(selection: Selection): Promise<void> {
    const generation = ++this.generation;
    let connection: Connection;
    try {
      connection = await this.needs.connect({ ...selection, project: this.marked(selection.project) }, this.place);
    } catch (error) {
      if (generation !== this.generation) {
        return;
      }
      this.replace(generation, isOpsError(error, 'notSignedIn') ? { kind: 'signedOut' } : this.nothing());
      throw error;
    }
    if (generation !== this.generation) {
      await this.letGo(connection);
      return;
    }
    this.replace(generation, { kind: 'connected', connection });
    if (this.isCurrent(connection)) {
      await this.probe(connection);
    }
  }

  /** Of several questions on their way only the answer to the last one counts. */
  private async probe(connection: Connection): Promise<void> {
    const turn = ++this.probes;
    const next = await this.stateOf(connection);
    if (turn === this.probes && this.isCurrent(connection) && !sameState(this.current, next)) {
      this.current = next;
      this.changed.fire(next);
    }
  }

  private async stateOf(connection: Connection): Promise<SessionState> {
    try {
      await this.needs.probe(connection, AbortSignal.timeout(probeSeconds * 1000));
    } catch (error) {
      if (isOpsError(error, 'unreachable', 'timedOut', 'tlsRefused')) {
        return { kind: 'offline', connection, error };
      }
      if (isOpsError(error, 'tokenRejected', 'permissionMissing', 'projectNotFound', 'notSignedIn')) {
        return { kind: 'noPermission', connection, error };
      }
      if (isCancelled(error)) {
        // Nobody but the clock cancels this question.
        return { kind: 'offline', connection, error: new OpsError('timedOut', { operation: l10n.t('reach {0}', connection.project.name), seconds: probeSeconds }, error) };
      }
      // A service in trouble is what the views are for: they show the error where it is.
      this.needs.log.warn('the project did not answer its first question', { error: String(error) });
    }
    return { kind: 'connected', connection };
  }

  private replace(generation: number, next: SessionState): void {
    const previous = this.current;
    this.current = next;
    this.shown = generation;
    this.changed.fire(next);
    if ('connection' in previous && !('connection' in next && next.connection === previous.connection)) {
      void this.letGo(previous.connection);
    }
  }

  private async letGo(connection: Connection): Promise<void> {
    try {
      await connection.close();
    } catch (error) {
      this.needs.log.warn('a connection could not be closed', { ref: connection.project.ref, error: String(error) });
    }
  }
}

function sameState(one: SessionState, other: SessionState): boolean {
  return one.kind === other.kind && ('error' in one ? one.error.code : '') === ('error' in other ? other.error.code : '');
}

function selectionKey(place: Place | undefined): string {
  return `selection ${place?.id ?? 'window'}`;
}

function environmentKey(ref: string): string {
  return `environment ${ref}`;
}
