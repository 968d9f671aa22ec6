import type { OpsError } from '../../core/errors.ts';
import type { ActiveTails, TailKey, TailReins } from '../../core/logs/activeTails.ts';
import { printFilter, toTime, type LineFilter } from '../../core/logs/filterText.ts';
import { formatLine } from '../../core/logs/format.ts';
import type { HeldLines } from '../../core/logs/heldLines.ts';
import type { LogFilter, LogLine } from '../../core/logs/log.ts';
import { LogTail } from '../../core/logs/tail.ts';
import type { TailEvent } from '../../core/logs/tailEvent.ts';
import { TailControl } from '../../core/logs/tailControl.ts';
import type { Clock, LogStore } from '../../core/ports.ts';
import { need, type Connection } from '../../core/project/connection.ts';
import { errorMessage } from '../../host/errorMessage.ts';
import type { Guard } from '../../host/guard.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import { budgetWords } from './budget.ts';
import { FunctionNames } from './functionNames.ts';
import { offer, type LineLinks } from './lineLinks.ts';
import type { SavedFilters } from './savedFilters.ts';
import { channelName, filterOfRequest, keyOf, namedFunctions, namesFunctions, targetOf, targetWords, toLogFilter, type TailRequest, type TailTarget } from './target.ts';

/** Where lines are shown: a VS Code output channel. */
export interface Channel {
  append(text: string): void;
  replace(text: string): void;
  show(preserveFocus: boolean): void;
}

export interface FollowNeeds {
  readonly tails: ActiveTails;
  readonly clock: Clock;
  readonly saved: SavedFilters;
  readonly settings: () => { readonly lookBackMinutes: number; readonly mask: boolean; readonly details: boolean };
  /** The channel of this name, made when there is none. */
  readonly channelOf: (name: string) => Channel;
  readonly guard: Guard;
  /** Told whose channel it is, and of the lines before it shows them. */
  readonly links: Pick<LineLinks, 'own' | 'shown'>;
}

/**
 * Starts following, and returns then; the tail ends with its stop command. One that runs already is shown, with the filter asked for
 * if there is one. Throws `absent` where there are no logs, `badFilter`, `notFound` for a function that is not deployed.
 */
export async function followLogs(needs: FollowNeeds, connection: Connection, request: TailRequest): Promise<void> {
  const store = need(connection.logs, l10n.t('Reading logs'));
  const target = targetOf(request);
  const key = keyOf(target);
  const wanted = filterOfRequest(request);
  const running = needs.tails.find(connection.project.ref, key);
  if (running && running.state.kind !== 'failed') {
    if (wanted) {
      await running.reins.filter(wanted);
    }
    running.reins.show();
    return;
  }
  const names = new FunctionNames(connection, needs.clock);
  const lines = wanted ?? needs.saved.remembered(connection.project.ref, key);
  const filter = toLogFilter(target, lines, await names.deployed({ required: namesFunctions(target, lines) }));
  const follower = new Follower(needs, { connection, store, target, key, names });
  void needs.guard('logs.tail', async () => follower.run(lines, filter));
  await needs.saved.remember(connection.project.ref, key, lines);
}

/** Follows lines that this window holds itself, until its tail is stopped or the store fails; throws what the store failed with. */
export async function followHeld(needs: FollowNeeds, connection: Connection, store: HeldLines): Promise<void> {
  const target: TailTarget = { kind: 'served' };
  const key = keyOf(target);
  const lines = needs.saved.remembered(connection.project.ref, key);
  const follower = new Follower(needs, { connection, store, target, key, names: ownNames });
  const subscription = store.onDidGrow(() => follower.nudge());
  try {
    await follower.run(lines, toLogFilter(target, lines, []));
  } finally {
    subscription.dispose();
  }
}

/** Held lines name their functions themselves. */
const ownNames: Names = {
  deployed: async () => [],
  current: async () => undefined,
  of: async (lines) => new Map(lines.flatMap(({ functionId }): [string, string][] => (functionId === undefined ? [] : [[functionId, functionId]]))),
};

type Names = Pick<FunctionNames, 'deployed' | 'current' | 'of'>;

interface Subject {
  readonly connection: Connection;
  readonly store: LogStore;
  readonly target: TailTarget;
  readonly key: TailKey;
  readonly names: Names;
}

