import assert from 'node:assert/strict';
import { digest } from '../../src/adapters/files/digest.ts';
import { tomlReader } from '../../src/adapters/files/toml.ts';
import { throwIfCancelled } from '../../src/core/errors.ts';
import { Ledger } from '../../src/core/functions/ledger.ts';
import type { Probe } from '../../src/core/functions/probe.ts';
import type { CodeFinding } from '../../src/core/functions/codeFinding.ts';
import type { Clock, ProgramCall, TypeChecker } from '../../src/core/ports.ts';
import type { Connection } from '../../src/core/project/connection.ts';
import type { Place } from '../../src/core/project/project.ts';
import type { DeployFeatureNeeds, DeployTools } from '../../src/features/deploy/needs.ts';
import type { ComparedFile } from '../../src/host/placeEditors.ts';
import type { Problem } from '../../src/host/problems.ts';
import { createConsent } from '../../src/host/consent.ts';
import { acme, fakeConnection } from './connection.ts';
import { FakeClock } from './clock.ts';
import { FakeGateway, FakeHttpClient } from './gateway.ts';
import { FakeGitHistory } from './gitHistory.ts';
import { FakeJournal } from './journal.ts';
import { FakeLogger } from './logger.ts';
import { FakeManagementApi } from './managementApi.ts';
import { FakeNotes } from './notes.ts';
import { FakePlaceFiles } from './placeFiles.ts';
import { FakeStagingArea } from './stagingArea.ts';
import { FakeBodyArchive, FakeLocks } from './storage.ts';
import { FakeSupabaseCli } from './supabaseCli.ts';
import { FakeUi } from './ui.ts';

export const place: Place = { id: 'file:///shop', name: 'shop', folder: '/shop' };
export const healthIndex = 'supabase/functions/health/index.ts';

/** All that the deploy feature needs, over fakes: a project, a repository, and a person with a script. */
export class DeployWorld {
  readonly management = new FakeManagementApi();
  readonly staging = new FakeStagingArea();
  readonly log = new FakeLogger();
  readonly cli: FakeSupabaseCli;
  readonly journal = new FakeJournal();
  readonly bodies = new FakeBodyArchive();
  readonly git = new FakeGitHistory();
  readonly files = new FakePlaceFiles();
  readonly ui = new FakeUi();
  /** Sleeps take no time; set `now` to let some pass. */
  readonly clock: Clock & { time: number } = { time: Date.UTC(2026, 10, 20, 9), now: () => this.clock.time, sleep: async (_, signal) => throwIfCancelled(signal) };
  readonly ledger = new Ledger(this.journal, this.clock);
  /** Commands that were run, with what they were given. */
  readonly ran: (readonly [string, unknown])[] = [];
  /** What Deno finds; absent: there is no Deno. */
  typeFaults: readonly CodeFinding[] | undefined;
  /** Entrypoints that Deno was shown. */
  readonly checked: string[] = [];
  /** The Problems panel by owner. */
  readonly problems = new Map<string, readonly Problem[]>();
  probes: string[] = [];
  runbookProbes: Probe[] = [];
  askReason = false;
  shareLedger = false;
  /** Absent: no repository. */
  notes: FakeNotes | undefined = new FakeNotes();
  /** What a terminal does with a program, and its exit code. */
  terminal: (title: string, call: ProgramCall) => number | undefined = () => 0;
  readonly gateway = new FakeGateway();
  readonly http = new FakeHttpClient();
  /** Comparisons that were shown, with the files that differ. */
  readonly compared: (readonly [title: string, files: readonly ComparedFile[]])[] = [];
  /** Files of the place that were opened. */
  readonly opened: string[] = [];
  readonly connection: Connection;
  trusted = true;

