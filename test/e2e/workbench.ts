/**
 * A window of VS Code as a person has it before their eyes: everything is found by the text that is displayed, and done by
 * mouse and keyboard.
 */
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../world/until.ts';

export type Text = string | RegExp;

/** What the browser says that its user prefers, and the mark of the window that follows it. */
export const themes = {
  light: { prefers: { colorScheme: 'light', forcedColors: 'none' }, mark: 'vs' },
  dark: { prefers: { colorScheme: 'dark', forcedColors: 'none' }, mark: 'vs-dark' },
  contrast: { prefers: { colorScheme: 'dark', forcedColors: 'active' }, mark: 'hc-black' },
} as const;

export type Theme = keyof typeof themes;

export class Workbench {
  readonly page: Page;
  readonly #pictures: string;

  /** `pictures` is the folder for screenshots. */
  constructor(page: Page, pictures: string) {
    this.page = page;
    this.#pictures = pictures;
  }

  /** Goes to a window's address and waits until its side bar and status bar are there. */
  async open(url: string): Promise<void> {
    await this.page.goto(url);
    await this.page.locator('.monaco-workbench .part.sidebar, .monaco-workbench .part.activitybar').first().waitFor();
    await this.page.locator('.part.statusbar .statusbar-item').first().waitFor();
  }

  /** Opens a container of the activity bar by its name, unless it is open already. */
  async openContainer(name: string): Promise<void> {
    const tab = this.page.locator('.part.activitybar').getByRole('tab', { name });
    if ((await tab.getAttribute('aria-selected')) !== 'true') {
      await tab.click();
    }
    await this.page.locator('.part.sidebar .composite.title').getByText(name, { exact: false }).first().waitFor();
    await this.leaveMouse();
  }

  /** Moves the mouse to where nothing answers to it: tool tips and hover icons go. */
  async leaveMouse(): Promise<void> {
    const { width = 0, height = 0 } = this.page.viewportSize() ?? {};
    await this.page.mouse.move(width / 2, height - 5);
  }

  /** A view of the side bar, opened when it is folded. */
  async view(name: string): Promise<Locator> {
    const header = this.page.locator(`.pane-header[aria-label^="${name} "]`);
    const pane = this.page.locator('.part.sidebar .pane').filter({ has: header });
    // A view that is alone in its container has its header hidden.
    await header.waitFor({ state: 'attached' });
    if ((await header.getAttribute('aria-expanded')) === 'false') {
      await header.click();
    }
    return pane;
  }

  /** The rows of a view that are in sight, each as its label and description read. */
  async rows(view: string): Promise<string[]> {
    const rows = (await this.view(view)).locator('.monaco-list-row');
    return Promise.all((await rows.all()).map(readRow));
  }

  /** Label and description of a row, as soon as they are as `wanted`. */
  async rowText(view: string, text: Text, wanted: RegExp): Promise<string> {
    return until(`the row ${text} of ${view} reads ${wanted}`, async () => {
      const read = await readRow(await this.row(view, text));
      return wanted.test(read) && read;
    });
  }

  /** What a screen reader says of a row. */
  async rowSpoken(view: string, text: Text): Promise<string> {
    return (await (await this.row(view, text)).getAttribute('aria-label')) ?? '';
  }