/** A tail of named functions that is silent for so long asks whether they are still the same; milliseconds. */
const silenceMs = 60_000;

/** One tail's life, from its first mark in the channel to its last. */
class Follower implements TailReins {
  private readonly needs: FollowNeeds;
  private readonly subject: Subject;
  private readonly channelName: string;
  private readonly channel: Channel;
  private readonly control = new TailControl();
  private readonly stopping = new AbortController();
  private lines: LineFilter = {};
  private query: LogFilter = { services: [] };
  /** When a line came last, epoch milliseconds. */
  private heard = 0;
  /** Named functions that are not deployed just now. */
  private readonly gone = new Set<string>();
  /** Told when the past has been read again. */
  private news: readonly string[] = [];

  constructor(needs: FollowNeeds, subject: Subject) {
    this.needs = needs;
    this.subject = subject;
    this.channelName = channelName(subject.target, subject.connection.project.name);
    this.channel = needs.channelOf(this.channelName);
    needs.links.own(this.channelName, { ref: subject.connection.project.ref, key: subject.key });
  }

  /** Ends when the tail has ended; throws what ended it, if nobody wanted it to. Can be run again then. */
  async run(lines: LineFilter, filter: LogFilter): Promise<void> {
    const { tails, clock } = this.needs;
    const { connection, store, key, target } = this.subject;
    const { ref } = connection.project;
    const span = this.span(lines);
    this.lines = lines;
    this.query = filter;
    this.show();
    if (!tails.start({ ref, key, name: `${targetWords(target)} · ${connection.project.name}`, state: { kind: 'following' }, filter: lines, query: filter, store, since: span.from, reins: this })) {
      return;
    }
    this.mark(this.header(span, false));
    const over = new AbortController();
    void this.needs.guard('logs.tail', async () => this.followNames(over.signal));
    let failure: OpsError | undefined;
    try {
      const { from, ...rest } = span;
      for await (const event of new LogTail({ store, clock }).follow(filter, { ...rest, lookBackMs: clock.now() - from, control: this.control }, this.stopping.signal)) {
        await this.tell(event);
        failure = event.kind === 'stopped' ? event.error : undefined;
      }
    } finally {
      over.abort();
      this.mark(l10n.t('stopped'));
      tails.ended(ref, key, failure && errorMessage(failure).message);
    }
    if (failure) {
      throw failure;
    }
  }

  stop(): void {
    this.stopping.abort();
  }

  pause(): void {
    this.control.pause();
  }

  resume(): void {
    this.control.resume();
  }

  show(): void {
    this.channel.show(true);
  }

  nudge(): void {
    this.control.nudge();
  }

  budget(): readonly string[] {
    return budgetWords(this.subject.store, this.needs.clock);
  }

  async filter(lines: LineFilter): Promise<void> {
    const { connection, key, target, names } = this.subject;
    const filter = toLogFilter(target, lines, await names.deployed({ required: namesFunctions(target, lines) }));
    this.lines = lines;
    this.query = filter;
    this.gone.clear();
    const { from, ...rest } = this.span(lines);
    this.mark(l10n.t('the filter is now: {0}; what was shown is read again with it', filterWords(lines)));
    this.needs.tails.report(connection.project.ref, key, { filter: lines, query: filter });
    this.control.reread({ filter, ...rest, ...(lines.since === undefined ? {} : { from }) });
    await this.needs.saved.remember(connection.project.ref, key, lines);
  }

  /** The logs know a function by its id, which is another one when it was deleted and deployed anew; who follows it means its name. */
  private async followNames(signal: AbortSignal): Promise<void> {
    const { clock, tails } = this.needs;
    const { connection, key, names, target } = this.subject;
    for (;;) {
      await clock.sleep(silenceMs, signal);
      const slugs = namedFunctions(target, this.lines);
      const deployed = slugs.length > 0 && !this.control.paused && clock.now() - this.heard >= silenceMs ? await names.current() : undefined;
      if (!deployed || signal.aborted) {
        continue;
      }
      const { functionIds = [] } = this.query;
      const found = slugs.flatMap((slug) => deployed.find((fn) => fn.slug === slug) ?? []);
      const anew = found.filter(({ id }) => !functionIds.includes(id));
      slugs.filter((slug) => !found.some((fn) => fn.slug === slug) && !this.gone.has(slug)).forEach((slug) => this.tellGone(slug));
      found.forEach(({ slug }) => this.gone.delete(slug));
      if (anew.length > 0) {
        // Late lines of the former may still come.
        this.query = { ...this.query, functionIds: [...functionIds, ...anew.map(({ id }) => id)] };
        this.news = anew.map(({ slug, version }) => l10n.t('{0} was deleted and deployed anew, now version {1}: the lines of both are shown', slug, version));
        tails.report(connection.project.ref, key, { query: this.query });
        this.control.reread({ filter: this.query });
      }
    }
  }

