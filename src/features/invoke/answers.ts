import { OpsError, isCancelled, isOpsError } from '../../core/errors.ts';
import { executionIdOf } from '../../core/http/answer.ts';
import { answerText } from '../../core/http/answerText.ts';
import { followCall, readCall, type Call, type CallLog } from '../../core/http/executionLogs.ts';
import { slugOf } from '../../core/http/prepare.ts';
import type { Clock, LogStore } from '../../core/ports.ts';
import { need } from '../../core/project/connection.ts';
import type { Documents } from '../../host/documents.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import { answerEnding } from './documents.ts';
import { logText } from './logText.ts';
import type { Exchange } from './send.ts';

export interface AnswersNeeds {
  readonly documents: Pick<Documents, 'showReport' | 'updateReport'>;
  readonly clock: Clock;
  /** Whether credentials in log lines are cut down to their kind. */
  readonly mask: () => boolean;
}

interface Shown {
  readonly exchange: Exchange;
  readonly text: string;
  /** Aborted when the next answer takes its place. */
  readonly following: AbortController;
}

/** Answers in documents beside their requests, one per function, with the log lines of that very call beneath. */
export class Answers {
  private readonly needs: AnswersNeeds;
  private readonly shown = new Map<string, Shown>();
  private latest: string | undefined;

  constructor(needs: AnswersNeeds) {
    this.needs = needs;
  }

  /** Shows the answer at once; ends when its log is there, when asking for it ended, or when another answer took its place. */
  async show(exchange: Exchange): Promise<void> {
    const name = reportName(exchange);
    this.shown.get(name)?.following.abort();
    const { request, connection, role, answer, answeredAt } = exchange;
    const target = [role, connection.project.name, connection.project.environment].join(' · ');
    const current: Shown = { exchange, text: answerText({ method: request.method, url: request.url, target, answer, answeredAt }), following: new AbortController() };
    this.shown.set(name, current);
    this.latest = name;
    const slug = slugOf(request.url);
    await this.needs.documents.showReport(name, slug === undefined ? current.text : this.withLog(current, 'waiting'), 'beside');
    if (slug !== undefined) {
      await this.follow(name, current);
    }
  }

  /** Asks for the log lines once more: of the document with this name, else of the latest answer. Throws `notFound` without any. */
  async readAgain(given?: string): Promise<void> {
    const name = given ?? this.latest;
    const current = name === undefined ? undefined : this.shown.get(name);
    if (name === undefined || current === undefined) {
      throw new OpsError('notFound', { what: l10n.t('An answer in this window') });
    }
    const signal = AbortSignal.any([current.following.signal, AbortSignal.timeout(30_000)]);
    const { store, call } = await this.callOf(current.exchange, signal);
    const log = await readCall({ store, clock: this.needs.clock }, call, signal);
    this.update(name, current, log);
  }

  dispose(): void {
    this.shown.forEach(({ following }) => following.abort());
  }

  private async follow(name: string, current: Shown): Promise<void> {
    const { signal } = current.following;
    try {
      const { store, call } = await this.callOf(current.exchange, signal);
      for await (const log of followCall({ store, clock: this.needs.clock }, call, signal)) {
        this.update(name, current, log);
      }
    } catch (error) {
      // The answer is there; why its log is not is said beneath it.
      if (isOpsError(error) && !isCancelled(error)) {
        this.update(name, current, { lines: [], by: 'time', requests: 0, state: 'ended', error });
      } else if (!isCancelled(error)) {
        throw error;
      }
    }
  }

  private async callOf({ connection, request, answer, sentAt, answeredAt }: Exchange, signal: AbortSignal): Promise<{ store: LogStore; call: Call }> {
    const store = need(connection.logs, l10n.t('Reading logs'));
    const slug = slugOf(request.url);
    const fn = (await connection.data.functions({ signal, priority: 'user' })).find((known) => known.slug === slug);
    if (!fn) {
      throw new OpsError('notFound', { what: l10n.t('The deployed function {0}', visible(slug ?? '')) });
    }
    const executionId = executionIdOf(answer);
    return { store, call: { functionId: fn.id, sentAt, answeredAt, ...(executionId === undefined ? {} : { executionId }) } };
  }

  private update(name: string, current: Shown, log: CallLog): void {
    if (this.shown.get(name) === current) {
      this.needs.documents.updateReport(name, this.withLog(current, log));
    }
  }

  private withLog({ exchange, text }: Shown, log: CallLog | 'waiting'): string {
    const slug = slugOf(exchange.request.url) ?? '';
    return `${text}\n${logText(log, { slug, executionId: executionIdOf(exchange.answer), mask: this.needs.mask() })}`;
  }
}

/** `mint-token answer.http` */
function reportName({ request }: Exchange): string {
  return `${slugOf(request.url) ?? 'project'}${answerEnding}`;
}
