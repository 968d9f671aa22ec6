import { isOpsError, throwIfCancelled } from '../../core/errors.ts';
import type { Clock, Logger } from '../../core/ports.ts';
import type { Connection } from '../../core/project/connection.ts';
import type { Session } from '../../core/project/session.ts';
import type { SqlAnalyst } from '../../core/sql/lint/analyst.ts';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import { Emitter, type Event } from '../../util/event.ts';

/** The catalog of the connected database: read once, when SQL is first open, and again when the person refreshes, or changed the schema from here or in a terminal (SAFETY 12). */
export interface Catalogs extends Disposable {
  /** The catalog for a document of a place, or of none; `undefined` while there is none. The first question has it read. */
  idFor(placeId: string | undefined): string | undefined;
  /** When the reading that is under way is over, well or not; begins one where there was none. */
  ready(signal: AbortSignal): Promise<void>;
  /** One was read, or is no longer true. */
  readonly onDidChange: Event<void>;
}

const seconds = 20;

/** Milliseconds from a reading that did not come through to the next: a branch wakes, a network comes back. The last one counts from then on. */
const patience = [5_000, 15_000, 60_000, 300_000] as const;

/** A script changes much in a row: it is read once it has. */
const pauseMs = 300;

interface Reading {
  readonly connection: Connection;
  readonly id: string;
  readonly controller: AbortController;
  done: boolean;
  over: Promise<void>;
}

export interface CatalogNeeds {
  readonly session: Session;
  readonly analyst: SqlAnalyst;
  /** With the project's ref: its schema was changed from here. */
  readonly schemaChanged: Event<string>;
  /** Some database was migrated by hand, perhaps the connected one. */
  readonly migratedByHand: Event<void>;
  readonly clock: Clock;
  readonly log: Logger;
}

export function createCatalogs({ session, analyst, schemaChanged, migratedByHand, clock, log }: CatalogNeeds): Catalogs {
  const owned = new DisposableStore();
  const changed = owned.add(new Emitter<void>());
  let reading: Reading | undefined;
  let count = 0;
  let failures = 0;
  const letGo = () => {
    reading?.controller.abort();
    if (reading?.done === true) {
      analyst.setCatalog(reading.id, undefined);
    }
    reading = undefined;
  };
  const read = (connection: Connection) => {
    const next: Reading = { connection, id: `${connection.project.ref} ${++count}`, controller: new AbortController(), done: false, over: Promise.resolve() };
    reading = next;
    next.over = load(connection, next.id, analyst, AbortSignal.any([next.controller.signal, AbortSignal.timeout(seconds * 1000)])).then(
      () => {
        next.done = reading === next;
        failures = 0;
        changed.fire();
      },
      (error: unknown) => {
        // Nothing is lost but the check of names.
        log.info('the catalog of the database was not read; names in SQL are not checked', { ref: connection.project.ref, error: String(error) });
        if (isPassing(error)) {
          clock.sleep(patience[failures++] ?? patience[3], next.controller.signal).then(
            () => read(connection),
            () => {},
          );
        }
      },
    );
  };
  owned.add(
    session.onDidChange((state) => {
      if (reading !== undefined && !('connection' in state && state.connection === reading.connection)) {
        letGo();
        failures = 0;
        changed.fire();
      }
    }),
  );
  const readAgain = () => {
    if (reading !== undefined) {
      const { connection } = reading;
      letGo();
      read(connection);
    }
  };
  owned.add(session.onDidRefresh(readAgain));
  let pause: NodeJS.Timeout | undefined;
  const readSoon = () => {
    clearTimeout(pause);
    pause = setTimeout(readAgain, pauseMs);
  };
  owned.add(schemaChanged((ref) => reading?.connection.project.ref === ref && readSoon()));
  owned.add(migratedByHand(readSoon));
  const idFor = (placeId: string | undefined): string | undefined => {
    const { state } = session;
    if (state.kind !== 'connected' || state.connection.database.kind !== 'available' || (placeId !== undefined && state.connection.place?.id !== placeId)) {
      return undefined;
    }
    if (reading === undefined) {
      read(state.connection);
    }
    return reading?.done === true ? reading.id : undefined;
  };
  return {
    idFor,
    ready: async (signal) => {
      idFor(undefined);
      const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      await Promise.race([reading?.over, stopped]);
      throwIfCancelled(signal);
    },
    onDidChange: changed.event,
    dispose: () => {
      clearTimeout(pause);
      letGo();
      owned.dispose();
    },
  };
}

/** It was slow, or could not be reached: by the time of the next question it may answer. */
function isPassing(error: unknown): boolean {
  return isOpsError(error, 'timedOut', 'unreachable', 'serviceFailed', 'rateLimited', 'cancelled');
}

async function load({ database }: Connection, id: string, analyst: SqlAnalyst, signal: AbortSignal): Promise<void> {
  if (database.kind === 'available') {
    const { readCatalogRows } = await import('../../core/sql/catalog.ts');
    const rows = await readCatalogRows(database.use, { signal, priority: 'check' });
    // Whoever let go of it meanwhile would never take it back.
    signal.throwIfAborted();
    analyst.setCatalog(id, rows);
  }
}
