import { OpsError } from '../errors.ts';
import type { RunbookDocument, Task } from './document.ts';

/**
 * The text with one box ticked or cleared: a single character differs, or none when the box is so already. Throws `badDocument`
 * when the text is no longer the one in which the task was found.
 */
export function setTask(text: string, task: Task, ticked: boolean): string {
  const { start, end } = task.boxRange;
  const box = text.slice(start - 1, end + 1);
  if (!/^\[[ xX]\]$/.test(box)) {
    throw new OpsError('badDocument', { document: 'the document', problem: `no box at ${start}, its text has changed` });
  }
  const isTicked = box !== '[ ]';
  return isTicked === ticked ? text : text.slice(0, start) + (ticked ? 'x' : ' ') + text.slice(end);
}

/** How far a document's check lists are. */
export function progressOf(document: RunbookDocument): { readonly done: number; readonly total: number } {
  const tasks = document.sections.flatMap((section) => section.tasks);
  return { done: tasks.filter((task) => task.ticked).length, total: tasks.length };
}
