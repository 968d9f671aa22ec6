import type { Session } from '../../core/project/session.ts';
import type { Section, Step, Task, TextRange } from '../../core/runbook/document.ts';
import type { Library, ListedDocument } from '../../core/runbook/library.ts';
import type { Instruction } from '../../core/runbook/operation.ts';
import { gravest } from '../../core/runbook/risk.ts';
import type { Row, RowIcon } from '../../host/row.ts';
import type { TreeSource } from '../../host/treeRows.ts';
import { Emitter, type Event } from '../../util/event.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';
import { describeOperation, isKnownByText, isRunnable, riskIcon, withoutSecretValues } from './describe.ts';

/** A place in a listed document; `range` counts UTF-16 code units from its start. */
export type RunbookNode =
  | { readonly kind: 'document'; readonly uri: string; readonly label: string; readonly origin: 'bundled' | 'repository'; readonly title: string; readonly range: TextRange }
  | { readonly kind: 'section'; readonly uri: string; readonly path: readonly string[]; readonly heading: string; readonly range: TextRange; readonly steps: number; readonly open: number; readonly tasks: number }
  | { readonly kind: 'step'; readonly uri: string; readonly step: Step; readonly range: TextRange; readonly instructions: readonly Instruction[] }
  | { readonly kind: 'instruction'; readonly uri: string; readonly step: Step; readonly range: TextRange; readonly instruction: Instruction; readonly index: number }
  | { readonly kind: 'task'; readonly uri: string; readonly task: Task; readonly range: TextRange };

export function isRunbookNode(value: unknown): value is RunbookNode {
  return typeof value === 'object' && value !== null && 'kind' in value && 'uri' in value && typeof value.uri === 'string' && 'range' in value;
}

export interface RunbookTreeNeeds {
  readonly session: Session;
  readonly library: Library;
  /** What the commands of a step mean; see `core/runbook/interpret.ts`. */
  readonly interpret: (step: Step) => Promise<readonly Instruction[]>;
}

/** Documents → sections that hold something to do → steps and check lists → the commands of a step that holds several. */
export function runbooksTree({ session, library, interpret }: RunbookTreeNeeds): TreeSource<RunbookNode> {
  const changed = new Emitter<void>();
  // What a command means is the project's matter too.
  for (const event of [library.onDidChange, session.onDidChange, session.onDidRefresh] as Event<unknown>[]) {
    event(() => changed.fire());
  }
  return {
    children: async (node) => {
      if (!node) {
        return (await library.documents()).filter(hasSomethingToDo).map(documentNode);
      }
      switch (node.kind) {
        case 'document': {
          const listed = await library.find(node.uri);
          return (listed?.document.sections ?? []).filter((section) => section.steps.length + section.tasks.length > 0).map((section) => sectionNode(node.uri, section));
        }
        case 'section': {
          const listed = await library.find(node.uri);
          const section = listed?.document.sections.find((candidate) => candidate.range.start === node.range.start);
          return section ? sectionChildren(node.uri, section, interpret) : [];
        }
        case 'step':
          return node.instructions.map((instruction, index) => instructionNode(node.uri, node.step, instruction, index));
        default:
          return [];
      }
    },
    row: toRow,
    onDidChange: changed.event,
  };
}

/** The repository's documents are listed whatever they hold; of ours, manuals: what only judges is in the Diagnostics view. */
function hasSomethingToDo({ document, origin }: ListedDocument): boolean {
  const judges = ({ options }: Step) => options.warn !== undefined || options.critical !== undefined;
  return origin === 'repository' || document.sections.some((section) => section.steps.some((step) => !judges(step)));
}

function documentNode({ document, label, origin }: ListedDocument): RunbookNode {
  return { kind: 'document', uri: document.uri, label, origin, title: document.title, range: { start: 0, end: 0 } };
}

function sectionNode(uri: string, section: Section): RunbookNode {
  const open = section.tasks.filter((task) => !task.ticked).length;
  return { kind: 'section', uri, path: section.path, heading: section.heading, range: section.range, steps: section.steps.length, open, tasks: section.tasks.length };
}

async function sectionChildren(uri: string, section: Section, interpret: RunbookTreeNeeds['interpret']): Promise<RunbookNode[]> {
  const steps = await Promise.all(
    section.steps.map(async (step): Promise<RunbookNode> => ({ kind: 'step', uri, step, range: step.range, instructions: await interpret(step) })),
  );
  const tasks = section.tasks.map((task): RunbookNode => ({ kind: 'task', uri, task, range: task.range }));
  return [...steps, ...tasks].sort((a, b) => a.range.start - b.range.start);
}