  /** The first row of a view that shows `text`; scrolls to it, for only rows in sight are part of the page, and waits until there is one. */
  async row(view: string, text: Text): Promise<Locator> {
    const pane = await this.view(view);
    const rows = pane.locator('.monaco-list-row');
    const row = rows.filter({ hasText: text }).first();
    let pages: 1 | -1 = 1;
    const looked = async (): Promise<boolean> => {
      const found = (await row.count()) > 0;
      if (!found && !(await this.#scroll(pane, rows, pages))) {
        pages = pages === 1 ? -1 : 1;
      }
      return found;
    };
    await until(`a row ${text} in ${view}`, looked, 20_000);
    await row.scrollIntoViewIfNeeded();
    await this.#uncover(pane, row);
    return row;
  }

  /** Brings a row out from under the parents that stick to the top of a view. */
  async #uncover(pane: Locator, row: Locator): Promise<void> {
    const sticky = pane.locator('.monaco-tree-sticky-container').filter({ visible: true });
    await until('the row is not covered', async () => {
      const [cover, box] = [(await sticky.count()) > 0 ? await sticky.first().boundingBox() : null, await row.boundingBox()];
      const hidden = cover === null || box === null ? 0 : cover.y + cover.height - box.y;
      if (hidden > 1) {
        await pane.locator('.monaco-list').first().hover();
        await this.page.mouse.wheel(0, -hidden);
        await delay(50);
      }
      return hidden <= 1;
    });
  }

