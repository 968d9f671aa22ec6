import assert from 'node:assert/strict';
import { loadMarkdownGrammar } from '../../../../src/adapters/text/markdown.ts';
import { Library, type FileSource, type ListedFile } from '../../../../src/core/runbook/library.ts';
import { Emitter } from '../../../../src/util/event.ts';

const operations = '# Operations\n\n## Daily\n\n```sql warn="rows > 0"\nselect 1\n```\n\n```bash\nsupabase functions list\n```\n';

/** Files that a test changes, and announces. */
class Folder implements FileSource {
  readonly files = new Map<string, string>();
  readonly changed = new Emitter<void>();
  readonly onDidChange = this.changed.event;
  listed = 0;
  reads = 0;
  failure: Error | undefined;
  private readonly origin: ListedFile['origin'];
  private readonly root: string;

  constructor(root: string, origin: ListedFile['origin'] = 'repository') {
    this.root = root;
    this.origin = origin;
  }

  async list(): Promise<readonly ListedFile[]> {
    this.listed++;
    if (this.failure) {
      throw this.failure;
    }
    return [...this.files.keys()].map((path) => ({ uri: `${this.root}/${path}`, label: path, origin: this.origin, read: async () => this.read(path) }));
  }

  private async read(path: string): Promise<string> {
    this.reads++;
    const text = this.files.get(path);
    if (text === undefined || text === 'unreadable') {
      throw new Error(`EACCES ${path}`);
    }
    return text;
  }
}

describe('the library of runbooks', () => {
  let folder: Folder;
  let bundled: Folder;
  let library: Library;
  beforeEach(() => {
    folder = new Folder('file:///work/shop');
    folder.files.set('docs/OPERATIONS.md', operations);
    bundled = new Folder('opsbook:/runbooks', 'bundled');
    bundled.files.set('health.md', '# Health\n');
    library = new Library({ sources: [folder, bundled], grammar: loadMarkdownGrammar });
  });
  const titles = async () => (await library.documents()).map(({ document }) => document.title);

  it('has the documents of all sources, in their order, with where they come from', async () => {
    assert.deepEqual(
      (await library.documents()).map(({ document, label, origin }) => [document.title, label, origin]),
      [['Operations', 'docs/OPERATIONS.md', 'repository'], ['Health', 'health.md', 'bundled']],
    );
  });

  it('reads and parses each file once, for all who ask', async () => {
    await Promise.all([library.documents(), library.find('x'), library.diagnostics()]);
    await library.documents();
    assert.equal(folder.reads, 1);
  });

  it('reads again after a source says that something changed, and passes it on', async () => {
    let heard = 0;
    library.onDidChange(() => heard++);
    await library.documents();
    folder.files.set('docs/NEW.md', '# New\n');
    assert.deepEqual(await titles(), ['Operations', 'Health']);
    folder.changed.fire();
    assert.equal(heard, 1);
    assert.deepEqual(await titles(), ['Operations', 'New', 'Health']);
  });

  it('does not keep what was being read while something changed', async () => {
    const before = library.documents();
    folder.files.set('docs/NEW.md', '# New\n');
    folder.changed.fire();
    const [old, next] = await Promise.all([before, library.documents()]);
    assert.equal(next.length, 3);
    assert.ok(old.length >= 2);
    assert.equal(await library.documents(), next);
  });

  it('leaves out a file that cannot be read, and none of the others', async () => {
    folder.files.set('docs/SECRET.md', 'unreadable');
    assert.deepEqual(await titles(), ['Operations', 'Health']);
  });

  it('fails when a folder cannot be listed, and tries again when it is asked again', async () => {
    folder.failure = new Error('EIO');
    await assert.rejects(library.documents(), /EIO/);
    folder.failure = undefined;
    assert.deepEqual(await titles(), ['Operations', 'Health']);
  });

  it('lists a file once that several places have', async () => {
    const inner = new Folder('file:///work/shop');
    inner.files.set('docs/OPERATIONS.md', operations);
    library = new Library({ sources: [folder, inner], grammar: loadMarkdownGrammar });
    assert.deepEqual(await titles(), ['Operations']);
  });

  it('finds a document by its URI', async () => {
    assert.equal((await library.find('opsbook:/runbooks/health.md'))?.label, 'health.md');
    assert.equal(await library.find('opsbook:/runbooks/gone.md'), undefined);
  });

  it('knows the statements that have a limit, and no other steps', async () => {
    folder.files.set('docs/MORE.md', '# More\n\n```bash warn="rows > 0"\nls\n```\n\n```sql critical="rows > 9"\nselect 2\n```\n\n```sql\nselect 3\n```\n');
    assert.deepEqual((await library.diagnostics()).map(({ step, listed }) => [step.text, listed.label]), [['select 1', 'docs/OPERATIONS.md'], ['select 2', 'docs/MORE.md']]);
  });

  it('parses a text as it stands in an editor, listed or not', async () => {
    const { title, sections } = await library.parse('untitled:x', operations);
    assert.deepEqual([title, sections.flatMap(({ steps }) => steps).length], ['Operations', 2]);
    assert.equal(folder.listed, 0);
  });

  it('listens to nobody after its end', () => {
    let heard = 0;
    library.onDidChange(() => heard++);
    library.dispose();
    folder.changed.fire();
    assert.equal(heard, 0);
  });

  describe('with the rest of the repository', () => {
    let all: Folder;
    const found = async () => (await library.diagnostics()).map(({ step, listed }) => `${listed.label}: ${step.text.trim()}`);
    beforeEach(() => {
      all = new Folder('file:///work/shop');
      all.files.set('docs/OPERATIONS.md', operations);
      all.files.set('packages/api/notes.md', '> - deep\n>\n>   ~~~sql title=x critical = "rows > 0"\n>   select 2\n>   ~~~\n');
      all.files.set('README.md', '# Readme\n\n```sql\nselect 3 -- warn="rows > 0"\n```\n');
      library = new Library({ sources: [folder, bundled], unlisted: all, grammar: loadMarkdownGrammar });
    });

    it('knows every fence with a limit, and lists no document for it', async () => {
      assert.deepEqual(await found(), ['docs/OPERATIONS.md: select 1', 'packages/api/notes.md: select 2']);
      assert.deepEqual(await titles(), ['Operations', 'Health']);
    });

    it('reads it once, and anew after a change', async () => {
      await found();
      const reads = all.reads;
      await found();
      assert.equal(all.reads, reads);
      all.files.set('README.md', '```sql warn="rows > 0"\nselect 3\n```\n');
      all.changed.fire();
      assert.ok((await found()).includes('README.md: select 3'));
    });

    it('keeps what is listed when it cannot be looked through, and tries again', async () => {
      all.failure = new Error('EIO');
      assert.deepEqual(await found(), ['docs/OPERATIONS.md: select 1']);
      all.failure = undefined;
      assert.equal((await found()).length, 2);
    });
  });
});
