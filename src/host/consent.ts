import type { Clock } from '../core/ports.ts';
import { isGuarded, type Project } from '../core/project/project.ts';
import type { Risk } from '../core/runbook/operation.ts';
import { Emitter, type Event } from '../util/event.ts';
import type { Plan, Ui } from './ui.ts';

/** How long a typed name counts (SAFETY 14). */
const grantedFor = 15 * 60_000;

/** Plans are shown, and applied on consent. What destroys in a production project also asks for its name, once in 15 minutes. */
export interface Consent {
  /** Throws `cancelled` when the person does not agree. */
  ask(project: Project, plan: Omit<Plan, 'typed'>, risk: Risk): Promise<void>;
  /** The project whose name was typed less than 15 minutes ago, and until when (epoch milliseconds). */
  readonly granted: { readonly project: Project; readonly until: number } | undefined;
  end(): void;
  readonly onDidChange: Event<void>;
}

export function createConsent({ ui, clock }: { ui: Ui; clock: Clock }): Consent {
  let granted: { project: Project; until: number } | undefined;
  const changed = new Emitter<void>();
  const current = () => (granted && granted.until > clock.now() ? granted : undefined);
  return {
    ask: async (project, plan, risk) => {
      const grave = risk === 'destroys' && isGuarded(project);
      if (!grave || current()?.project.ref === project.ref) {
        await ui.consent(plan);
        return;
      }
      await ui.consent({ ...plan, typed: project.name });
      granted = { project, until: clock.now() + grantedFor };
      changed.fire();
    },
    get granted() {
      return current();
    },
    end: () => {
      granted = undefined;
      changed.fire();
    },
    onDidChange: changed.event,
  };
}
