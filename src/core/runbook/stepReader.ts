import type { PlaceReader } from '../functions/placeReader.ts';
import type { Session } from '../project/session.ts';
import { isCancelled, isOpsError } from '../errors.ts';
import type { Step } from './document.ts';
import type { Interpreter, Surroundings } from './interpret.ts';
import type { Instruction } from './operation.ts';

/** What steps mean for the project and place that are active: their functions and files decide between two readings of a word. */
export class StepReader {
  private readonly interpreter: () => Promise<Interpreter>;
  private readonly session: Session;
  private readonly places: Pick<PlaceReader, 'functions' | 'scripts'>;
  private known: Promise<Surroundings> | undefined;

  constructor({ interpreter, session, places }: { interpreter: () => Promise<Interpreter>; session: Session; places: Pick<PlaceReader, 'functions' | 'scripts'> }) {
    this.interpreter = interpreter;
    this.session = session;
    this.places = places;
    const forget = () => {
      this.known = undefined;
    };
    session.onDidChange(forget);
    session.onDidRefresh(forget);
  }

  async interpret(step: Step): Promise<readonly Instruction[]> {
    this.known ??= this.surroundings();
    const [interpreter, surroundings] = await Promise.all([this.interpreter(), this.known]);
    return interpreter(step, surroundings);
  }

  /** What cannot be listed just now is left out: a step is read all the same. */
  private async surroundings(): Promise<Surroundings> {
    const signal = AbortSignal.timeout(20_000);
    const { place, state } = this.session;
    const deployed = 'connection' in state && state.connection.management.kind === 'available' ? state.connection.data.functions({ signal, priority: 'view' }) : Promise.resolve([]);
    const [local, remote, files] = await Promise.all([orNothing(this.places.functions(place, signal)), orNothing(deployed), orNothing(this.places.scripts(place, signal))]);
    return {
      functionSlugs: new Set([...(local ?? []), ...(remote ?? []).map((fn) => fn.slug)]),
      ...(files ? { files: new Set(files) } : {}),
    };
  }
}

async function orNothing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isOpsError(error) || isCancelled(error)) {
      return undefined;
    }
    throw error;
  }
}
