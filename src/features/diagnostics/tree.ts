import { repairsOf } from '../../core/diagnostics/repair.ts';
import type { Verdict } from '../../core/diagnostics/verdict.ts';
import type { Session } from '../../core/project/session.ts';
import type { RunbookDocument, Section, Step } from '../../core/runbook/document.ts';
import type { Library, ListedDocument } from '../../core/runbook/library.ts';
import { stateIcon, stateWord, type Row } from '../../host/row.ts';
import { shownConnection } from '../../host/shownProject.ts';
import type { TreeSource } from '../../host/treeRows.ts';
import { Emitter } from '../../util/event.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';
import { advisorsRow, type Advisors, type AdvisorsNode } from './advisors.ts';

/** A judged query, of the extension's or the team's own. */
export interface DiagnosticNode {
  readonly kind: 'diagnostic';
  /** The step's id within its document: what the last verdict is kept by. */
  readonly id: string;
  readonly step: Step;
  readonly documentUri: string;
  readonly document: RunbookDocument;
  readonly section: Section;
  /** How the document is called in the Runbooks view. */
  readonly source: string;
  /** `topic=` of the fence, else the document's title. */
  readonly topic: string;
  readonly origin: ListedDocument['origin'];
  /** SQL that mends what it finds, as a template. */
  readonly repairs: readonly Step[];
}

export type DiagnosticsNode = DiagnosticNode | { readonly kind: 'topic'; readonly topic: string } | AdvisorsNode;

export function isDiagnosticNode(value: unknown): value is DiagnosticNode {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'diagnostic' && 'step' in value;
}

/** The last verdict of each diagnostic for the project shown; a new connection begins with none. */
export class Verdicts {
  private readonly known = new Map<string, Verdict>();
  private readonly changed = new Emitter<void>();
  readonly onDidChange = this.changed.event;

  get(node: DiagnosticNode): Verdict | undefined {
    return this.known.get(node.id);
  }

  set(node: DiagnosticNode, verdict: Verdict): void {
    this.known.set(node.id, verdict);
    this.changed.fire();
  }

  clear(): void {
    this.known.clear();
    this.changed.fire();
  }
}

export async function listDiagnostics(library: Library): Promise<readonly DiagnosticNode[]> {
  return (await library.diagnostics()).map(({ step, section, listed: { document, label, origin } }) => ({
    kind: 'diagnostic',
    id: `${document.uri}#${step.id}`,
    step,
    documentUri: document.uri,
    document,
    section,
    source: label,
    topic: step.options.topic ?? document.title,
    origin,
    repairs: repairsOf(section, step),
  }));
}

export interface DiagnosticsTreeNeeds {
  readonly session: Session;
  readonly library: Library;
  readonly verdicts: Verdicts;
  readonly advisors: Advisors;
}

/** By topic, and Supabase's advisors beside them. */
export function diagnosticsTree({ session, library, verdicts, advisors }: DiagnosticsTreeNeeds): TreeSource<DiagnosticsNode> {
  const changed = new Emitter<void>();
  session.onDidChange(() => changed.fire());
  session.onDidRefresh(() => changed.fire());
  library.onDidChange(() => changed.fire());
  verdicts.onDidChange(() => changed.fire());
  advisors.onDidChange(() => changed.fire());
  return {
    children: async (node) => {
      if (session.state.kind !== 'connected') {
        return [];
      }
      if (node && node.kind !== 'topic') {
        return node.kind === 'diagnostic' ? [] : advisors.children(node);
      }
      const diagnostics = await listDiagnostics(library);
      return node
        ? diagnostics.filter(({ topic }) => topic === node.topic)
        : [...[...new Set(diagnostics.map(({ topic }) => topic))].map((topic) => ({ kind: 'topic', topic }) as const), { kind: 'advisors' }];
    },
    row: (node) => {
      switch (node.kind) {
        case 'topic':
          return topicRow(node.topic);
        case 'diagnostic':
          return diagnosticRow(node, verdicts.get(node));
        default:
          return advisorsRow(node);
      }
    },
    onDidChange: changed.event,
    scope: () => shownConnection(session),
  };
}

function topicRow(topic: string): Row {
  return { id: `topic/${topic}`, kind: 'topic', label: visibleLine(topic), icon: { name: 'list-tree' }, expandable: 'expanded' };
}

export function diagnosticRow(node: DiagnosticNode, verdict: Verdict | undefined): Row {
  const { options } = node.step;
  return {
    id: `diagnostic/${node.id}`,
    kind: 'diagnostic',
    label: visibleLine(node.step.title),
    ...(verdict ? { description: visibleLine(verdict.summary) } : {}),
    tooltip: [
      visibleLine(node.step.title),
      ...(verdict ? [`${stateWord(verdict.state)}: ${visibleLine(verdict.summary)}`] : [l10n.t('not run yet')]),
      ...(options.warn === undefined ? [] : [l10n.t('warn: {0}', visibleLine(options.warn))]),
      ...(options.critical === undefined ? [] : [l10n.t('critical: {0}', visibleLine(options.critical))]),
    ],
    icon: verdict ? stateIcon(verdict.state) : { name: 'circle-large-outline' },
    states: node.repairs.length > 0 && (verdict?.state === 'warn' || verdict?.state === 'critical') ? ['repairable'] : [],
    click: 'diagnostics.run',
  };
}
