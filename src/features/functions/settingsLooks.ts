import type { CallOptions, Clock, Logger } from '../../core/ports.ts';
import type { Connection } from '../../core/project/connection.ts';
import type { Session } from '../../core/project/session.ts';
import type { SettingsNews } from '../../core/project/settingsWatch.ts';
import { describeForLog } from '../../host/log.ts';
import type { Disposable } from '../../util/dispose.ts';

export interface SettingsLooksNeeds {
  readonly session: Pick<Session, 'state' | 'onDidChange'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly lookAtSettings: (connection: Connection, options: CallOptions) => Promise<SettingsNews>;
  /** Epoch milliseconds; `undefined`: never. */
  readonly lastLook: (connection: Connection) => Promise<number | undefined>;
}

/** After the views have what they ask for. */
const delay = 60_000;

/** At the most so often, in milliseconds. */
const every = 12 * 3_600_000;

/** Looks at the settings of the project shown now and then, so that *What Changed?* can tell of a change when it is needed. */
export function keepLookingAtSettings({ session, clock, log, lookAtSettings, lastLook }: SettingsLooksNeeds): Disposable {
  let shown: Connection | undefined;
  let leaving = new AbortController();
  const look = async (connection: Connection, signal: AbortSignal): Promise<void> => {
    for (let wait = delay; ; wait = every) {
      await clock.sleep(wait, signal);
      try {
        const last = await lastLook(connection);
        if (last === undefined || clock.now() - last >= every) {
          await lookAtSettings(connection, { signal, priority: 'check' });
        }
      } catch (error) {
        // Nobody asked for it: a failure is told by the next look that somebody asks for.
        log.debug('settings were not looked at', describeForLog(error));
      }
    }
  };
  const follow = () => {
    const connection = session.state.kind === 'connected' ? session.state.connection : undefined;
    if (connection === shown) {
      return;
    }
    leaving.abort();
    leaving = new AbortController();
    shown = connection;
    if (connection?.management.kind === 'available') {
      const { signal } = leaving;
      look(connection, signal).catch((error: unknown) => {
        if (!signal.aborted) {
          throw error;
        }
      });
    }
  };
  const following = session.onDidChange(follow);
  follow();
  return {
    dispose: () => {
      following.dispose();
      leaving.abort();
    },
  };
}
