import * as vscode from 'vscode';
import { OpsError } from '../../core/errors.ts';
import type { EdgeFunction } from '../../core/functions/edgeFunction.ts';
import type { ActiveTails, TailKey } from '../../core/logs/activeTails.ts';
import { logSources, type LogFilter, type LogLevel, type LogLine, type LogService } from '../../core/logs/log.ts';
import { formatLine } from '../../core/logs/format.ts';
import { LogTail, type TailEvent } from '../../core/logs/tail.ts';
import type { Clock } from '../../core/ports.ts';
import { need, type Connection } from '../../core/project/connection.ts';
import type { Session } from '../../core/project/session.ts';
import type { CommandRegistry } from '../../host/commands.ts';
import { setContextKey } from '../../host/contextKeys.ts';
import { errorMessage } from '../../host/errorMessage.ts';
import type { SettingsSource } from '../../host/settings.ts';
import { nodeOf } from '../../host/row.ts';
import type { Choice, Ui } from '../../host/ui.ts';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';

export interface LogsNeeds {
  readonly session: Session;
  readonly tails: ActiveTails;
  readonly commands: CommandRegistry;
  readonly settings: SettingsSource;
  readonly clock: Clock;
  readonly ui: Ui;
}

/** What to tail: functions by slug (`*` for all) or services, narrowed by a filter. */
export interface TailRequest {
  readonly functions?: readonly string[] | '*';
  readonly services?: readonly LogService[];
  readonly level?: LogLevel;
  readonly text?: string;
  readonly sinceMinutes?: number;
}

function isTailRequest(value: unknown): value is TailRequest {
  return typeof value === 'object' && value !== null && ('functions' in value || 'services' in value);
}

/**
 * One output channel per tail. The lines carry the events' own UTC time, so it is a plain channel in the log language: a
 * `LogOutputChannel` would stamp the time of receipt.
 */
export function registerLogs(needs: LogsNeeds): Disposable {
  const owned = new DisposableStore();
  const channels = new Map<string, vscode.OutputChannel>();
  const channel = (name: string) => {
    const known = channels.get(name) ?? vscode.window.createOutputChannel(name, 'log');
    channels.set(name, known);
    return known;
  };
  const tail = async (request: TailRequest) => startTail(needs, request, channel);
  owned.add(
    needs.commands.register('functions.tailLogs', async (argument) => {
      const node = nodeOf(argument);
      await tail(isTailRequest(node) ? node : { functions: [await slugOf(needs, node)] });
    }),
  );
  owned.add(
    needs.commands.register('logs.tail', async (argument) => {
      const node = nodeOf(argument);
      await tail(isTailRequest(node) ? node : await pickService(needs));
    }),
  );
  owned.add(needs.commands.register('functions.stopTail', stopTail(needs)));
  owned.add(needs.tails.onDidChange(() => setContextKey('tailing', needs.tails.any)));
  owned.add({
    dispose: () => {
      needs.tails.stopAll();
      channels.forEach((known) => known.dispose());
    },
  });
  return owned;
}

/** Starts following, or shows the channel of a tail that runs already. Returns at once; the tail ends with its stop command. */
async function startTail(needs: LogsNeeds, request: TailRequest, channelOf: (name: string) => vscode.OutputChannel): Promise<void> {
  const { session, tails, clock, settings } = needs;
  const connection = session.connection();
  const store = need(connection.logs, l10n.t('Reading logs'));
  const { filter, key, names } = await toFilter(connection, request);
  const channel = channelOf(`${channelName(key)} · ${connection.project.name}`);
  channel.show(true);
  const controller = new AbortController();
  if (!tails.start(connection.project.ref, key, () => controller.abort())) {
    return;
  }
  const lookBackMinutes = request.sinceMinutes ?? settings.current['opsbook.logs.lookBackMinutes'];
  channel.appendLine(mark(clock, l10n.t('{0}: the last {1} minutes, then following', channelName(key), lookBackMinutes)));
  const follow = new LogTail({ store, clock }).follow(filter, { lookBackMs: lookBackMinutes * 60_000 }, controller.signal);
  void needs.commands.guard('functions.tailLogs', async () => {
    try {
      for await (const event of follow) {
        channel.append(print(event, { names, clock, mask: settings.current['opsbook.logs.maskSecrets'] }));
        report(tails, connection.project.ref, key, event);
      }
    } finally {
      channel.appendLine(mark(clock, l10n.t('stopped')));
      tails.ended(connection.project.ref, key);
    }
  });
}

