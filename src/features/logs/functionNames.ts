import type { EdgeFunction } from '../../core/functions/edgeFunction.ts';
import type { LogLine } from '../../core/logs/log.ts';
import type { CallOptions, Clock } from '../../core/ports.ts';
import type { Connection } from '../../core/project/connection.ts';

const listSeconds = 30;
/** A line of a function that is not known asks for the list again, and not more often than this. */
const againAfterMs = 60_000;

/** The slugs of a project's functions by id: log lines name ids alone. */
export class FunctionNames {
  private readonly connection: Connection;
  private readonly clock: Clock;
  private names: ReadonlyMap<string, string> = new Map();
  private asked = -Infinity;

  constructor(connection: Connection, clock: Clock) {
    this.connection = connection;
    this.clock = clock;
  }

  /** Where names are only an extra, a list that cannot be had is an empty one. */
  async deployed({ required }: { readonly required: boolean }): Promise<readonly EdgeFunction[]> {
    if (this.connection.management.kind === 'absent' && !required) {
      return [];
    }
    try {
      return this.learn(await this.connection.data.functions(options('user')));
    } catch (error) {
      if (required) {
        throw error;
      }
      return [];
    }
  }

  /** As the platform has them now; `undefined` when it cannot be asked. */
  async current(): Promise<readonly EdgeFunction[] | undefined> {
    const { management, project } = this.connection;
    return management.kind === 'absent' ? undefined : management.use.functions(project.ref, options('tail')).then((list) => this.learn(list), () => undefined);
  }

  /** Names for these lines; one that nobody knows is not in the map. */
  async of(lines: readonly LogLine[]): Promise<ReadonlyMap<string, string>> {
    return this.ofIds(lines.map(({ functionId }) => functionId));
  }

  async ofIds(ids: readonly (string | undefined)[]): Promise<ReadonlyMap<string, string>> {
    const unknown = ids.some((id) => id !== undefined && !this.names.has(id));
    if (unknown && this.clock.now() - this.asked > againAfterMs) {
      this.asked = this.clock.now();
      // Where they cannot be had the ids will do.
      await this.current();
    }
    return this.names;
  }

  private learn(list: readonly EdgeFunction[]): readonly EdgeFunction[] {
    this.asked = this.clock.now();
    this.names = new Map([...this.names, ...list.map((fn): [string, string] => [fn.id, fn.slug])]);
    return list;
  }
}

function options(priority: CallOptions['priority']): CallOptions {
  return { signal: AbortSignal.timeout(listSeconds * 1000), priority };
}
