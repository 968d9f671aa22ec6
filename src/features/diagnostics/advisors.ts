/** Supabase's own advisors as rows of the Diagnostics view; read when somebody unfolds them, since every reading runs queries on the project. */
import { advisorKinds, byGravity, type AdvisedObject, type AdvisorFinding, type AdvisorKind } from '../../core/advisors/finding.ts';
import type { Mute, Mutes } from '../../core/advisors/mutes.ts';
import { isCancelled, isOpsError } from '../../core/errors.ts';
import { need, type Connection } from '../../core/project/connection.ts';
import type { Session } from '../../core/project/session.ts';
import { errorMessage } from '../../host/errorMessage.ts';
import { stateIcon, stateWord, type Row, type RowIcon } from '../../host/row.ts';
import { ofShownProject } from '../../host/shownProject.ts';
import { Emitter } from '../../util/event.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';

export interface AdviceNode {
  readonly kind: 'advice';
  readonly finding: AdvisorFinding;
  readonly mute?: Mute;
}

export interface GroupNode {
  readonly kind: 'adviceGroup';
  readonly group: AdvisorKind | 'muted';
  readonly advice: readonly AdviceNode[];
  /** How many more are muted. */
  readonly muted?: number;
  /** The advisor could not be asked: nothing is known, which is never well. */
  readonly failure?: unknown;
}

export type AdvisorsNode = { readonly kind: 'advisors' } | GroupNode | AdviceNode;

export function isAdviceNode(value: unknown): value is AdviceNode {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'advice' && 'finding' in value;
}

type Reading = { readonly findings: readonly AdvisorFinding[] } | { readonly failure: unknown };

/** What a mute belongs to: the folder, and the project that it shows. */
export function muteScope({ place, project }: Connection): string {
  return `${place?.id ?? ''} ${project.ref}`;
}

export class Advisors {
  private readonly session: Session;
  private readonly mutes: Mutes;
  private readonly changed = new Emitter<void>();
  /** Failures too, until somebody refreshes: the view asks again whenever anything in it changes. */
  private readings = new WeakMap<Connection, Map<AdvisorKind, Promise<Reading>>>();
  readonly onDidChange = this.changed.event;

  constructor({ session, mutes }: { session: Session; mutes: Mutes }) {
    this.session = session;
    this.mutes = mutes;
    session.onDidRefresh(() => (this.readings = new WeakMap()));
    mutes.onDidChange(() => this.changed.fire());
  }

  async children(node: AdvisorsNode): Promise<readonly AdvisorsNode[]> {
    if (node.kind !== 'advisors') {
      return node.kind === 'adviceGroup' ? node.advice : [];
    }
    return ofShownProject(this.session, async (connection, signal) => this.groups(connection, signal));
  }

  /** All that is known, for whoever picks one. Throws what the first advisor that cannot be asked throws. */
  async list(connection: Connection, signal: AbortSignal): Promise<readonly AdviceNode[]> {
    const groups = await this.groups(connection, signal);
    const failed = groups.find(({ failure }) => failure !== undefined);
    if (failed && groups.every(({ advice }) => advice.length === 0)) {
      throw failed.failure;
    }
    return groups.flatMap(({ advice }) => advice);
  }

  /** As they are asked anew; each that cannot be asked says why. Throws `absent` without an access token. */
  async readAnew(connection: Connection, signal: AbortSignal): Promise<readonly GroupNode[]> {
    this.readings.delete(connection);
    const groups = await this.groups(connection, signal);
    this.changed.fire();
    return groups;
  }

  private async groups(connection: Connection, signal: AbortSignal): Promise<readonly GroupNode[]> {
    need(connection.management, l10n.t('Reading the advisors'));
    const readings = await Promise.all(advisorKinds.map(async (kind) => ({ kind, reading: await this.read(connection, kind, signal) })));
    const muted: AdviceNode[] = [];
    const groups = readings.map(({ kind, reading }): GroupNode => {
      if ('failure' in reading) {
        return { kind: 'adviceGroup', group: kind, advice: [], failure: reading.failure };
      }
      const advice = [...reading.findings].sort(byGravity).map((finding): AdviceNode => {
        const mute = this.mutes.get(muteScope(connection), finding);
        return { kind: 'advice', finding, ...(mute ? { mute } : {}) };
      });
      const put = advice.filter(({ mute }) => mute !== undefined);
      muted.push(...put);
      return { kind: 'adviceGroup', group: kind, advice: advice.filter(({ mute }) => mute === undefined), muted: put.length };
    });
    return muted.length === 0 ? groups : [...groups, { kind: 'adviceGroup', group: 'muted', advice: muted }];
  }

