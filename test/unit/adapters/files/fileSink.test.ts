import assert from 'node:assert/strict';
import { execa } from 'execa';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openFileSink } from '../../../../src/adapters/files/fileSink.ts';
import { isOpsError } from '../../../../src/core/errors.ts';
import { root } from '../../../build.ts';

describe('a file that the user asked for', () => {
  let folder: string;
  let target: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'opsbook-sink-'));
    target = path.join(folder, 'out.csv');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function write(to: string, text: string): Promise<void> {
    const sink = await openFileSink(to);
    await sink.write(text);
    await sink.finish();
  }

  const refuses = async (to: string, reason: string): Promise<void> => assert.rejects(write(to, 'x'), (error) => isOpsError(error, 'fileNotWritten') && error.facts.path === to && error.facts.reason === reason);

  it('stands in its place whole, or not at all', async () => {
    await writeFile(target, 'before');
    const sink = await openFileSink(target);
    const buffer = Uint8Array.of(1, 2);
    await sink.write('é');
    await sink.write(buffer);
    buffer.fill(0);
    await sink.write('x'.repeat(300_000));
    assert.equal(await readFile(target, 'utf8'), 'before');
    await sink.finish();
    const written = await readFile(target);
    assert.deepEqual([...written.subarray(0, 5)], [0xc3, 0xa9, 1, 2, 0x78]);
    assert.equal(written.length, 300_004);
    const second = await openFileSink(target);
    await second.write('half');
    await second.discard();
    assert.equal((await readFile(target)).length, 300_004);
    assert.deepEqual(await readdir(folder), ['out.csv']);
  });

  it('keeps the rights of the one before, and the link that leads to it', async () => {
    const secret = path.join(folder, 'secret.csv');
    await writeFile(secret, 'before', { mode: 0o600 });
    await symlink(secret, target);
    await write(target, 'after');
    assert.equal(await readFile(secret, 'utf8'), 'after');
    assert.equal((await stat(secret)).mode & 0o777, 0o600);
    await write(target, 'later');
    assert.deepEqual([await readFile(secret, 'utf8'), (await readdir(folder)).sort()], ['later', ['out.csv', 'secret.csv']]);
  });

  it('may have the longest name that the disk takes', async () => {
    const long = path.join(folder, `${'n'.repeat(251)}.csv`);
    await write(long, 'x');
    assert.equal(await readFile(long, 'utf8'), 'x');
  });

  it('is refused where it cannot stand, and says why', async () => {
    await refuses(path.join(folder, 'missing', 'out.csv'), 'ENOENT');
    await mkdir(target);
    await refuses(target, 'EISDIR');
    const kept = path.join(folder, 'kept.csv');
    await writeFile(kept, 'kept', { mode: 0o444 });
    await refuses(kept, 'EACCES');
    await refuses(path.join(kept, 'out.csv'), 'ENOTDIR');
    if (process.getuid?.() !== 0) {
      await chmod(folder, 0o500);
      await refuses(path.join(folder, 'new.csv'), 'EACCES');
      await chmod(folder, 0o700);
    }
    assert.deepEqual([await readFile(kept, 'utf8'), (await readdir(folder)).sort()], ['kept', ['kept.csv', 'out.csv']]);
  });

  it('that the disk takes only half of leaves what was there before', async function () {
    if (process.platform === 'win32') {
      // A process cannot be given a small disk there; that a failed write leaves nothing is shown by exportRows.test.ts everywhere.
      return;
    }
    this.timeout(20_000);
    await writeFile(target, 'before');
    const script = `
      import { openFileSink } from ${JSON.stringify(path.join(root, 'src/adapters/files/fileSink.ts'))};
      import { intoFile } from ${JSON.stringify(path.join(root, 'src/core/results/exportRows.ts'))};
      const sink = await openFileSink(${JSON.stringify(target)});
      await intoFile(sink, async () => { for (let i = 0; i < 64; i++) await sink.write('x'.repeat(100_000)); }).catch((error) => console.log(JSON.stringify(error.facts)));
    `;
    const file = path.join(folder, 'write.mjs');
    await writeFile(file, script);
    // Of a larger file the system takes a part and refuses the rest, as a full disk does.
    const { stdout } = await execa('sh', ['-c', `trap '' XFSZ; ulimit -f 2000; exec "$0" "$1"`, process.execPath, file]);
    assert.deepEqual(JSON.parse(stdout), { path: target, reason: 'EFBIG' });
    assert.equal(await readFile(target, 'utf8'), 'before');
    assert.deepEqual((await readdir(folder)).sort(), ['out.csv', 'write.mjs']);
  });
});
