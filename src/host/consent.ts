import type { Clock } from '../core/ports.ts';
import { isGuarded, type Project } from '../core/project/project.ts';
import type { Risk } from '../core/runbook/operation.ts';
import { Emitter, type Event } from '../util/event.ts';
import { visibleLine } from '../util/visible.ts';
import type { Plan, Ui } from './ui.ts';

/** How long a typed name counts (SAFETY 14). */
const grantedFor = 15 * 60_000;

/** A project's name was typed, and counts until then (epoch milliseconds). */
export interface Grant {
  readonly project: Project;
  readonly until: number;
}

/** Plans are shown, and applied on consent. What destroys in a production project also asks for its name, once in 15 minutes. */
export interface Consent {
  /** Throws `cancelled` when the person does not agree. */
  ask(project: Project, plan: Omit<Plan, 'typed'>, risk: Risk): Promise<void>;
  /** The grant that was given last and still counts. */
  readonly granted: Grant | undefined;
  /** Ends every grant. */
  end(): void;
  /** A grant was given, was ended, or ran out. */
  readonly onDidChange: Event<void>;
}

export function createConsent({ ui, clock }: { ui: Ui; clock: Clock }): Consent {
  const grants = new Map<string, Grant>();
  const changed = new Emitter<void>();
  let waiting = new AbortController();
  const counts = ({ until }: Grant) => until > clock.now();
  const grant = (project: Project) => {
    const given: Grant = { project, until: clock.now() + grantedFor };
    // Last of the map, so that it is the one shown.
    grants.delete(project.ref);
    grants.set(project.ref, given);
    changed.fire();
    const runOut = () => {
      if (grants.get(project.ref) === given) {
        grants.delete(project.ref);
        changed.fire();
      }
    };
    // Rejected only when every grant is ended.
    clock.sleep(grantedFor, waiting.signal).then(runOut, () => undefined);
  };
  return {
    ask: async (project, plan, risk) => {
      const known = grants.get(project.ref);
      if (risk !== 'destroys' || !isGuarded(project) || (known && counts(known))) {
        await ui.consent(plan);
        return;
      }
      await ui.consent({ ...plan, typed: nameToType(project) });
      grant(project);
    },
    get granted() {
      return [...grants.values()].filter(counts).at(-1);
    },
    end: () => {
      waiting.abort();
      waiting = new AbortController();
      grants.clear();
      changed.fire();
    },
    onDidChange: changed.event,
  };
}

/** The name as it is shown; the ref where there is nothing that could be typed. */
function nameToType({ name, ref }: Project): string {
  return visibleLine(name).trim() || ref;
}