function instructionNode(uri: string, step: Step, instruction: Instruction, index: number): RunbookNode {
  return { kind: 'instruction', uri, step, instruction, index, range: inDocument(step, instruction.range) };
}

/** Where a part of a step's text stands in the document. */
export function inDocument(step: Step, range: TextRange): TextRange {
  const at = (offset: number) => {
    const line = step.lines.findLast((candidate) => candidate.textStart <= offset);
    return line ? line.documentStart + offset - line.textStart : step.codeRange.start;
  };
  return { start: at(range.start), end: at(range.end) };
}

export function toRow(node: RunbookNode): Row {
  switch (node.kind) {
    case 'document':
      return {
        id: `document/${node.uri}`,
        kind: 'document',
        label: visibleLine(node.origin === 'bundled' ? node.title : node.label),
        ...(node.origin === 'bundled' ? { description: 'Opsbook' } : { description: visibleLine(node.title) }),
        icon: { name: 'book' },
        expandable: 'collapsed',
        click: 'runbooks.open',
      };
    case 'section':
      return {
        id: `section/${node.uri}#${node.range.start}`,
        kind: 'section',
        label: visibleLine(node.heading || l10n.t('Introduction')),
        // The headings above it, without the document's own; the end of a row is cut in a narrow side bar.
        description: visibleLine([progress(node), node.path.slice(1, -1).join(' › ')].filter(Boolean).join(' · ')),
        icon: { name: 'bookmark' },
        expandable: 'collapsed',
        click: 'runbooks.open',
      };
    case 'step':
      return stepRow(node);
    case 'instruction':
      return {
        id: `instruction/${node.uri}#${node.step.id}/${node.index}`,
        kind: 'instruction',
        ...instructionText(node.instruction),
        tooltip: instructionTooltip(node.instruction),
        icon: riskIcon(node.instruction.risk),
        states: isRunnable(node.instruction) ? ['runnable'] : [],
        click: 'runbooks.open',
      };
    case 'task':
      return { id: `task/${node.uri}#${node.range.start}`, kind: 'task', label: visibleLine(node.task.text), icon: { name: node.task.ticked ? 'pass' : 'circle-large-outline' }, click: 'runbooks.open' };
    default:
      return node satisfies never;
  }
}

function stepRow(node: Extract<RunbookNode, { kind: 'step' }>): Row {
  const runnable = node.instructions.filter(isRunnable);
  const [only] = runnable;
  const icon: RowIcon = only ? riskIcon(gravest(runnable.map(({ risk }) => risk))) : { name: 'note' };
  return {
    id: `step/${node.uri}#${node.step.id}`,
    kind: 'step',
    label: visibleLine(node.step.title || firstLine(withoutSecretValues(node.step.text, node.instructions))),
    description: runnable.length === 1 && only ? describeOperation(only) : counted(runnable),
    tooltip: withoutSecretValues(node.step.text, node.instructions).split('\n').slice(0, 20).map(visibleLine),
    icon,
    states: runnable.length > 0 ? ['runnable'] : [],
    click: 'runbooks.open',
    ...(node.instructions.length > 1 ? { expandable: 'collapsed' as const } : {}),
  };
}

function counted(runnable: readonly Instruction[]): string {
  if (runnable.length === 0) {
    return l10n.t('note');
  }
  return runnable.every(({ operation }) => operation.kind === 'sql') ? l10n.t('{0} statements', runnable.length) : l10n.t('{0} commands', runnable.length);
}

/** What says most comes first: the end of a row is cut in a narrow side bar. */
function instructionText(instruction: Instruction): Pick<Row, 'label' | 'description'> {
  const [text, meaning] = [visibleLine(firstLine(withoutSecretValues(instruction.text, [instruction]))), describeOperation(instruction)];
  return isKnownByText(instruction) ? { label: text, description: meaning } : { label: meaning, description: text };
}

function progress({ steps, open, tasks }: Extract<RunbookNode, { kind: 'section' }>): string {
  const parts = [];
  if (steps > 0) {
    parts.push(steps === 1 ? l10n.t('1 step') : l10n.t('{0} steps', steps));
  }
  if (tasks > 0) {
    parts.push(l10n.t('{0} of {1} ticked', tasks - open, tasks));
  }
  return parts.join(' · ');
}

function instructionTooltip(instruction: Instruction): string[] {
  const { text, reason, remark } = instruction;
  return [...withoutSecretValues(text, [instruction]).split('\n'), ...(reason === '' ? [] : ['', reason]), ...(remark === undefined ? [] : ['', remark])].map(visibleLine);
}

function firstLine(text: string): string {
  return text.split('\n').find((line) => line.trim() !== '')?.trim() ?? '';
}