  private async read(connection: Connection, kind: AdvisorKind, signal: AbortSignal): Promise<Reading> {
    const ofConnection = this.readings.get(connection) ?? new Map<AdvisorKind, Promise<Reading>>();
    this.readings.set(connection, ofConnection);
    const reading = ofConnection.get(kind) ?? ask(connection, kind, signal);
    ofConnection.set(kind, reading);
    try {
      return await reading;
    } catch (error) {
      ofConnection.delete(kind);
      throw error;
    }
  }
}

/** Being cancelled says nothing of the advisor. */
async function ask(connection: Connection, kind: AdvisorKind, signal: AbortSignal): Promise<Reading> {
  const management = need(connection.management, l10n.t('Reading the advisors'));
  try {
    return { findings: await management.advisors(connection.project.ref, kind, { signal, priority: 'view' }) };
  } catch (failure) {
    if (isCancelled(failure)) {
      throw failure;
    }
    return { failure };
  }
}

export function advisorsRow(node: AdvisorsNode): Row {
  switch (node.kind) {
    case 'advisors':
      return { id: 'advisors', kind: 'topic', label: l10n.t('Supabase’s advisors'), icon: { name: 'shield' }, expandable: 'collapsed' };
    case 'adviceGroup':
      return groupRow(node);
    case 'advice':
      return adviceRow(node);
    default:
      return node satisfies never;
  }
}

function groupRow({ group, advice, muted = 0, failure }: GroupNode): Row {
  const row = { id: `advisors/${group}`, kind: 'topic', label: groupWord(group) } as const;
  if (failure !== undefined) {
    return { ...row, description: `${stateWord('unknown')}: ${visibleLine(failureWords(failure))}`, icon: stateIcon('unknown') };
  }
  if (group === 'muted') {
    return { ...row, description: String(advice.length), icon: { name: 'bell-slash' }, expandable: 'collapsed' };
  }
  if (advice.length === 0) {
    return { ...row, description: muted === 0 ? l10n.t('nothing found') : l10n.t('nothing but what is muted'), icon: stateIcon('ok') };
  }
  const description = (['error', 'warn', 'unchecked', 'info'] as const)
    .map((level) => ({ level, many: advice.filter(({ finding }) => finding.level === level).length }))
    .filter(({ many }) => many > 0)
    .map(({ level, many }) => countOf(level, many))
    .join(', ');
  return { ...row, description, icon: adviceIcon(advice[0]?.finding.level ?? 'info'), expandable: 'expanded' };
}

export function groupWord(group: GroupNode['group']): string {
  return { security: l10n.t('Security'), performance: l10n.t('Performance'), muted: l10n.t('Muted') }[group];
}

export function failureWords(failure: unknown): string {
  return isOpsError(failure, 'permissionMissing') ? l10n.t('needs a token with the permission advisors_read') : errorMessage(failure).message;
}

function adviceRow({ finding, mute }: AdviceNode): Row {
  const { kind, key, title, level, detail, object } = finding;
  return {
    id: `advice/${kind}/${key}`,
    kind: 'advice',
    label: visibleLine(title),
    description: visibleLine(object ? objectName(object) : detail),
    tooltip: [`${levelWord(level)}: ${visibleLine(title)}`, visibleLine(detail), ...(mute ? [l10n.t('muted {0}: {1}', new Date(mute.at).toISOString().slice(0, 10), visibleLine(mute.reason))] : [])],
    icon: adviceIcon(level),
    states: [mute ? 'muted' : 'open', ...(object ? ['object'] : []), ...(finding.guide === undefined ? [] : ['guide'])],
    click: 'advisors.show',
  };
}

function countOf(level: AdvisorFinding['level'], many: number): string {
  switch (level) {
    case 'error':
      return many === 1 ? l10n.t('1 error') : l10n.t('{0} errors', many);
    case 'warn':
      return many === 1 ? l10n.t('1 warning') : l10n.t('{0} warnings', many);
    case 'info':
      return many === 1 ? l10n.t('1 hint') : l10n.t('{0} hints', many);
    case 'unchecked':
      return l10n.t('{0} not looked at', many);
    default:
      return level satisfies never;
  }
}

export function objectName({ schema, name }: AdvisedObject): string {
  return schema === undefined || schema === '' ? name : `${schema}.${name}`;
}

export function levelWord(level: AdvisorFinding['level']): string {
  return { error: l10n.t('error'), warn: l10n.t('warning'), info: l10n.t('hint'), unchecked: l10n.t('not looked at') }[level];
}

/** A hint is no state: nothing is wrong, and nothing was found to be well. */
function adviceIcon(level: AdvisorFinding['level']): RowIcon {
  switch (level) {
    case 'error':
      return stateIcon('critical');
    case 'warn':
      return stateIcon('warn');
    case 'unchecked':
      return stateIcon('unknown');
    case 'info':
      return { name: 'info' };
    default:
      return level satisfies never;
  }
}
