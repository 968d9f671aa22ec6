/** One results tab: what is run in it, and what its page is told. Knows no editor; `index.ts` gives it a panel. */
import { OpsError } from '../../core/errors.ts';
import type { Logger } from '../../core/ports.ts';
import type { ScratchSpace } from '../../core/results/outside.ts';
import { RowStore } from '../../core/results/rowStore.ts';
import type { ResultEvent } from '../../core/sql/result.ts';
import { errorMessage } from '../../host/errorMessage.ts';
import { describeForLog } from '../../host/log.ts';
import type { RunAgain, RunEnd, ShownPart, ShownRun, ShownSeries } from '../../host/results.ts';
import { isRequestMessage, RequestPort, type Handlers } from '../../util/requests.ts';
import { visible } from '../../util/visible.ts';
import type { ResultActions } from './actions.ts';
import { memoryOf, type TabMemory } from './memory.ts';
import { ResultPart } from './part.ts';
import type { FromView, HostQuestions, PageQuestions, ShownMessage, TabState, ToView } from './protocol.ts';
import { pageWords } from './words.ts';

export interface TabNeeds {
  readonly post: (message: ToView) => void;
  readonly scratch: ScratchSpace;
  readonly actions: ResultActions;
  readonly log: Logger;
  /** Runs the command that the tab was made by. */
  readonly runAgain: (again: RunAgain) => Promise<void>;
}

/** The page hears of another state at most this often, in milliseconds. */
const statePause = 30;

/** The page hears of more rows at most this often, in milliseconds. */
const growthPause = 100;

/** Messages that are kept; a loop may raise many. */
const mostMessages = 1000;

export class ResultsTab {
  private readonly needs: TabNeeds;
  private readonly port: RequestPort<HostQuestions, PageQuestions>;
  private shown: ShownSeries | undefined;
  private memory: TabMemory;
  private parts: ResultPart[] = [];
  private messages: ShownMessage[] = [];
  private running: AbortController | undefined;
  private lastPart = 0;
  private told = 0;
  private waitingState: NodeJS.Timeout | undefined;
  private toldGrowth = 0;
  private waitingGrowth: NodeJS.Timeout | undefined;

  constructor(memory: TabMemory, needs: TabNeeds) {
    this.memory = memory;
    this.needs = needs;
    this.port = new RequestPort<HostQuestions, PageQuestions>({ post: needs.post, handlers: this.handlers(), explain: (error) => errorMessage(error).message });
  }

  /** What was running in the tab ends; its rows make place for those to come. */
  async show(run: ShownRun | ShownSeries): Promise<RunEnd> {
    const series: ShownSeries = 'parts' in run ? run : { ...run, parts: [run] };
    this.running?.abort();
    const controller = new AbortController();
    this.running = controller;
    this.shown = series;
    this.memory = memoryOf(series, series.parts.map(({ statement }) => statement));
    const before = this.clear();
    let end: RunEnd = { kind: 'done', rowCount: 0 };
    for (const [index, part] of series.parts.entries()) {
      end = await this.runPart(part, index, before[index], part.run(controller.signal));
      if (end.kind !== 'done' || this.running !== controller) {
        break;
      }
    }
    if (this.running === controller) {
      this.running = undefined;
      this.tell();
    }
    return end;
  }

  receive(message: FromView): void {
    if (isRequestMessage(message)) {
      this.port.receive(message);
      return;
    }
    switch (message.type) {
      case 'ready':
        this.tell();
        break;
      case 'cancel':
        this.running?.abort();
        break;
      case 'runAgain':
        void this.again();
        break;
      case 'remedy':
        void this.remedy(message.part);
        break;
      default:
        message satisfies never;
    }
  }

  async dispose(): Promise<void> {
    this.running?.abort();
    clearTimeout(this.waitingGrowth);
    clearTimeout(this.waitingState);
    await Promise.all(this.parts.map((part) => part.dispose()));
  }

  private async again(): Promise<void> {
    if (this.memory.again) {
      await this.needs.runAgain(this.memory.again);
    } else if (this.shown) {
      await this.show(this.shown);
    }
  }

  private async remedy(id: number): Promise<void> {
    const remedy = this.parts.find((part) => part.id === id)?.shown.remedy;
    if (remedy) {
      await this.needs.runAgain(remedy);
    }
  }

