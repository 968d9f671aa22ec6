import type { DeployNeeds as ApplyNeeds } from '../../core/functions/deploy.ts';
import type { PlaceReader } from '../../core/functions/placeReader.ts';
import type { PrepareNeeds } from '../../core/functions/prepare.ts';
import type { Probe } from '../../core/functions/probe.ts';
import type { Clock, CommitNotes, GitHistory, HttpClient, Logger, PlaceWriter, ProgramCall, TagWriter, TypeChecker } from '../../core/ports.ts';
import type { Connection } from '../../core/project/connection.ts';
import type { Place } from '../../core/project/project.ts';
import type { Session } from '../../core/project/session.ts';
import type { CommandRegistry } from '../../host/commands.ts';
import type { Consent } from '../../host/consent.ts';
import type { PlaceEditors } from '../../host/placeEditors.ts';
import type { Problems } from '../../host/problems.ts';
import type { Ui } from '../../host/ui.ts';

export type { ApplyNeeds, PrepareNeeds };

/** What deploying from a place takes, for one project; the outside behind ports. */
export type DeployTools = Omit<PrepareNeeds, 'project' | 'management' | 'git'> &
  Omit<ApplyNeeds, 'management' | 'clock' | 'log' | 'who' | 'reason' | 'place' | 'shared'> & {
    /** Absent without a repository. */
    readonly git?: GitHistory & TagWriter;
    readonly writer: PlaceWriter;
    readonly types: TypeChecker;
  };

export interface DeployFeatureNeeds {
  readonly session: Pick<Session, 'connection' | 'forget'>;
  readonly commands: Pick<CommandRegistry, 'run'>;
  readonly consent: Pick<Consent, 'ask'>;
  readonly ui: Ui;
  readonly clock: Clock;
  readonly log: Logger;
  readonly places: Pick<PlaceReader, 'functions'>;
  /** For registries of packages; never with credentials of ours. */
  readonly http: HttpClient;
  readonly editors: PlaceEditors;
  readonly problems: Pick<Problems, 'replace'>;
  readonly settings: () => {
    /** Whether Deno checks types before a deploy, where there is a Deno. */
    readonly typeCheck: boolean;
    /** As `parseProbe` reads them. */
    readonly probes: readonly string[];
    /** Whether why something is deployed is asked before. */
    readonly askReason: boolean;
    /** Whether own deploys are told to the team by notes on their commits. */
    readonly shareLedger: boolean;
  };
  /** Nothing of an untrusted folder is executed, and nothing of it is deployed. */
  readonly isTrusted: () => boolean;
  /** Throws `untrusted`: deploying executes git and the CLI. */
  readonly tools: (connection: Connection, signal: AbortSignal) => Promise<DeployTools>;
  /** What this machine keeps of deploys to the project with this ref; nothing is executed for it. */
  readonly records: (ref: string) => Promise<Pick<DeployTools, 'staging' | 'ledger' | 'locks' | 'digest'>>;
  /** Checks after a deploy that the place's manuals ask for. */
  readonly runbookProbes: () => Promise<readonly Probe[]>;
  /** Notes of the place's repository; `undefined` without one. Throws `untrusted`: it executes git. */
  readonly notes: (place: Place, signal: AbortSignal) => Promise<CommitNotes | undefined>;
  /** Runs a program before the user's eyes and gives its exit code; `undefined` when it was ended from outside. */
  readonly runInTerminal: (title: string, call: ProgramCall) => Promise<number | undefined>;
}
