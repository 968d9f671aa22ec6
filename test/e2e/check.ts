/** The walk through the main job, with a picture of each step in each theme. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { openWindow, type World } from '../world/window.ts';
import { themes, type Theme, type Workbench } from './workbench.ts';
import { walk, type WalkStep } from './walk.ts';

interface Picture {
  title: string;
  theme: Theme;
  file: string;
}

/** Walks, writes a contact sheet per theme into `folder`, and returns the exit code: a failed step ends the walk. */
export async function check(world: World, folder: string): Promise<number> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const window = await openWindow(world, folder);
  const pictures: Picture[] = [];
  try {
    for (const [index, step] of walk.entries()) {
      const number = String(index + 1).padStart(2, '0');
      const say = async (act: WalkStep['run'] | undefined) => runStep(step.name, async () => act?.call(step, window.workbench, world));
      await say(step.run);
      if (step.hovers !== true) {
        await window.workbench.leaveMouse();
      }
      pictures.push(...(await takePictures(window.workbench, `${number} ${step.name}`)));
      await say(step.leave);
      console.log(`${number} ${step.name}`);
    }
    return 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    pictures.push({ title: 'failed here', theme: 'light', file: await window.workbench.screenshot('failed') });
    return 1;
  } finally {
    console.log((await writeContactSheets(window.browser, pictures, folder)).join('\n'));
    await window.close();
  }
}

async function runStep(name: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

async function takePictures(workbench: Workbench, title: string): Promise<Picture[]> {
  const pictures: Picture[] = [];
  for (const theme of Object.keys(themes) as Theme[]) {
    await workbench.theme(theme);
    const file = await workbench.screenshot(`${title.replaceAll(/\W+/g, '-')}-${theme}`);
    pictures.push({ title, theme, file });
  }
  return pictures;
}

/** All pictures of a theme on one sheet, drawn by the browser itself; returns the files. */
async function writeContactSheets(browser: Browser, pictures: readonly Picture[], folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const theme of new Set(pictures.map((picture) => picture.theme))) {
    const figures = await Promise.all(pictures.filter((picture) => picture.theme === theme).map(toFigure));
    const page = await browser.newPage({ viewport: { width: 2400, height: 900 } });
    const style = 'body{display:grid;grid-template-columns:repeat(4,1fr);gap:16px 12px;margin:12px;font:16px sans-serif}figure{margin:0}img{width:100%}';
    await page.setContent(`<style>${style}</style>${figures.join('')}`);
    const file = path.join(folder, `contact-sheet-${theme}.png`);
    await writeFile(file, await page.screenshot({ fullPage: true }));
    await page.close();
    files.push(file);
  }
  return files;
}

async function toFigure({ file, title }: Picture): Promise<string> {
  const data = (await readFile(file)).toString('base64');
  return `<figure><img src="data:image/png;base64,${data}"><figcaption>${title}</figcaption></figure>`;
}
