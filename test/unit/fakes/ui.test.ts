import assert from 'node:assert/strict';
import { isCancelled } from '../../../src/core/errors.ts';
import { FakeUi } from '../../fakes/ui.ts';

const choices = [{ label: 'one', value: 1 }, { label: 'two', value: 2 }];
const plan = { question: 'Delete?', detail: [], action: 'Delete' };

describe('the scripted person', () => {
  let ui: FakeUi;
  beforeEach(() => {
    ui = new FakeUi();
  });

  it('answers in the order of the script', async () => {
    ui.willPick('two').willPickMany('one', 'two').willType('text').willConsent().willConsent('acme');
    assert.equal(await ui.pick('Which?', Promise.resolve(choices)), 2);
    assert.deepEqual(await ui.pickMany('Which?', choices), [1, 2]);
    assert.equal(await ui.ask({ title: 'What?' }), 'text');
    await ui.consent(plan);
    await ui.consent({ ...plan, typed: 'acme' });
    ui.done();
  });

  const faults: readonly (readonly [string, (own: FakeUi) => Promise<unknown>])[] = [
    ['a prompt that nobody scripted', async (own) => own.pick('Which?', choices)],
    ['a choice that is not offered', async (own) => own.willPick('three').pick('Which?', choices)],
    ['another prompt than the script has', async (own) => own.willPick('one').ask({ title: 'What?' })],
    ['a text that the box does not take', async (own) => own.willType('x').ask({ title: 'What?', check: () => 'too short' })],
    ['a name that had to be typed and was not', async (own) => own.willConsent().consent({ ...plan, typed: 'acme' })],
    ['a name that did not have to be typed', async (own) => own.willConsent('acme').consent(plan)],
  ];
  for (const [what, prompt] of faults) {
    it(`fails at ${what}, also when the code under test swallows it`, async () => {
      await assert.rejects(prompt(ui));
      assert.throws(() => ui.done());
    });
  }

  it('fails when an answer was not asked for', () => {
    ui.willDismiss();
    assert.throws(() => ui.done(), /every answer was asked for/);
  });

  it('dismisses whatever prompt it is', async () => {
    for (const prompt of [ui.willDismiss().pick('Which?', choices), ui.willDismiss().ask({ title: 'What?' }), ui.willDismiss().consent(plan), ui.willDismiss().pickMany('Which?', choices)]) {
      await assert.rejects(prompt, isCancelled);
    }
    ui.done();
  });

  it('presses buttons of messages, and cancels what is running', async () => {
    let pressed = 0;
    ui.tell('Done.', { label: 'Show', run: () => void pressed++ });
    await ui.press('Show');
    assert.equal(pressed, 1);
    await assert.rejects(ui.press('Hide'));
    const running = ui.progress('Deploying', async (signal) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return signal.aborted;
    });
    ui.cancelProgress();
    assert.equal(await running, true);
  });
});