  constructor() {
    this.management.addProject(acme.ref, acme.name);
    this.cli = new FakeSupabaseCli(
      {
        deploy: (ref, slug, body, verifyJwt) => this.management.deploy(ref, slug, body.files, verifyJwt === undefined ? {} : { verifyJwt }),
      },
      this.staging,
    );
    const account = { id: 'ada', name: 'ada@example.test', origin: 'https://api.example.test' };
    this.connection = fakeConnection({ project: acme, place, account, management: this.management, gateway: this.gateway, clock: new FakeClock() });
  }

  tools(): DeployTools {
    const { files, git, bodies, cli, staging, ledger } = this;
    const types: TypeChecker = { check: async (request) => (this.checked.push(request.entrypoint), this.typeFaults) };
    return { files, writer: files, types, git, bodies, cli, staging, ledger, toml: tomlReader, locks: new FakeLocks(), digest };
  }

  needs(): DeployFeatureNeeds {
    return {
      session: { connection: () => this.connection, forget: (connection) => connection.data.forget() },
      commands: { run: async (key, argument) => void this.ran.push([key, argument]) },
      consent: createConsent({ ui: this.ui, clock: new FakeClock() }),
      problems: { replace: (_place, owner, found) => void this.problems.set(owner, found) },
      settings: () => ({ typeCheck: true, probes: this.probes, askReason: this.askReason, shareLedger: this.shareLedger }),
      runbookProbes: async () => this.runbookProbes,
      notes: async () => this.notes,
      runInTerminal: async (title, call) => this.terminal(title, call),
      http: this.http,
      editors: {
        compare: async (_place, _key, title, files) => {
          const differing = files.filter(({ left, right }) => left !== right);
          this.compared.push([title, differing]);
          return differing.length > 0;
        },
        open: async (_place, path) => void this.opened.push(path),
      },
      ui: this.ui,
      clock: this.clock,
      log: this.log,
      places: { functions: async () => [...new Set([...this.files.files.keys()].flatMap((path) => /^supabase\/functions\/([^/_][^/]*)\/index\.ts$/.exec(path)?.[1] ?? []))] },
      isTrusted: () => this.trusted,
      tools: async () => this.tools(),
      records: async () => this.tools(),
    };
  }

  /** Commits these files on top and checks them out. Gives the commit's hash. */
  commit(subject: string, files: Readonly<Record<string, string>>): string {
    Object.entries(files).forEach(([path, content]) => this.files.files.set(path, content));
    return this.git.add(subject, files);
  }

  /** Somebody else makes this live. */
  deployElsewhere(slug: string, files: Readonly<Record<string, string>>): void {
    this.management.deploy(acme.ref, slug, new Map(Object.entries(files).map(([path, content]) => [path, new TextEncoder().encode(content)])));
  }

  /** What is live of a file; `undefined` when nothing is. */
  async live(slug: string, path = `supabase/functions/${slug}/index.ts`): Promise<string | undefined> {
    const options = { signal: new AbortController().signal, priority: 'user' } as const;
    const body = await this.management.functionBody(acme.ref, slug, options).catch(() => undefined);
    const content = body?.files.get(path);
    return content && new TextDecoder().decode(content);
  }

  async version(slug: string): Promise<number | undefined> {
    const functions = await this.management.functions(acme.ref, { signal: new AbortController().signal, priority: 'user' });
    return functions.find((fn) => fn.slug === slug)?.version;
  }

  /** Actions of the ledger with how they ended, oldest first. */
  async deeds(): Promise<readonly string[]> {
    return (await this.ledger.deployments()).map(({ intent, conclusion }) => `${intent.action} ${intent.slug} ${intent.versionBefore ?? '–'} → ${conclusion?.versionAfter ?? '–'} ${conclusion?.result ?? 'open'}`);
  }

  /** Lines of the plan that was shown last. */
  plan(): { readonly question: string; readonly lines: readonly string[] } {
    const plan = this.ui.plans.at(-1);
    assert.ok(plan, 'a plan was shown');
    return { question: plan.question, lines: plan.detail };
  }
}
