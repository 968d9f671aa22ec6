import { OpsError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports.ts';
import type { Connection } from '../../core/project/connection.ts';
import type { Session } from '../../core/project/session.ts';
import { isReservedSecretName } from '../../core/secrets/secret.ts';
import { stateIcon, type Row } from '../../host/row.ts';
import type { TreeSource } from '../../host/tree.ts';
import { age } from '../../util/age.ts';
import { Emitter } from '../../util/event.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';

/** Where code reads a secret: a path within the place and an offset in it. */
export interface SecretRead {
  readonly name: string;
  readonly path: string;
  readonly offset: number;
}

export interface SecretNode {
  readonly kind: 'secret';
  readonly name: string;
  readonly ref: string;
  /** `missing`: read by code and set nowhere. `unused`: set and read by no code here. `reserved`: set by the platform itself. */
  readonly state: 'set' | 'missing' | 'unused' | 'reserved';
  readonly updatedAt?: number;
  readonly readers: readonly SecretRead[];
}

export function isSecretNode(value: unknown): value is SecretNode {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'secret' && 'name' in value && typeof value.name === 'string';
}

export interface SecretsTreeNeeds {
  readonly session: Session;
  readonly clock: Clock;
  /** Every place where the functions' code reads a secret; empty without a place. */
  readonly secretReads: (connection: Connection, signal: AbortSignal) => Promise<readonly SecretRead[]>;
}

/** Names set on the project and names read by the code, in one list; what is missing comes first. */
export async function listSecrets({ secretReads }: Pick<SecretsTreeNeeds, 'secretReads'>, connection: Connection, signal: AbortSignal): Promise<readonly SecretNode[]> {
  if (connection.management.kind === 'absent') {
    throw new OpsError('absent', { what: l10n.t('Listing secrets'), reason: connection.management.reason });
  }
  const [remote, reads] = await Promise.all([connection.data.secrets({ signal, priority: 'view' }), secretReads(connection, signal)]);
  const { ref } = connection.project;
  const readersOf = (name: string) => reads.filter((read) => read.name === name);
  const known = new Set(remote.map((secret) => secret.name));
  const missing = [...new Set(reads.map((read) => read.name))].filter((name) => !known.has(name) && !isReservedSecretName(name)).sort();
  return [
    ...missing.map((name): SecretNode => ({ kind: 'secret', name, ref, state: 'missing', readers: readersOf(name) })),
    ...[...remote]
      .sort((a, b) => a.name.localeCompare(b.name))
      .map((secret): SecretNode => {
        const readers = readersOf(secret.name);
        const state = isReservedSecretName(secret.name) ? 'reserved' : readers.length > 0 || !connection.place ? 'set' : 'unused';
        return { kind: 'secret', name: secret.name, ref, state, readers, ...(secret.updatedAt === undefined ? {} : { updatedAt: secret.updatedAt }) };
      }),
  ];
}

export function secretsTree(needs: SecretsTreeNeeds): TreeSource<SecretNode> {
  const { session } = needs;
  const changed = new Emitter<void>();
  session.onDidChange(() => changed.fire());
  session.onDidRefresh(() => changed.fire());
  return {
    children: async (node) => {
      if (node || session.state.kind !== 'connected') {
        return [];
      }
      const { connection } = session.state;
      const nodes = await listSecrets(needs, connection, AbortSignal.timeout(60_000));
      return session.isCurrent(connection) ? nodes : [];
    },
    row: (node) => secretRow(node, needs.clock.now()),
    onDidChange: changed.event,
  };
}

export function secretRow(node: SecretNode, now: number): Row {
  const files = [...new Set(node.readers.map((read) => read.path))];
  const readBy = [...new Set(files.map((file) => functionOf(file)))];
  return {
    id: `secret/${node.name}`,
    kind: 'secret',
    label: visible(node.name),
    description: description(node, readBy, now),
    tooltip: [visible(node.name), ...files.map((file) => l10n.t('read by {0}', visible(file))), ...(node.updatedAt === undefined ? [] : [l10n.t('set {0}', new Date(node.updatedAt).toISOString())])],
    icon: node.state === 'missing' ? stateIcon('critical') : { name: node.state === 'unused' ? 'circle-slash' : 'key' },
    states: node.state === 'missing' ? ['missing'] : ['set'],
    click: 'secrets.showReaders',
  };
}

function description(node: SecretNode, readBy: readonly string[], now: number): string {
  const old = node.updatedAt === undefined ? '' : ` · ${l10n.t('{0} old', age(node.updatedAt, now))}`;
  switch (node.state) {
    case 'missing':
      return visible(l10n.t('missing · read by {0}', readBy.join(', ')));
    case 'unused':
      return `${l10n.t('set')}${old} · ${l10n.t('read by no function here')}`;
    case 'reserved':
      return `${l10n.t('set by the platform')}${old}`;
    case 'set':
      return `${l10n.t('set')}${old}`;
    default:
      return node.state satisfies never;
  }
}

/** `supabase/functions/mint-token/index.ts` → `mint-token`. */
function functionOf(path: string): string {
  return /functions\/([^/]+)\//.exec(path)?.[1] ?? path;
}
