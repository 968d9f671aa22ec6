import type { CommandKey } from '../../contributions.ts';
import { lineHead } from '../../core/logs/format.ts';
import type { LogLine } from '../../core/logs/log.ts';
import { findLocations } from '../../core/logs/sourceLocations.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';

/** Where a line names a place in source. */
export interface NamedLocation {
  readonly ref: string;
  readonly slug: string;
  readonly version?: number;
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly column?: number;
}

/** A part of a row that a click acts on. */
export interface RowLink {
  readonly row: number;
  readonly start: number;
  readonly end: number;
  readonly command: CommandKey;
  readonly argument: unknown;
  readonly tooltip: string;
}

/** Whose lines a channel shows. */
export interface ChannelOwner {
  readonly ref: string;
  readonly key: string;
}

interface Origin {
  readonly slug: string;
  readonly functionId: string;
  readonly version?: number;
}

/** Lines with places in them are few; the oldest are forgotten first. */
const mostOrigins = 20_000;
/** Rows at the end of a channel that are looked through. */
const mostRows = 5000;

const head = /^\S+Z \[\w+\] +\S+/;
const act = /⟨([^⟨⟩]+)⟩/g;
const mark = /^\S+Z ── .* ──$/;

/** Which function and version each shown line is of: the text of a channel alone does not tell the version. */
export class LineLinks {
  private readonly owners = new Map<string, ChannelOwner>();
  private readonly origins = new Map<string, Origin>();

  own(channel: string, owner: ChannelOwner): void {
    this.owners.set(channel, owner);
  }

  ownerOf(channel: string): ChannelOwner | undefined {
    return this.owners.get(channel);
  }

  get channels(): Iterable<string> {
    return this.owners.keys();
  }

  /** Called with lines before a channel shows them. */
  shown(channel: string, lines: readonly LogLine[], names: ReadonlyMap<string, string>): void {
    for (const line of lines) {
      const slug = line.functionId === undefined ? undefined : names.get(line.functionId);
      if (slug !== undefined && line.functionId !== undefined && findLocations(line.message).length > 0) {
        const version = Number(line.version);
        this.origins.set(originKey(channel, lineHead(line, { names })), { slug, functionId: line.functionId, ...(Number.isSafeInteger(version) && version > 0 ? { version } : {}) });
      }
    }
    for (const oldest of [...this.origins.keys()].slice(0, Math.max(0, this.origins.size - mostOrigins))) {
      this.origins.delete(oldest);
    }
  }

  /** Links in the rows of a channel. Only rows that Opsbook wrote itself begin at the margin, so no message can forge an action. */
  links(channel: string, rows: readonly string[]): RowLink[] {
    const owner = this.owners.get(channel);
    if (!owner) {
      return [];
    }
    const links: RowLink[] = [];
    let origin: Origin | undefined;
    for (let row = Math.max(0, rows.length - mostRows); row < rows.length; row++) {
      const text = rows[row] ?? '';
      const begins = head.exec(text)?.[0];
      origin = begins === undefined ? (/^\s/.test(text) ? origin : undefined) : this.origins.get(originKey(channel, begins));
      links.push(...(begins === undefined ? [] : executionLinks(row, text, begins.length, owner)));
      links.push(...(mark.test(text) ? actionLinks(row, text, owner) : origin ? locationLinks(row, text, owner.ref, origin) : []));
    }
    return links;
  }
}

function originKey(channel: string, begins: string): string {
  return `${channel} ${begins}`;
}

function locationLinks(row: number, text: string, ref: string, { slug, functionId, version }: Origin): RowLink[] {
  return findLocations(text)
    .filter((location) => location.functionId === undefined || location.functionId === functionId)
    .map(({ start, end, path, line, column, version: named }) => {
      const known = named === undefined ? version : Number(named);
      const argument: NamedLocation = { ref, slug, path, line, ...(known === undefined ? {} : { version: known }), ...(column === undefined ? {} : { column }) };
      const where = known === undefined ? l10n.t('Open as deployed') : l10n.t('Open as it was in version {0} of {1}', known, visibleLine(slug));
      return { row, start, end, command: 'logs.openSource', argument, tooltip: where };
    });
}

const execution = /^ v\d+ (?:[\w-]+ )?([\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12})(?= |$)/;

/** Lines with details name their execution: a click leaves its lines alone. */
function executionLinks(row: number, text: string, from: number, owner: ChannelOwner): RowLink[] {
  const [whole, id] = execution.exec(text.slice(from)) ?? [];
  if (whole === undefined || id === undefined) {
    return [];
  }
  const end = from + whole.length;
  return [{ row, start: end - id.length, end, command: 'logs.changeFilter', argument: { ...owner, filter: `execution_id=${id}` }, tooltip: l10n.t('Only the lines of this execution') }];
}

/** What a mark offers, as it is written there. */
export function actionWords(): ReadonlyMap<string, CommandKey> {
  return new Map<string, CommandKey>([
    [l10n.t('change filter'), 'logs.changeFilter'],
    [l10n.t('pause'), 'logs.pauseTail'],
    [l10n.t('resume'), 'logs.resumeTail'],
    [l10n.t('save lines'), 'logs.saveLines'],
    [l10n.t('stop'), 'functions.stopTail'],
  ]);
}

/** `⟨change filter⟩ ⟨pause⟩`, for the end of a mark. */
export function offer(...commands: readonly CommandKey[]): string {
  const words = [...actionWords()];
  return commands.map((command) => `⟨${words.find(([, key]) => key === command)?.[0] ?? ''}⟩`).join(' ');
}

function actionLinks(row: number, text: string, owner: ChannelOwner): RowLink[] {
  const words = actionWords();
  return [...text.matchAll(act)].flatMap((match): RowLink[] => {
    const [whole, word = ''] = match;
    const command = words.get(word);
    return command === undefined ? [] : [{ row, start: match.index, end: match.index + whole.length, command, argument: owner, tooltip: word }];
  });
}