  private tellGone(slug: string): void {
    this.gone.add(slug);
    this.mark(l10n.t('{0} is not deployed any more; when it is deployed again its lines are followed', slug));
  }

  private span({ since, until, limit }: LineFilter): { from: number; until?: number; lines?: number } {
    const now = this.needs.clock.now();
    const from = since ? toTime(since, now) : now - this.needs.settings().lookBackMinutes * 60_000;
    return { from, ...(until ? { until: toTime(until, now) } : {}), ...(limit === undefined ? {} : { lines: limit }) };
  }

  private header({ from, until }: { from: number; until?: number }, again: boolean): string {
    const words = targetWords(this.subject.target);
    const beginning = new Date(from).toISOString();
    const span = until === undefined ? l10n.t('{0} from {1} on', words, beginning) : l10n.t('{0} from {1} to {2}', words, beginning, new Date(until).toISOString());
    const offers = until === undefined ? offer('logs.changeFilter', 'logs.pauseTail', 'logs.saveLines', 'functions.stopTail') : offer('logs.saveLines');
    return [span, l10n.t('filter: {0}', filterWords(this.lines)), ...(again ? [l10n.t('read again')] : []), offers].join(' · ');
  }

  private async tell(event: TailEvent): Promise<void> {
    const { ref } = this.subject.connection.project;
    const report = (news: Parameters<ActiveTails['report']>[2]) => this.needs.tails.report(ref, this.subject.key, news);
    switch (event.kind) {
      case 'lines':
        return this.print(event.lines);
      case 'gap':
        this.mark(l10n.t('lines between {0} and {1} may be missing', new Date(event.from).toISOString(), new Date(event.to).toISOString()));
        return;
      case 'following':
        report({ state: { kind: 'following' } });
        return;
      case 'reread':
        this.channel.replace([this.header(event.span, true), ...this.news].map((text) => this.marked(text)).join(''));
        this.news = [];
        report({ since: event.span.from });
        return;
      case 'paused':
        this.mark(`${l10n.t('paused; resumed, it reads on from here')} · ${offer('logs.resumeTail', 'logs.changeFilter', 'functions.stopTail')}`);
        report({ state: { kind: 'paused' } });
        return;
      case 'waiting':
        this.mark([errorMessage(event.error).message, l10n.t('Asking again in {0} s.', Math.ceil(event.retryInMs / 1000)), ...this.budget()].join(' '));
        report({ state: { kind: 'waiting', because: errorMessage(event.error).message } });
        return;
      case 'ended':
        return;
      case 'stopped':
        this.mark(errorMessage(event.error).message);
        return;
      default:
        return event satisfies never;
    }
  }

  private async print(lines: readonly LogLine[]): Promise<void> {
    const { mask, details } = this.needs.settings();
    this.heard = this.needs.clock.now();
    const names = await this.subject.names.of(lines);
    this.needs.links.shown(this.channelName, lines, names);
    this.channel.append(lines.map((line) => `${formatLine(line, { names, mask, details })}\n`).join(''));
  }

  private mark(text: string): void {
    this.channel.append(this.marked(text));
  }

  /** A line of Opsbook's own, told from log lines by its dashes. */
  private marked(text: string): string {
    return `${new Date(this.needs.clock.now()).toISOString()} ── ${visible(text)} ──\n`;
  }
}

/** `level=error`, or that there is none. */
export function filterWords(filter: LineFilter): string {
  const { since: _since, until: _until, limit: _limit, ...conditions } = filter;
  const text = printFilter(conditions);
  return text === '' ? l10n.t('none, all lines') : text;
}

