import type { ActiveTails, Tail } from '../../core/logs/activeTails.ts';
import { toTime, type LineFilter } from '../../core/logs/filterText.ts';
import type { LogWindow } from '../../core/logs/log.ts';
import type { Clock } from '../../core/ports.ts';
import { need } from '../../core/project/connection.ts';
import type { Session } from '../../core/project/session.ts';
import type { ResultsView } from '../../host/results.ts';
import { nodeOf } from '../../host/row.ts';
import type { Choice, Ui } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';
import { pickAny, targetGiven } from './askTarget.ts';
import { showErrors } from './errors.ts';
import { typeFilter } from './filterPrompt.ts';
import { FunctionNames } from './functionNames.ts';
import { readLines, type LineFormat, type LineSource } from './savedLines.ts';
import type { SavedFilters } from './savedFilters.ts';
import { keyOf, namesFunctions, targetOf, targetWords, toLogFilter } from './target.ts';

export interface ReadCommandNeeds {
  readonly session: Session;
  readonly tails: ActiveTails;
  readonly clock: Clock;
  readonly ui: Ui;
  readonly results: ResultsView;
  readonly saved: SavedFilters;
  readonly mask: () => boolean;
  /** Where to; `undefined` when the person backs out. */
  readonly askFile: (name: string) => Promise<{ readonly format: LineFormat; readonly path: string; readonly write: (text: string) => Promise<void>; readonly open: () => Promise<void> } | undefined>;
}

type Handler = (argument?: unknown) => Promise<void>;

export function readHandlers(needs: ReadCommandNeeds) {
  return { showErrors: errorsOf(needs), saveLines: saveLines(needs) };
}

/** Of a function's or service's row, or of what is picked. */
function errorsOf(needs: ReadCommandNeeds): Handler {
  return async (argument) => {
    const request = targetGiven(argument) ?? (await pickAny(needs, l10n.t('Errors of what?')));
    const hours = typeof argument === 'object' && argument !== null && 'hours' in argument ? Number(argument.hours) : undefined;
    await showErrors(needs, needs.session.connection(), targetOf(request), hours);
  };
}

/** A file may hold more than a channel; beyond this it is an export of its own. */
const mostLines = 20_000;

/** The lines of a tail with its filter, or those of what is picked, in a span that is asked for. */
function saveLines(needs: ReadCommandNeeds): Handler {
  return async (argument) => {
    const { ui, clock } = needs;
    const { name, source, since, lines } = await sourceOf(needs, argument);
    const span = await ui.pick(l10n.t('Save which lines of {0}?', visibleLine(name)), spans(since, clock.now()));
    const window = span.kind === 'span' ? span.window : windowOf(await typeFilter(ui, { ...lines, since: { kind: 'ago', milliseconds: 24 * hour } }), clock.now());
    const file = await needs.askFile(fileName(name, window));
    if (!file) {
      return;
    }
    const { text, count, complete } = await ui.progress(l10n.t('Reading log lines of {0}', visibleLine(name)), async (signal) => readLines(source, window, mostLines, file.format, { signal, priority: 'check' }));
    await file.write(text);
    const more = complete ? '' : ` ${l10n.t('There are older ones: a file takes at most {0}.', mostLines)}`;
    ui.tell(`${l10n.t('{0} lines saved in {1}.', count, visibleLine(file.path))}${more}`, { label: l10n.t('Open'), run: file.open });
  };
}

interface NamedSource {
  readonly name: string;
  readonly source: LineSource;
  readonly lines: LineFilter;
  /** Of a tail: since when its lines are shown. */
  readonly since?: number;
}

async function sourceOf(needs: ReadCommandNeeds, argument: unknown): Promise<NamedSource> {
  const connection = needs.session.connection();
  const names = new FunctionNames(connection, needs.clock);
  const request = targetGiven(argument);
  const tail = tailMeant(needs.tails.all.filter(({ ref }) => ref === connection.project.ref), argument, request && keyOf(targetOf(request)));
  if (tail) {
    return { name: tail.name, source: { store: tail.store, names, filter: tail.query, mask: needs.mask() }, lines: tail.filter, since: tail.since };
  }
  const store = need(connection.logs, l10n.t('Reading logs'));
  const target = targetOf(request ?? (await pickAny(needs, l10n.t('Save log lines of what?'))));
  const lines = needs.saved.remembered(connection.project.ref, keyOf(target));
  const filter = toLogFilter(target, lines, await names.deployed({ required: namesFunctions(target, lines) }));
  return { name: `${targetWords(target)} · ${connection.project.name}`, source: { store, names, filter, mask: needs.mask() }, lines };
}

function tailMeant(tails: readonly Tail[], argument: unknown, key: string | undefined): Tail | undefined {
  const node = nodeOf(argument);
  const named = typeof node === 'object' && node !== null && 'key' in node ? node.key : key;
  return tails.find((tail) => tail.key === named) ?? (node === undefined && tails.length === 1 ? tails[0] : undefined);
}

const minute = 60_000;
const hour = 60 * minute;

type Span = { readonly kind: 'span'; readonly window: LogWindow } | { readonly kind: 'other' };

function spans(since: number | undefined, now: number): Choice<Span>[] {
  const to = now + minute;
  const back = (label: string, hours: number): Choice<Span> => ({ label, icon: 'history', value: { kind: 'span', window: { from: now - hours * hour, to } } });
  return [
    ...(since === undefined ? [] : [{ label: l10n.t('What is shown'), description: l10n.t('since {0}', new Date(since).toISOString()), icon: 'output', value: { kind: 'span', window: { from: since, to } } } satisfies Choice<Span>]),
    back(l10n.t('Last hour'), 1),
    back(l10n.t('Last 24 hours'), 24),
    back(l10n.t('Last 7 days'), 7 * 24),
    { label: l10n.t('Another span…'), icon: 'edit', value: { kind: 'other' } },
  ];
}

function windowOf({ since, until }: LineFilter, now: number): LogWindow {
  return { from: since ? toTime(since, now) : now - 24 * hour, to: until ? toTime(until, now) : now + minute };
}

/** `mint-token acme 2026-11-20T08-00Z`, without what file systems refuse. */
function fileName(name: string, { from }: LogWindow): string {
  const moment = new Date(from).toISOString().slice(0, 16).replace(':', '-');
  return `${name.replace(/[^\w.-]+/g, ' ').trim()} ${moment}Z`;
}
