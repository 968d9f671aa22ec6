import * as vscode from 'vscode';
import { schemes } from '../../contributions.ts';
import type { Storage } from '../../core/ports.ts';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';

/**
 * The request editors: one document per function and project, kept in the workspace's storage and not in the repository. Its path
 * ends as the file would that it can be saved as, so that both are of one language.
 */
export function draftUri(ref: string, slug: string): vscode.Uri {
  return vscode.Uri.from({ scheme: schemes.request, path: `/${ref}/supabase/requests/${slug}.http` });
}

export interface Drafts extends Disposable {
  /** The document is there, with this text if it was not before. */
  begin(uri: vscode.Uri, text: string): Promise<void>;
}

export function registerDrafts(storage: Storage): Drafts {
  const owned = new DisposableStore();
  const files = new DraftFiles(storage);
  owned.add(vscode.workspace.registerFileSystemProvider(schemes.request, files, { isCaseSensitive: true }));
  return {
    begin: async (uri, text) => {
      if (!files.has(uri)) {
        await files.writeFile(uri, new TextEncoder().encode(text));
      }
    },
    dispose: () => owned.dispose(),
  };
}

class DraftFiles implements vscode.FileSystemProvider {
  private readonly storage: Storage;
  /** Texts that hold a credential: they live as long as the window and are not kept (SAFETY 10). */
  private readonly unkept = new Map<string, string>();
  private readonly times = new Map<string, number>();
  private readonly changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.changed.event;

  constructor(storage: Storage) {
    this.storage = storage;
  }

  has(uri: vscode.Uri): boolean {
    return this.text(uri) !== undefined;
  }

  stat(uri: vscode.Uri): vscode.FileStat {
    const { length } = this.readFile(uri);
    return { type: vscode.FileType.File, ctime: 0, mtime: this.times.get(uri.path) ?? 0, size: length };
  }

  readFile(uri: vscode.Uri): Uint8Array {
    const text = this.text(uri);
    if (text === undefined) {
      throw vscode.FileSystemError.FileNotFound(uri);
    }
    return new TextEncoder().encode(text);
  }

  async writeFile(uri: vscode.Uri, content: Uint8Array): Promise<void> {
    const { writtenCredentials } = await import('../../core/http/credentials.ts');
    const text = new TextDecoder().decode(content);
    if (writtenCredentials(text).length > 0) {
      this.unkept.set(uri.path, text);
    } else {
      this.unkept.delete(uri.path);
      await this.storage.set(keyOf(uri), text);
    }
    this.times.set(uri.path, Math.max(Date.now(), (this.times.get(uri.path) ?? 0) + 1));
    this.changed.fire([{ type: vscode.FileChangeType.Changed, uri }]);
  }

  watch(): vscode.Disposable {
    return { dispose: () => undefined };
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  createDirectory(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  private text(uri: vscode.Uri): string | undefined {
    return this.unkept.get(uri.path) ?? this.storage.get<string>(keyOf(uri));
  }
}

function keyOf(uri: vscode.Uri): string {
  return `request.draft ${uri.path}`;
}