  /** Scrolls a view down or up; false when it is at its end. */
  async #scroll(pane: Locator, rows: Locator, pages: 1 | -1): Promise<boolean> {
    const list = pane.locator('.monaco-list').first();
    const height = (await list.boundingBox())?.height ?? 0;
    const before = await lastIndex(rows);
    await list.hover();
    await this.page.mouse.wheel(0, pages * Math.max(22, height - 44));
    await delay(100);
    return (await lastIndex(rows)) !== before;
  }

  async clickRow(view: string, text: Text): Promise<void> {
    await (await this.row(view, text)).locator('.monaco-icon-label, .label-name').first().click();
  }

  /** Opens the children of a row. */
  async expandRow(view: string, text: Text): Promise<void> {
    const row = await this.row(view, text);
    if ((await row.getAttribute('aria-expanded')) !== 'true') {
      await row.locator('.monaco-tl-twistie').click();
    }
  }

  /** Hides the children of a row. */
  async collapseRow(view: string, text: Text): Promise<void> {
    const row = await this.row(view, text);
    if ((await row.getAttribute('aria-expanded')) === 'true') {
      await row.locator('.monaco-tl-twistie').click();
    }
  }

  /** Clicks one of the icons that a row shows under the mouse, by the icon's tool tip. */
  async rowAction(view: string, text: Text, action: string): Promise<void> {
    const row = await this.row(view, text);
    await row.hover();
    await row.getByRole('button', { name: action }).first().click();
  }

  /** Chooses an entry of a row's context menu. */
  async rowMenu(view: string, text: Text, entry: string): Promise<void> {
    await (await this.row(view, text)).click({ button: 'right' });
    await this.page.getByRole('menuitem', { name: entry }).first().click();
  }

  /** Clicks one of the icons in a view's title. */
  async viewAction(view: string, action: string): Promise<void> {
    const pane = await this.view(view);
    await pane.locator('.pane-header').hover();
    await pane.locator('.pane-header').getByRole('button', { name: action }).first().click();
  }

  /** Runs a command by typing its title into the command palette. */
  async command(title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    await this.#input().fill(`>${title}`);
    await this.#choose(title);
  }

  /** Chooses an entry of the quick pick that is open, as soon as it is listed. */
  async pick(text: Text): Promise<void> {
    await this.#choose(text);
  }

  /** What the quick pick lists, as soon as it lists `wanted`. */
  async picks(wanted: Text): Promise<string[]> {
    const rows = this.page.locator('.quick-input-widget .quick-input-list .monaco-list-row');
    await rows.filter({ hasText: wanted, visible: true }).first().waitFor();
    return (await rows.allInnerTexts()).map((row) => row.replaceAll(/\s+/g, ' ').trim());
  }

  /** Types into the input box that is open, as soon as one is. */
  async typeIntoBox(text: string): Promise<void> {
    await this.#input().fill(text);
  }

  /** Types into the input box that is open and presses Enter. */
  async type(text: string): Promise<void> {
    await this.typeIntoBox(text);
    await this.page.keyboard.press('Enter');
  }

  /** Types into the text editor in front. */
  async typeText(text: string): Promise<void> {
    await this.#editor().click();
    await this.page.keyboard.insertText(text);
  }

  /** Types into a new SQL query, as soon as it is in front. */
  async typeQuery(text: string): Promise<void> {
    await this.command('Opsbook: New SQL Query');
    await until('an empty editor is in front', async () => (await this.#editor().isVisible()) && (await this.editorText()).trim() === '');
    await this.typeText(text);
  }

  /** Waits until the title, the prompt or the message at the input box reads so. */
  async boxSays(text: RegExp): Promise<void> {
    await until(`the input box says ${text}`, async () => text.test(await this.page.locator('.quick-input-widget').innerText()));
  }

  /** The text of the first notification that shows `text`. */
  async notification(text: Text): Promise<string> {
    return (await this.#notification(text)).innerText();
  }

  /** Closes the notifications that are shown; those that ask nothing also go by themselves. */
  async closeNotifications(): Promise<void> {
    const toasts = this.page.locator('.notification-toast .notification-list-item');
    await until('no notification is shown', async () => {
      const close = toasts.first().getByRole('button', { name: /^Clear Notification/ });
      const left = await toasts.count();
      if (left > 0) {
        await toasts.first().hover({ timeout: 500 }).then(() => close.click({ timeout: 500 })).catch(() => {});
      }
      return left === 0;
    });
  }

  /** Presses a button of a notification. */
  async answerNotification(text: Text, button: string): Promise<void> {
    await (await this.#notification(text)).getByRole('button', { name: button }).click();
  }

  /** The text of the modal dialog that is open. */
  async dialog(): Promise<string> {
    const box = this.page.locator('.monaco-dialog-box');
    await box.waitFor();
    return (await box.innerText()).replaceAll(/\s+/g, ' ').trim();
  }

  async answerDialog(button: string): Promise<void> {
    await this.page.locator('.monaco-dialog-box').getByRole('button', { name: button }).click();
    await this.page.locator('.monaco-dialog-box').waitFor({ state: 'detached' });
  }

  /** The name of the editor tab in front. */
  async activeTab(): Promise<string> {
    return (await this.page.locator('.part.editor .tab.active').locator('.label-name, .label-suffix').allInnerTexts()).join('');
  }

  /** Brings an editor tab to the front. */
  async clickTab(name: Text): Promise<void> {
    await this.page.locator('.part.editor .tab').filter({ hasText: name }).first().click();
  }

  /** The lines of the text editor in front that are in sight. */
  async editorText(): Promise<string> {
    return visibleLines(this.#editor());
  }

  /** Waits until the text editor in front shows `text` in its lines in sight. */
  async editorShows(text: RegExp): Promise<void> {
    await until(`the editor shows ${text}`, async () => (await this.#editor().isVisible()) && text.test(await this.editorText()));
  }

  /** The lines of the output panel that are in sight. */
  async outputText(): Promise<string> {
    return visibleLines(this.page.locator('.part.panel .monaco-editor').first());
  }

  /** Waits until the output panel shows `text` in its lines in sight. */
  async outputShows(text: RegExp, milliseconds?: number): Promise<void> {
    await until(`the output shows ${text}`, async () => text.test(await this.outputText()), milliseconds);
  }

  /** The name of the output channel in front. */
  async outputChannel(): Promise<string> {
    return this.page.locator('.part.panel select[aria-label="Switch Output"]').first().inputValue();
  }

  /** Presses the lens that stands next above a line of code, as soon as it is shown. */
  async clickLens(text: Text, line: string): Promise<void> {
    const lenses = this.#editor().locator('.codelens-decoration a').filter({ hasText: text, visible: true });
    const lens = await until(`the lens ${text} above ${line}`, async () => {
      const code = await this.#editor().locator('.view-line').filter({ hasText: nonBreaking(line) }).first().boundingBox();
      const placed = await Promise.all((await lenses.all()).map(async (locator) => ({ locator, top: (await locator.boundingBox())?.y ?? Infinity })));
      return code !== null && placed.filter(({ top }) => top < code.y).sort((a, b) => b.top - a.top)[0]?.locator;
    });
    await lens.click();
  }

  /** The page of the results tab with this title, as soon as it is to be seen. */
  async results(title: string): Promise<FrameLocator> {
    const frames = this.page.locator('iframe.webview:visible');
    const name = await until(`the results of ${title}`, async () => {
      for (const frame of await frames.all()) {
        const heading = frame.contentFrame().frameLocator('#active-frame').locator('h1').filter({ hasText: title });
        if ((await heading.count()) > 0) {
          return (await frame.getAttribute('name')) ?? undefined;
        }
      }
      return undefined;
    }, 20_000);
    return this.page.frameLocator(`iframe[name="${name}"]`).frameLocator('#active-frame');
  }

  /** The status bar's items, as they read. */
  async statusBar(): Promise<string[]> {
    const items = await this.page.locator('.part.statusbar .statusbar-item').allInnerTexts();
    return items.map((item) => item.replaceAll(/\s+/g, ' ').trim()).filter((item) => item !== '');
  }

  async clickStatusBar(text: Text): Promise<void> {
    await this.page.locator('.part.statusbar .statusbar-item').filter({ hasText: text }).first().locator('a').first().click();
  }

  /** Changes the theme as the operating system does, so that menus and dialogs stay open. */
  async theme(theme: Theme): Promise<void> {
    await this.page.emulateMedia(themes[theme].prefers);
    await this.page.locator(`.monaco-workbench.${themes[theme].mark}`).waitFor();
  }

  /** A picture of the window as it is; returns its file. */
  async screenshot(name: string): Promise<string> {
    await mkdir(this.#pictures, { recursive: true });
    const file = path.join(this.#pictures, `${name}.png`);
    await this.page.screenshot({ path: file, animations: 'disabled' });
    return file;
  }

  /** All text of the window but that of web views. */
  async visibleText(): Promise<string> {
    return this.page.locator('body').innerText();
  }

  #editor(): Locator {
    return this.page.locator('.part.editor .editor-instance .monaco-editor:visible').first();
  }

  #input(): Locator {
    return this.page.locator('.quick-input-widget .quick-input-box input');
  }

  async #choose(text: Text): Promise<void> {
    const list = this.page.locator('.quick-input-widget .quick-input-list .monaco-list-row');
    await list.filter({ hasText: text }).first().click();
  }

  async #notification(text: Text): Promise<Locator> {
    const toast = this.page.locator('.notification-toast .notification-list-item').filter({ hasText: text }).first();
    await toast.waitFor();
    return toast;
  }
}

/** Editors draw spaces as non-breaking ones. */
function nonBreaking(text: string): RegExp {
  return new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(' ', '\\s'));
}

async function readRow(row: Locator): Promise<string> {
  const parts = await row.locator('.label-name, .label-description').allInnerTexts();
  return parts.join(' ').replaceAll(/\s+/g, ' ').trim();
}

/** A list keeps few rows and gives them new places, so the last in the page need not be the lowest. */
async function lastIndex(rows: Locator): Promise<number> {
  const indexes = await rows.evaluateAll((elements) =>
    (elements as unknown as { dataset: { index?: string } }[]).map((element) => Number(element.dataset.index)),
  );
  return Math.max(-1, ...indexes);
}

/** Lines lie in the document in any order; their place on the screen tells which comes first. */
async function visibleLines(editor: Locator): Promise<string> {
  await editor.waitFor();
  const lines = await editor.locator('.view-lines .view-line').evaluateAll((elements) =>
    (elements as unknown as { innerText: string; getBoundingClientRect(): { top: number } }[])
      .map((element) => ({ top: element.getBoundingClientRect().top, text: element.innerText }))
      .sort((a, b) => a.top - b.top)
      .map(({ text }) => text.replaceAll('\u00a0', ' ')),
  );
  return lines.join('\n');
}