/** Slugs become ids: the logs know functions by id alone. Throws `notFound` for one that is not deployed. */
async function toFilter(connection: Connection, request: TailRequest): Promise<{ filter: LogFilter; key: TailKey; names: ReadonlyMap<string, string> }> {
  const narrowed = { ...(request.level === undefined ? {} : { levels: levelsFrom(request.level) }), ...(request.text === undefined ? {} : { text: request.text }) };
  const suffix = [request.level, request.text].filter(Boolean).join(' ');
  const deployed: readonly EdgeFunction[] = connection.management.kind === 'available' ? await connection.data.functions({ signal: AbortSignal.timeout(30_000), priority: 'user' }) : [];
  const names = new Map(deployed.map((fn) => [fn.id, fn.slug]));
  if (request.functions === undefined) {
    const services = request.services ?? (Object.keys(logSources) as LogService[]);
    const name = services.length === Object.keys(logSources).length ? 'everything' : services.join(' ');
    return { filter: { services, ...narrowed }, key: `service ${name} ${suffix}`.trim(), names };
  }
  const services: LogService[] = ['functions', 'invocations'];
  if (request.functions === '*') {
    return { filter: { services, ...narrowed }, key: `* ${suffix}`.trim(), names };
  }
  const functionIds = request.functions.map((slug) => {
    const fn = deployed.find((known) => known.slug === slug);
    if (!fn) {
      throw new OpsError('notFound', { what: l10n.t('The deployed function {0}', slug) });
    }
    return fn.id;
  });
  return { filter: { services, functionIds, ...narrowed }, key: `${request.functions.join(' ')} ${suffix}`.trim(), names };
}

const allLevels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

function levelsFrom(lowest: LogLevel): readonly LogLevel[] {
  return allLevels.slice(allLevels.indexOf(lowest));
}

function channelName(key: TailKey): string {
  if (key.startsWith('service ')) {
    return l10n.t('Supabase logs: {0}', key.slice('service '.length));
  }
  return l10n.t('Function logs: {0}', key.replace(/^\*/, l10n.t('all functions')));
}

interface Printing {
  readonly names: ReadonlyMap<string, string>;
  readonly clock: Clock;
  readonly mask: boolean;
}

/** Whole lines, each with its line break. */
function print(event: TailEvent, { names, clock, mask }: Printing): string {
  switch (event.kind) {
    case 'lines':
      return event.lines.map((line: LogLine) => `${formatLine(line, { names, mask })}\n`).join('');
    case 'gap':
      return `${mark(clock, l10n.t('lines between {0} and {1} may be missing', new Date(event.from).toISOString(), new Date(event.to).toISOString()))}\n`;
    case 'following':
      return '';
    case 'waiting':
      return `${mark(clock, `${errorMessage(event.error).message} ${l10n.t('Asking again in {0} s.', Math.ceil(event.retryInMs / 1000))}`)}\n`;
    case 'stopped':
      return `${mark(clock, errorMessage(event.error).message)}\n`;
    default:
      return event satisfies never;
  }
}

/** A line of Opsbook's own, told from log lines by its dashes. */
function mark(clock: Clock, text: string): string {
  return `${new Date(clock.now()).toISOString()} ── ${visible(text)} ──`;
}

function report(tails: ActiveTails, ref: string, key: TailKey, event: TailEvent): void {
  if (event.kind === 'waiting') {
    tails.report(ref, key, { kind: 'waiting', because: errorMessage(event.error).message });
  } else if (event.kind === 'following' || event.kind === 'lines') {
    tails.report(ref, key, { kind: 'following' });
  }
}

const stopTail =
  ({ session, tails, ui }: LogsNeeds) =>
  async (argument?: unknown): Promise<void> => {
    const { ref } = session.connection().project;
    const running = tails.keys(ref);
    const node = nodeOf(argument);
    const slug = typeof node === 'object' && node !== null && 'slug' in node ? String(node.slug) : undefined;
    const key =
      slug !== undefined && running.includes(slug)
        ? slug
        : await ui.pick(
            l10n.t('Stop which tail?'),
            running.map((known) => ({ label: channelName(known), icon: 'output', value: known })),
          );
    tails.stop(ref, key);
  };

async function slugOf({ session, ui }: LogsNeeds, node: unknown): Promise<string> {
  if (typeof node === 'object' && node !== null && 'slug' in node) {
    return String(node.slug);
  }
  const connection = session.connection();
  const functions = connection.data
    .functions({ signal: AbortSignal.timeout(30_000), priority: 'user' })
    .then((list): Choice<string>[] => list.map((fn) => ({ label: visible(fn.slug), description: `v${fn.version}`, icon: 'symbol-function', value: fn.slug })));
  return ui.pick(l10n.t('Tail the logs of which function?'), functions);
}

async function pickService({ ui }: LogsNeeds): Promise<TailRequest> {
  const choices: Choice<TailRequest>[] = [
    { label: l10n.t('All functions'), icon: 'symbol-function', value: { functions: '*' } },
    { label: l10n.t('Everything, merged by time'), icon: 'list-tree', value: { services: Object.keys(logSources) as LogService[] } },
    ...(Object.keys(logSources) as LogService[]).map((service) => ({ label: service, icon: 'server-process', description: logSources[service], value: { services: [service] } })),
  ];
  return ui.pick(l10n.t('Tail the logs of'), choices);
}
