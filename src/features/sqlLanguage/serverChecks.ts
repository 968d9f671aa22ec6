import { isCancelled } from '../../core/errors.ts';
import type { Clock, Logger } from '../../core/ports.ts';
import { isForTrying } from '../../core/project/project.ts';
import type { Session } from '../../core/project/session.ts';
import type { TextRange } from '../../core/runbook/document.ts';
import type { SqlAnalyst } from '../../core/sql/lint/analyst.ts';
import type { AnalysisRequest } from '../../core/sql/lint/request.ts';
import type { SettingsSource } from '../../host/settings.ts';
import { defined } from '../../util/defined.ts';
import type { Disposable } from '../../util/dispose.ts';

export interface ServerCheckNeeds<D> {
  readonly session: Session;
  readonly settings: Pick<SettingsSource, 'current'>;
  readonly analyst: SqlAnalyst;
  /** What somebody looks at of a document now, and where, if that is not all of it; `undefined` where nobody does, or where there is no SQL of ours. */
  readonly seen: (document: D) => Promise<{ readonly request: AnalysisRequest; readonly within?: readonly TextRange[] } | undefined>;
  /** The server said something new about a document. */
  readonly answered: (document: D) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** After the last key, and while somebody scrolls; in milliseconds. */
const pauseMs = 400;

/** Of what can be seen of a document; the rest has its turn when it is seen. */
const mostAtOnce = 40;

/** So long a server that did not answer is left alone, in milliseconds. */
const restMs = 30_000;

/**
 * Has statements that somebody looks at prepared by the connected database, if that is nobody's production (SAFETY 12): one at a time, when
 * nothing was typed for a moment, each once for as long as the catalog counts.
 */
export class ServerChecks<D> implements Disposable {
  private readonly needs: ServerCheckNeeds<D>;
  private readonly waiting = new Set<D>();
  private pause = new AbortController();
  private running: { readonly document: D; readonly controller: AbortController } | undefined;
  private restsUntil = 0;

  constructor(needs: ServerCheckNeeds<D>) {
    this.needs = needs;
  }

  /** The document, or what is seen of it, is another: what is under way for it ends, and begins anew after a pause. */
  schedule(document: D): void {
    if (this.running?.document === document) {
      this.running.controller.abort();
    }
    if (this.mayAsk()) {
      this.waiting.add(document);
      this.nextAfterPause();
    }
  }

  dispose(): void {
    this.pause.abort();
    this.waiting.clear();
    this.running?.controller.abort();
  }

  private mayAsk(): boolean {
    const { settings, session, clock } = this.needs;
    const { state } = session;
    return settings.current['opsbook.sql.squiggles'] && settings.current['opsbook.sql.serverChecks'] && state.kind === 'connected' && isForTrying(state.connection.project) && clock.now() >= this.restsUntil;
  }

  private nextAfterPause(): void {
    this.pause.abort();
    this.pause = new AbortController();
    this.needs.clock.sleep(pauseMs, this.pause.signal).then(
      () => this.next(),
      () => {},
    );
  }

  /** One document after the other. */
  private async next(): Promise<void> {
    const [document] = this.waiting;
    if (document === undefined || this.running !== undefined) {
      return;
    }
    this.waiting.delete(document);
    const controller = new AbortController();
    this.running = { document, controller };
    try {
      await this.ask(document, controller.signal);
    } catch (error) {
      if (!isCancelled(error)) {
        this.restsUntil = this.needs.clock.now() + restMs;
        this.needs.log.info('the server could not be asked about SQL that is written', { error: String(error) });
      }
    } finally {
      this.running = undefined;
    }
    if (this.waiting.size > 0) {
      this.nextAfterPause();
    }
  }

  private async ask(document: D, signal: AbortSignal): Promise<void> {
    const { analyst, session, seen, answered } = this.needs;
    const asked = this.mayAsk() ? await seen(document) : undefined;
    const { state } = session;
    const catalog = asked?.request.catalog;
    const way = state.kind === 'connected' && isForTrying(state.connection.project) ? state.connection.database : undefined;
    if (asked === undefined || catalog === undefined || way?.kind !== 'available' || !way.use.capabilities.prepares) {
      return;
    }
    const { statements } = await analyst.preparable(asked.request, { most: mostAtOnce, ...defined({ within: asked.within }) }, signal);
    if (statements.length === 0) {
      return;
    }
    const { askAbout } = await import('../../core/sql/prepared/serverQuestions.ts');
    try {
      await askAbout(statements, { database: way.use, catalog, analyst }, { signal, priority: 'check' });
    } finally {
      answered(document);
    }
  }
}
