import * as vscode from 'vscode';
import { OpsError, isCancelled } from '../core/errors.ts';
import { toSignal } from './cancellation.ts';
import { errorMessage } from './errorMessage.ts';
import { plainLabel, plainMessage } from './plainText.ts';
import type { Action, Choice, Plan, Ui } from './ui.ts';
import { l10n } from '../util/l10n.ts';

export function createUi(): Ui {
  return {
    pick,
    pickMany,
    ask,
    consent,
    tell: (message, ...actions) => void show(vscode.window.showInformationMessage, message, actions),
    warn: (message, ...actions) => void show(vscode.window.showWarningMessage, message, actions),
    error: (message, ...actions) => void show(vscode.window.showErrorMessage, message, actions),
    progress: async (title, work) =>
      vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: plainMessage(title), cancellable: true }, async (progress, token) =>
        work(toSignal(token), (message) => progress.report({ message: plainMessage(message) })),
      ),
    openExternal: async (url) => {
      await vscode.env.openExternal(vscode.Uri.parse(url, true));
    },
    copy: async (text) => vscode.env.clipboard.writeText(text),
  };
}

type ChoiceItem<T> = vscode.QuickPickItem & { choice?: Choice<T> };

function toItems<T>(choices: readonly Choice<T>[]): ChoiceItem<T>[] {
  const items: ChoiceItem<T>[] = [];
  let group: string | undefined;
  for (const choice of choices) {
    if (choice.group !== undefined && choice.group !== group) {
      group = choice.group;
      items.push({ label: group, kind: vscode.QuickPickItemKind.Separator });
    }
    items.push({
      label: plainLabel(choice.label),
      ...(choice.icon === undefined ? {} : { iconPath: new vscode.ThemeIcon(choice.icon) }),
      ...(choice.description === undefined ? {} : { description: plainLabel(choice.description) }),
      ...(choice.detail === undefined ? {} : { detail: plainLabel(choice.detail) }),
      choice,
    });
  }
  return items;
}

async function pick<T>(title: string, choices: readonly Choice<T>[] | Promise<readonly Choice<T>[]>, placeholder?: string): Promise<T> {
  const picked = await vscode.window.showQuickPick<ChoiceItem<T>>(
    Promise.resolve(choices).then((ready) => toItems(ready)),
    { title, matchOnDescription: true, matchOnDetail: true, ignoreFocusOut: true, ...(placeholder === undefined ? {} : { placeHolder: placeholder }) },
  );
  if (!picked?.choice) {
    throw new OpsError('cancelled', {});
  }
  return picked.choice.value;
}

async function pickMany<T>(title: string, choices: readonly (Choice<T> & { readonly picked?: boolean })[]): Promise<readonly T[]> {
  const items = choices.map((choice) => ({ ...toItems([choice]).at(-1), label: plainLabel(choice.label), choice, picked: choice.picked ?? false }));
  const picked = await vscode.window.showQuickPick(items, { title, canPickMany: true, ignoreFocusOut: true });
  if (!picked || picked.length === 0) {
    throw new OpsError('cancelled', {});
  }
  return picked.map((item) => item.choice.value);
}

async function ask(question: Parameters<Ui['ask']>[0]): Promise<string> {
  const answer = await vscode.window.showInputBox({
    title: question.title,
    ignoreFocusOut: true,
    password: question.secret ?? false,
    ...(question.prompt === undefined ? {} : { prompt: plainMessage(question.prompt) }),
    ...(question.value === undefined ? {} : { value: question.value }),
    ...(question.placeholder === undefined ? {} : { placeHolder: question.placeholder }),
    ...(question.check === undefined ? {} : { validateInput: question.check }),
  });
  if (answer === undefined) {
    throw new OpsError('cancelled', {});
  }
  return answer;
}

async function consent(plan: Plan): Promise<void> {
  const { look } = plan;
  const pressed = await vscode.window.showWarningMessage(plan.question, { modal: true, detail: plan.detail.join('\n') }, plan.action, ...(look ? [look.label] : []));
  if (look && pressed === look.label) {
    await look.run();
    // A modal would lie over what is to be looked at.
    const again = l10n.t('Show Plan');
    if ((await vscode.window.showInformationMessage(plainMessage(plan.question), again)) !== again) {
      throw new OpsError('cancelled', {});
    }
    await consent(plan);
    return;
  }
  if (pressed !== plan.action) {
    throw new OpsError('cancelled', {});
  }
  if (plan.typed !== undefined) {
    const typed = plan.typed;
    await ask({
      title: plan.question,
      prompt: l10n.t('Type {0} to confirm.', typed),
      check: (text) => (text === typed ? undefined : l10n.t('Type {0} to confirm.', typed)),
    });
  }
}

/** A button whose work fails says so; nobody waits for it. */
async function show(display: (message: string, ...items: string[]) => Thenable<string | undefined>, message: string, actions: readonly Action[]): Promise<void> {
  const pressed = await display(plainMessage(message), ...actions.map((action) => action.label));
  try {
    await actions.find((action) => action.label === pressed)?.run();
  } catch (error) {
    if (!isCancelled(error)) {
      void vscode.window.showErrorMessage(plainMessage(errorMessage(error).message));
    }
  }
}
