import { isCancelled, isOpsError, OpsError } from '../../core/errors.ts';
import { HeldLines } from '../../core/logs/heldLines.ts';
import { ServeOutput, toServedLine, type Served } from '../../core/logs/serveOutput.ts';
import type { Clock, SupabaseCli } from '../../core/ports.ts';
import type { Connection } from '../../core/project/connection.ts';
import type { Session } from '../../core/project/session.ts';
import { l10n } from '../../util/l10n.ts';
import { followHeld, type FollowNeeds } from './follow.ts';
import { keyOf } from './target.ts';

export interface ServeNeeds {
  readonly session: Session;
  readonly clock: Clock;
  readonly follow: FollowNeeds;
  /** Throws where there is no place or no trust. */
  readonly cli: (connection: Connection, signal: AbortSignal) => Promise<Pick<SupabaseCli, 'serveFunctions'>>;
}

/** A message is complete when nothing more has come for so long. */
const quietMs = 80;

/** Runs the functions of the place in the local stack, and follows what they print until the tail is stopped. */
export function serveFunctions({ session, clock, follow, cli }: ServeNeeds) {
  return async (): Promise<void> => {
    const connection = session.connection();
    const { place } = connection;
    if (!place) {
      throw new OpsError('notFound', { what: l10n.t('A folder with supabase/functions') });
    }
    const known = follow.tails.find(connection.project.ref, keyOf({ kind: 'served' }));
    if (known && known.state.kind !== 'failed') {
      known.reins.show();
      return;
    }
    const stopping = new AbortController();
    const program = await cli(connection, stopping.signal);
    const lines = new HeldLines();
    const output = new Collector(lines, clock, stopping.signal);
    const running = program.serveFunctions(place.folder, (line) => output.take(line), stopping.signal).catch((error: unknown) => {
      output.end();
      if (isOpsError(error) && !isCancelled(error)) {
        lines.fail(error);
      } else if (!isCancelled(error)) {
        throw error;
      }
    });
    try {
      await followHeld(follow, connection, lines);
    } finally {
      stopping.abort();
      await running;
    }
  };
}

/** Output line by line, as messages with the time of their receipt. */
class Collector {
  private readonly lines: HeldLines;
  private readonly clock: Clock;
  private readonly signal: AbortSignal;
  private readonly output = new ServeOutput();
  private count = 0;
  private turn = 0;

  constructor(lines: HeldLines, clock: Clock, signal: AbortSignal) {
    this.lines = lines;
    this.clock = clock;
    this.signal = signal;
  }

  take(line: string): void {
    this.add(this.output.feed(line));
    const turn = ++this.turn;
    // Ended by the signal when nobody reads on.
    this.clock.sleep(quietMs, this.signal).then(
      () => turn === this.turn && this.end(),
      () => undefined,
    );
  }

  end(): void {
    this.add(this.output.flush());
  }

  private add(served: readonly Served[]): void {
    if (served.length > 0) {
      this.lines.add(...served.map((one) => toServedLine(one, this.count++, this.clock.now())));
    }
  }
}
