import type { ChangedCommit, Commit, FileChange, StoredFile, TreeEntry } from '../../core/ports.ts';

/** Splits bytes that arrive in chunks at NUL, and decodes each piece as UTF-8. What follows the last NUL is kept for the next chunk. */
export class NulFields {
  private pending: Uint8Array[] = [];
  private readonly decoder = new TextDecoder();
  private readonly onField: (field: string) => void;

  constructor(onField: (field: string) => void) {
    this.onField = onField;
  }

  feed(chunk: Uint8Array): void {
    const end = chunk.lastIndexOf(0);
    if (end < 0) {
      this.pending.push(chunk);
      return;
    }
    const whole = chunk.subarray(0, end);
    // Decoded as one text: a call for each field would take longer than git takes to write them.
    const text = this.decoder.decode(this.pending.length === 0 ? whole : Buffer.concat([...this.pending, whole]));
    this.pending = end + 1 < chunk.length ? [chunk.subarray(end + 1)] : [];
    text.split('\0').forEach(this.onField);
  }
}

/** For `git log -z`: hash, author, author time in seconds, decorations, subject. */
export const commitFormat = '--format=%H%x00%an%x00%at%x00%D%x00%s';

/** The same with the committer's time. */
export const committedFormat = commitFormat.replace('%at', '%ct');

/** Reads what {@link commitFormat} writes. */
export class CommitParser {
  readonly commits: Commit[] = [];
  private fields: string[] = [];
  private readonly splitter = new NulFields((field) => this.take(field));

  feed(chunk: Uint8Array): void {
    this.splitter.feed(chunk);
  }

  private take(field: string): void {
    this.fields.push(field);
    if (this.fields.length === 5) {
      const [hash = '', author = '', seconds = '0', decorations = '', subject = ''] = this.fields;
      this.commits.push({ hash, author, time: Number(seconds) * 1000, refs: refNames(decorations), subject });
      this.fields = [];
    }
  }
}

/** For `git log -z --raw --parents`: hash and parents, as `--parents` writes them. */
export const ancestryFormat = '--format=%H %P';

/**
 * Reads what {@link ancestryFormat} and `--raw --no-renames` write: for each commit its hashes, then for each file `:<modes> <ids> <letter>`
 * and its path.
 */
export class ChangeParser {
  readonly commits: ChangedCommit[] = [];
  private changes: FileChange[] = [];
  private pending: string | undefined;
  private readonly splitter = new NulFields((field) => this.take(field));

  feed(chunk: Uint8Array): void {
    this.splitter.feed(chunk);
  }

  private take(field: string): void {
    if (this.pending !== undefined) {
      this.changes.push(fileChange(this.pending, field));
      this.pending = undefined;
      return;
    }
    // A line feed is all that parts a commit from its first file.
    const text = field.startsWith('\n') ? field.slice(1) : field;
    if (text.startsWith(':')) {
      this.pending = text;
    } else if (text !== '') {
      this.begin(text);
    }
  }

  private begin(line: string): void {
    const [hash = '', ...parents] = line.split(' ').filter((part) => part !== '');
    this.changes = [];
    this.commits.push({ hash, parents, changes: this.changes });
  }
}

/** `:100644 100644 <id> <id> M`; of a file that is not there, mode and id are zeros. */
function fileChange(header: string, path: string): FileChange {
  const end = header.indexOf(' ', 15);
  const stored = (mode: string, oid: string): StoredFile | undefined => (mode === '000000' ? undefined : { mode, oid });
  return { path, before: stored(header.slice(1, 7), header.slice(15, end)), after: stored(header.slice(8, 14), header.slice(end + 1, 2 * end - 14)) };
}

/** `HEAD -> main, tag: v1.0, origin/main`: names cannot hold a space, so the comma and space between them is certain. */
export function refNames(decorations: string): string[] {
  return decorations
    .split(', ')
    .map((name) => name.replace(/^HEAD -> /, '').replace(/^tag: /, ''))
    .filter((name) => name !== '' && name !== 'HEAD' && !name.endsWith('/HEAD'));
}

