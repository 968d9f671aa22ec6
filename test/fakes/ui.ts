import assert from 'node:assert/strict';
import { OpsError } from '../../src/core/errors.ts';
import type { Action, Choice, Plan, Ui } from '../../src/host/ui.ts';

/** What the person does at the next prompt, and which kind of prompt it must be. */
type Answer =
  | { readonly kind: 'pick'; readonly label: string }
  | { readonly kind: 'pickMany'; readonly labels: readonly string[] }
  | { readonly kind: 'type'; readonly text: string }
  | { readonly kind: 'consent'; readonly typed: string | undefined }
  | { readonly kind: 'look' }
  | { readonly kind: 'dismiss' };

export interface Told {
  readonly level: 'info' | 'warning' | 'error';
  readonly message: string;
  readonly actions: readonly Action[];
}

type Question = Parameters<Ui['ask']>[0];

/**
 * A person with a script: prompts are answered in order, as `will…` said. A prompt without an answer, an answer of another kind or to
 * something that is not offered, and an answer that nobody asked for are failures, which {@link done} tells even when the code under
 * test swallowed them.
 */
export class FakeUi implements Ui {
  /** Messages, oldest first. */
  readonly told: Told[] = [];
  /** Plans that were shown, agreed to or not. */
  readonly plans: Plan[] = [];
  readonly questions: Question[] = [];
  /** Titles and choices of pick lists. */
  readonly lists: { readonly title: string; readonly choices: readonly Choice<unknown>[]; readonly placeholder?: string | undefined }[] = [];
  /** Titles of progress, each with what was reported. */
  readonly progressed: { readonly title: string; readonly reports: string[] }[] = [];
  readonly opened: string[] = [];
  readonly copied: string[] = [];
  private readonly script: Answer[] = [];
  private readonly problems: string[] = [];
  private readonly running = new Set<AbortController>();

  willPick(label: string): this {
    return this.will({ kind: 'pick', label });
  }

  willPickMany(...labels: string[]): this {
    return this.will({ kind: 'pickMany', labels });
  }

  willType(text: string): this {
    return this.will({ kind: 'type', text });
  }

  /** `typed` must be given exactly when the plan asks for it. */
  willConsent(typed?: string): this {
    return this.will({ kind: 'consent', typed });
  }

  /** Looks at what a plan has to show, and is asked again. */
  willLook(): this {
    return this.will({ kind: 'look' });
  }

  willDismiss(): this {
    return this.will({ kind: 'dismiss' });
  }

  /** Presses the button of the latest message that has it. */
  async press(label: string): Promise<void> {
    const action = this.told.flatMap((told) => told.actions).findLast((known) => known.label === label);
    assert.ok(action, `a message has the button ${label}; buttons: ${this.told.flatMap((told) => told.actions.map((known) => known.label)).join(', ')}`);
    await action.run();
  }

  /** Presses Cancel of everything that is running. */
  cancelProgress(): void {
    this.running.forEach((controller) => controller.abort());
  }

  /** To be asked at the end of each test. */
  done(): void {
    assert.deepEqual(this.problems, []);
    assert.deepEqual(this.script, [], 'every answer was asked for');
  }

  async pick<T>(title: string, choices: readonly Choice<T>[] | Promise<readonly Choice<T>[]>, placeholder?: string): Promise<T> {
    const offered = await choices;
    this.lists.push({ title, choices: offered, placeholder });
    const { label } = this.next('pick', title);
    const chosen = offered.find((choice) => choice.label === label);
    return chosen ? chosen.value : this.fail(`${title} offers ${offered.map((choice) => choice.label).join(', ')}, and not ${label}`);
  }

  async pickMany<T>(title: string, choices: readonly Choice<T>[]): Promise<readonly T[]> {
    await Promise.resolve();
    this.lists.push({ title, choices });
    const { labels } = this.next('pickMany', title);
    return labels.map((label) => choices.find((choice) => choice.label === label)?.value ?? this.fail(`${title} does not offer ${label}`));
  }

  async ask(question: Question): Promise<string> {
    await Promise.resolve();
    this.questions.push(question);
    const { text } = this.next('type', question.title);
    const problem = question.check?.(text);
    return problem === undefined ? text : this.fail(`${question.title} does not take ${text}: ${problem}`);
  }

  async consent(plan: Plan): Promise<void> {
    await Promise.resolve();
    this.plans.push(plan);
    if (this.script[0]?.kind === 'look' && plan.look) {
      this.script.shift();
      await plan.look.run();
      await this.consent(plan);
      return;
    }
    const { typed } = this.next('consent', plan.question);
    if (typed !== plan.typed) {
      this.fail(`${plan.question} asks to type ${plan.typed ?? 'nothing'}, not ${typed ?? 'nothing'}`);
    }
  }

  tell(message: string, ...actions: Action[]): void {
    this.told.push({ level: 'info', message, actions });
  }

  warn(message: string, ...actions: Action[]): void {
    this.told.push({ level: 'warning', message, actions });
  }

  error(message: string, ...actions: Action[]): void {
    this.told.push({ level: 'error', message, actions });
  }

  async progress<T>(title: string, work: (signal: AbortSignal, report: (message: string) => void) => Promise<T>): Promise<T> {
    const reports: string[] = [];
    this.progressed.push({ title, reports });
    const controller = new AbortController();
    this.running.add(controller);
    try {
      return await work(controller.signal, (message) => reports.push(message));
    } finally {
      this.running.delete(controller);
    }
  }

  async openExternal(url: string): Promise<void> {
    await Promise.resolve();
    this.opened.push(url);
  }

  async copy(text: string): Promise<void> {
    await Promise.resolve();
    this.copied.push(text);
  }

  private will(answer: Answer): this {
    this.script.push(answer);
    return this;
  }

  private next<K extends Answer['kind']>(kind: K, prompt: string): Extract<Answer, { kind: K }> {
    const answer = this.script.shift();
    if (answer === undefined) {
      return this.fail(`nobody said what to do at “${prompt}”`);
    }
    if (answer.kind === 'dismiss') {
      throw new OpsError('cancelled', {});
    }
    return answer.kind === kind ? (answer as Extract<Answer, { kind: K }>) : this.fail(`“${prompt}” came where ${JSON.stringify(answer)} was expected`);
  }

  private fail(problem: string): never {
    this.problems.push(problem);
    throw new Error(problem);
  }
}
