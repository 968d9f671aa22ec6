import * as vscode from 'vscode';
import type { Place } from '../core/project/project.ts';
import type { Documents } from './documents.ts';

/** One file of a comparison; a side that is absent has no such file. */
export interface ComparedFile {
  /** Within the place. */
  readonly path: string;
  readonly left: string | undefined;
  readonly right: string | undefined;
  /** The right side is the place's own file, to be edited there. */
  readonly isLocal?: boolean;
}

/** Files of a place in editors, and beside what they are elsewhere. */
export interface PlaceEditors {
  /** All files that differ in one editor, a single one side by side; `false` when none does. `key` tells this comparison's documents from others'. */
  compare(place: Place, key: string, title: string, files: readonly ComparedFile[]): Promise<boolean>;
  /** A file of the place. */
  open(place: Place, path: string): Promise<void>;
}

export function createPlaceEditors(documents: Pick<Documents, 'hold'>): PlaceEditors {
  return {
    compare: async (place, key, title, files) => {
      const root = vscode.Uri.parse(place.id, true);
      const differing = files.filter(({ left, right }) => left !== right);
      const resources = differing.map(({ path, left, right, isLocal }): [vscode.Uri, vscode.Uri | undefined, vscode.Uri | undefined] => {
        const own = vscode.Uri.joinPath(root, path);
        // The heading of a file that is nobody's but ours is its path within the place.
        const shown = isLocal === true ? own.path : `/${path}`;
        const before = left === undefined ? undefined : documents.hold(shown, left, `${key}/left`);
        const after = right === undefined ? undefined : isLocal === true ? own : documents.hold(shown, right, `${key}/right`);
        return [after ?? before ?? root, before, after];
      });
      const [first] = resources;
      if (first?.[1] && first[2] && resources.length === 1) {
        await vscode.commands.executeCommand('vscode.diff', first[1], first[2], title, { preview: false });
      } else if (first) {
        await vscode.commands.executeCommand('vscode.changes', title, resources);
      }
      return resources.length > 0;
    },
    open: async (place, path) => {
      await vscode.window.showTextDocument(vscode.Uri.joinPath(vscode.Uri.parse(place.id, true), path), { preview: false });
    },
  };
}