/** Reads `git ls-tree -z`: `<mode> <type> <oid>\t<path>` for each entry. */
export class TreeListingParser {
  readonly entries: TreeEntry[] = [];
  private readonly splitter = new NulFields((field) => this.take(field));

  feed(chunk: Uint8Array): void {
    this.splitter.feed(chunk);
  }

  private take(field: string): void {
    const tab = field.indexOf('\t');
    const [mode = '', , oid = ''] = field.slice(0, tab).split(' ');
    this.entries.push({ path: field.slice(tab + 1), mode, oid });
  }
}

export interface TreeItem {
  readonly name: string;
  /** As `ls-tree` prints it, six digits; `040000` for a folder. */
  readonly mode: string;
  readonly oid: string;
}

/** Reads a tree object: `<mode> <name>\0<raw id>` for each item, the id 20 bytes in SHA-1 and 32 in SHA-256 repositories. */
export function parseTreeObject(content: Uint8Array, idBytes: number): TreeItem[] {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const items: TreeItem[] = [];
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const nul = bytes.indexOf(0, space);
    items.push({
      mode: bytes.toString('latin1', at, space).padStart(6, '0'),
      name: bytes.toString('utf8', space + 1, nul),
      oid: bytes.toString('hex', nul + 1, nul + 1 + idBytes),
    });
    at = nul + 1 + idBytes;
  }
  return items;
}

export interface CatFileObject {
  readonly oid: string;
  readonly type: string;
  readonly content: Uint8Array;
}

/**
 * Reads `git cat-file --batch` (or `--batch-check`, with `withContent` false): for each request, in order, a header line and the object's bytes with a line
 * feed after them, or a line that says it is missing.
 */
export class CatFileParser {
  private buffered: Buffer[] = [];
  private length = 0;
  private needed = 1;
  private open: { oid: string; type: string; size: number } | undefined;
  private readonly onObject: (object: CatFileObject | undefined) => void;
  private readonly withContent: boolean;

  constructor(onObject: (object: CatFileObject | undefined) => void, withContent = true) {
    this.onObject = onObject;
    this.withContent = withContent;
  }

  feed(chunk: Uint8Array): void {
    this.buffered.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    this.length += chunk.length;
    // A large object arrives in many chunks: they are joined once, when it is complete.
    if (this.length < this.needed) {
      return;
    }
    let rest: Buffer = this.buffered.length === 1 && this.buffered[0] ? this.buffered[0] : Buffer.concat(this.buffered);
    for (let used = this.step(rest); used > 0; used = this.step(rest)) {
      rest = rest.subarray(used);
    }
    this.buffered = [rest];
    this.length = rest.length;
  }

  /** Bytes used; 0 when more are needed. */
  private step(bytes: Buffer): number {
    if (this.open) {
      return this.body(bytes, this.open);
    }
    const end = bytes.indexOf(0x0a);
    if (end < 0) {
      this.needed = bytes.length + 1;
      return 0;
    }
    this.header(bytes.toString('utf8', 0, end));
    return end + 1;
  }

  private header(line: string): void {
    const [, oid = '', type = '', size = ''] = /^([0-9a-f]{40,64}) (\w+) (\d+)$/.exec(line) ?? [];
    if (oid === '') {
      this.onObject(undefined);
    } else if (this.withContent) {
      this.open = { oid, type, size: Number(size) };
    } else {
      this.onObject({ oid, type, content: new Uint8Array() });
    }
  }

  private body(bytes: Buffer, open: { oid: string; type: string; size: number }): number {
    if (bytes.length < open.size + 1) {
      this.needed = open.size + 1;
      return 0;
    }
    this.open = undefined;
    this.needed = 1;
    // A copy, so that one small file does not keep a whole chunk alive.
    this.onObject({ oid: open.oid, type: open.type, content: Uint8Array.from(bytes.subarray(0, open.size)) });
    return open.size + 1;
  }
}
