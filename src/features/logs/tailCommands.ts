import { describeTail, type ActiveTails, type Tail } from '../../core/logs/activeTails.ts';
import { printFilter } from '../../core/logs/filterText.ts';
import { serviceTailKey } from '../../core/logs/services.ts';
import type { Clock } from '../../core/ports.ts';
import type { Session } from '../../core/project/session.ts';
import { nodeOf } from '../../host/row.ts';
import type { Choice, Ui } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';
import { pickFunction, pickService, targetGiven } from './askTarget.ts';
import { askFilter } from './filterPrompt.ts';
import { followLogs, type FollowNeeds } from './follow.ts';
import { budgetOf } from './tailsInWords.ts';
import { parseFilter } from './target.ts';

export interface TailCommandNeeds {
  readonly session: Session;
  readonly tails: ActiveTails;
  readonly clock: Clock;
  readonly ui: Ui;
  readonly follow: FollowNeeds;
}

type Handler = (argument?: unknown) => Promise<void>;

/** The commands by what they do. */
export function tailHandlers(needs: TailCommandNeeds) {
  return {
    tailFunction: tailFunction(needs),
    tailService: tailService(needs),
    showTail: showTail(needs),
    stopTail: stopTail(needs),
    pauseTail: pauseTail(needs),
    resumeTail: resumeTail(needs),
    changeFilter: changeFilter(needs),
    manageTails: manageTails(needs),
  };
}

/** A function's row, a manual's request, or a function that is picked. */
function tailFunction(needs: TailCommandNeeds): Handler {
  return async (argument) => {
    const request = targetGiven(argument) ?? (await pickFunction(needs, l10n.t('Tail the logs of which function?')));
    await followLogs(needs.follow, needs.session.connection(), request);
  };
}

/** A service's row, a manual's request, or a service that is picked. */
function tailService(needs: TailCommandNeeds): Handler {
  return async (argument) => {
    const request = targetGiven(argument) ?? (await pickService(needs, l10n.t('Tail the logs of')));
    await followLogs(needs.follow, needs.session.connection(), request);
  };
}

function showTail(needs: TailCommandNeeds): Handler {
  return async (argument) => (await tailOf(needs, argument, l10n.t('Show which tail?'), () => true)).reins.show();
}

function stopTail(needs: TailCommandNeeds): Handler {
  return async (argument) => {
    const tail = await tailOf(needs, argument, l10n.t('Stop which tail?'), () => true);
    needs.tails.stop(tail.ref, tail.key);
  };
}

function pauseTail(needs: TailCommandNeeds): Handler {
  return async (argument) => (await tailOf(needs, argument, l10n.t('Pause which tail?'), ({ state }) => state.kind === 'following' || state.kind === 'waiting')).reins.pause();
}

function resumeTail(needs: TailCommandNeeds): Handler {
  return async (argument) => (await tailOf(needs, argument, l10n.t('Resume which tail?'), ({ state }) => state.kind === 'paused')).reins.resume();
}

function changeFilter(needs: TailCommandNeeds): Handler {
  return async (argument) => {
    const tail = await tailOf(needs, argument, l10n.t('Filter which tail?'), ({ state }) => state.kind !== 'failed');
    const given = filterGiven(argument);
    const filter = given === undefined ? await askFilter({ ui: needs.ui, saved: needs.follow.saved }, tail, await versionsOf(needs, tail)) : parseFilter(given);
    if (filter !== tail.filter) {
      await tail.reins.filter(filter);
      tail.reins.show();
    }
  };
}

/** What the status bar's item opens: the tails with their states, then what can be done to one. */
function manageTails(needs: TailCommandNeeds): Handler {
  return async () => {
    const tail = await needs.ui.pick(l10n.t('Log tails'), needs.tails.all.map((known) => tailChoice(needs, known)), budgetOf(needs.tails.all).join(' '));
    const act = await needs.ui.pick(visibleLine(tail.name), actionsOn(needs, tail));
    await act();
  };
}

function actionsOn(needs: TailCommandNeeds, tail: Tail): Choice<() => Promise<void> | void>[] {
  const { state, reins } = tail;
  const show: Choice<() => void> = { label: l10n.t('Show'), icon: 'output', value: () => reins.show() };
  const stop: Choice<() => void> = { label: state.kind === 'failed' ? l10n.t('Dismiss') : l10n.t('Stop'), icon: 'debug-stop', value: () => needs.tails.stop(tail.ref, tail.key) };
  if (state.kind === 'failed') {
    return [show, stop];
  }
  return [
    show,
    { label: l10n.t('Change filter…'), icon: 'filter', description: visibleLine(printFilter(tail.filter)), value: async () => changeFilter(needs)(tail) },
    state.kind === 'paused' ? { label: l10n.t('Resume'), icon: 'debug-continue', value: () => reins.resume() } : { label: l10n.t('Pause'), icon: 'debug-pause', value: () => reins.pause() },
    stop,
  ];
}

/** The row's tail, the only one, or one that is picked. */
async function tailOf(needs: TailCommandNeeds, argument: unknown, question: string, fits: (tail: Tail) => boolean): Promise<Tail> {
  const node = nodeOf(argument);
  const known = needs.tails.all.filter(fits);
  const [only] = known;
  const given = known.find((tail) => isOf(node, tail)) ?? (node === undefined && known.length === 1 ? only : undefined);
  return given ?? needs.ui.pick(question, known.map((tail) => tailChoice(needs, tail)));
}

/** A link in a channel, or a manual, may say the filter as it would be typed. */
function filterGiven(argument: unknown): string | undefined {
  const node = nodeOf(argument);
  return typeof node === 'object' && node !== null && 'filter' in node && typeof node.filter === 'string' ? node.filter : undefined;
}

/** A row's node names its function or service, and its project; a tail itself names its key. */
function isOf(node: unknown, { ref, key }: Tail): boolean {
  if (typeof node !== 'object' || node === null || !('ref' in node) || node.ref !== ref) {
    return false;
  }
  if ('slug' in node) {
    return node.slug === key;
  }
  const services = targetGiven(node)?.services;
  return services ? serviceTailKey(services) === key : 'key' in node && node.key === key;
}

function tailChoice({ clock }: TailCommandNeeds, tail: Tail): Choice<Tail> {
  const filter = printFilter(tail.filter);
  const minutes = Math.max(0, Math.round((clock.now() - tail.since) / 60_000));
  const span = l10n.t('since {0} min', minutes);
  return {
    label: visibleLine(tail.name),
    icon: tail.state.kind === 'following' ? 'output' : tail.state.kind === 'paused' ? 'debug-pause' : 'warning',
    description: visibleLine([describeTail(tail.state), span, ...(filter === '' ? [] : [filter])].join(' · ')),
    value: tail,
  };
}

/** The live version of the one function that a tail follows, and the one before. */
async function versionsOf({ session }: TailCommandNeeds, tail: Tail): Promise<readonly number[]> {
  const { state } = session;
  if (!('connection' in state) || state.connection.project.ref !== tail.ref || state.connection.management.kind === 'absent') {
    return [];
  }
  const list = await state.connection.data.functions({ signal: AbortSignal.timeout(30_000), priority: 'user' }).catch(() => []);
  const version = list.find((fn) => fn.slug === tail.key)?.version;
  return version === undefined ? [] : [version, version - 1].filter((known) => known > 0);
}