  private clear(): ResultPart[] {
    const before = this.parts;
    this.parts = [];
    this.messages = [];
    before.forEach((part) => void part.dispose());
    return before;
  }

  private async runPart(shown: ShownPart, index: number, before: ResultPart | undefined, events: AsyncIterable<ResultEvent>): Promise<RunEnd> {
    const part: ResultPart = new ResultPart({
      id: ++this.lastPart,
      shown,
      before,
      store: new RowStore(this.needs.scratch),
      events: {
        changed: () => this.tell(),
        grown: () => this.tellGrowth(part),
        said: (message) => this.say(part, message),
      },
    });
    this.parts[index] = part;
    this.tell();
    const error = await part.take(events);
    if (error === undefined) {
      return { kind: 'done', rowCount: part.store.rowCount };
    }
    if (error.code === 'cancelled') {
      return { kind: 'cancelled' };
    }
    this.needs.log.warn('a run failed', { title: this.memory.title, ...describeForLog(error) });
    return { kind: 'failed', error, part: index };
  }

  private say(part: ResultPart, message: Omit<ShownMessage, 'part' | 'time'>): void {
    if (this.parts.includes(part)) {
      this.messages = [...this.messages, { ...message, part: part.id, time: new Date().toLocaleTimeString() }].slice(-mostMessages);
      this.tell();
    }
  }

  /** At once, and then not more often than somebody could read. */
  private tell(): void {
    const wait = this.told + statePause - Date.now();
    if (wait <= 0) {
      this.told = Date.now();
      this.needs.post({ type: 'state', state: this.state() });
    } else {
      this.waitingState ??= setTimeout(() => {
        this.waitingState = undefined;
        this.tell();
      }, wait);
    }
  }

  private state(): TabState {
    const { title, target, as, statements, again } = this.memory;
    const restored = this.shown === undefined;
    return {
      title,
      target,
      ...(as === undefined ? {} : { as }),
      running: this.running !== undefined,
      canRunAgain: again !== undefined || this.shown !== undefined,
      restored,
      parts: this.parts.map((part) => part.state),
      statements: restored ? statements.map(visible) : [],
      messages: this.messages,
      words: pageWords(),
      memory: this.memory,
    };
  }

  /** The first rows at once, then now and again. */
  private tellGrowth(part: ResultPart): void {
    const wait = this.toldGrowth + growthPause - Date.now();
    if (wait <= 0) {
      this.toldGrowth = Date.now();
      const { id, total, rowCount } = part.state;
      this.needs.post({ type: 'grown', part: id, total, rowCount });
    } else {
      this.waitingGrowth ??= setTimeout(() => {
        this.waitingGrowth = undefined;
        this.tellGrowth(part);
      }, wait);
    }
  }

  private handlers(): Handlers<PageQuestions> {
    const { actions } = this.needs;
    return {
      rows: async (ask) => this.part(ask.part).page(ask),
      cell: async (ask) => actions.value(this.part(ask.part), ask),
      arrange: async ({ part, arrangement }) => void (await this.part(part).arrange(arrangement)),
      find: async ({ part, text, from, direction }) => actions.find(this.part(part), text, from, direction),
      copy: async (ask) => actions.copy(this.part(ask.part), ask),
      copyText: async (text) => void (await actions.copyText(text)),
      export: async (ask) => void (await actions.export(this.part(ask.part), ask, this.memory.title)),
      fetchAll: async ({ part }) => void (await this.fetchAll(this.part(part))),
      chart: async ({ part, choice }) => this.part(part).chart(choice),
      openCell: async (ask) => void (await actions.openValue(this.part(ask.part), ask)),
    };
  }

  /** Throws `cancelled` for a part of an earlier run. */
  private part(id: number): ResultPart {
    const part = this.parts.find((each) => each.id === id);
    if (part === undefined) {
      throw new OpsError('cancelled', {});
    }
    return part;
  }

  /** The statement once more, without a limit; its rows take the place of those that came before. */
  private async fetchAll(part: ResultPart): Promise<void> {
    const { shown } = part;
    if (shown.runWhole === undefined || this.running) {
      return;
    }
    const controller = new AbortController();
    this.running = controller;
    await this.runPart(shown, this.parts.indexOf(part), part, shown.runWhole(controller.signal));
    void part.dispose();
    if (this.running === controller) {
      this.running = undefined;
      this.tell();
    }
  }
}
