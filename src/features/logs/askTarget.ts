import type { Session } from '../../core/project/session.ts';
import { allServices, servicesOfHealthRow, serviceWords } from '../../core/logs/services.ts';
import { nodeOf } from '../../host/row.ts';
import type { Choice, Ui } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';
import { isTailRequest, type TailRequest } from './target.ts';

export interface TargetNeeds {
  readonly session: Session;
  readonly ui: Pick<Ui, 'pick'>;
}

/** What a row or a manual's request names; `undefined` when nobody named anything. */
export function targetGiven(argument: unknown): TailRequest | undefined {
  const node = nodeOf(argument);
  if (isTailRequest(node)) {
    return node;
  }
  const slug = memberOf(node, 'slug');
  if (typeof slug === 'string') {
    return { functions: [slug] };
  }
  const services = servicesOfHealthRow(String(memberOf(memberOf(node, 'row'), 'id')));
  return services && { services };
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value ? (value as Record<string, unknown>)[name] : undefined;
}

/** A deployed function. */
export async function pickFunction({ session, ui }: TargetNeeds, question: string): Promise<TailRequest> {
  const list = session.connection().data.functions({ signal: AbortSignal.timeout(30_000), priority: 'user' });
  const slug = await ui.pick(
    question,
    list.then((functions) => functions.map((fn) => ({ label: visibleLine(fn.slug), description: `v${fn.version}`, icon: 'symbol-function', value: fn.slug }))),
  );
  return { functions: [slug] };
}

/** All functions, everything, or one service. */
export async function pickService({ ui }: Pick<TargetNeeds, 'ui'>, question: string): Promise<TailRequest> {
  return ui.pick(question, serviceChoices());
}

/** A function, all of them, everything, or a service. Where there is no list of functions the rest is offered. */
export async function pickAny({ session, ui }: TargetNeeds, question: string): Promise<TailRequest> {
  const { management, data } = session.connection();
  const list = management.kind === 'available' ? data.functions({ signal: AbortSignal.timeout(30_000), priority: 'user' }) : Promise.resolve([]);
  const choices = list.then((functions): Choice<TailRequest>[] => [
    ...serviceChoices().slice(0, 2),
    ...functions.map((fn) => ({ label: visibleLine(fn.slug), description: `v${fn.version}`, icon: 'symbol-function', value: { functions: [fn.slug] }, group: l10n.t('Functions') })),
    ...serviceChoices().slice(2).map((choice) => ({ ...choice, group: l10n.t('Services') })),
  ]);
  return ui.pick(question, choices);
}

function serviceChoices(): Choice<TailRequest>[] {
  return [
    { label: l10n.t('All functions'), icon: 'symbol-function', value: { functions: '*' } },
    { label: l10n.t('Everything, merged by time'), icon: 'list-tree', value: { services: allServices } },
    ...allServices.map((service) => ({ label: serviceWords(service), icon: 'server-process', value: { services: [service] } })),
  ];
}
