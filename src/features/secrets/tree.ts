import type { PlaceReader } from '../../core/functions/placeReader.ts';
import type { Clock } from '../../core/ports.ts';
import type { Connection } from '../../core/project/connection.ts';
import type { Session } from '../../core/project/session.ts';
import { mapSecrets, type SecretRow } from '../../core/secrets/secretMap.ts';
import { stateIcon, type Row } from '../../host/row.ts';
import { ofShownProject, shownConnection } from '../../host/shownProject.ts';
import type { TreeSource } from '../../host/treeRows.ts';
import { age } from '../../util/age.ts';
import { Emitter } from '../../util/event.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';

export interface SecretNode extends SecretRow {
  readonly kind: 'secret';
  readonly ref: string;
}

export function isSecretNode(value: unknown): value is SecretNode {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'secret' && 'name' in value && typeof value.name === 'string';
}

export interface SecretsTreeNeeds {
  readonly session: Session;
  readonly clock: Clock;
  readonly places: Pick<PlaceReader, 'secretReads'>;
}

/** Names set on the project and names read by the code, in one list; what is missing comes first. */
export async function listSecrets({ places }: Pick<SecretsTreeNeeds, 'places'>, connection: Connection, signal: AbortSignal): Promise<readonly SecretNode[]> {
  const [remote, code] = await Promise.all([connection.data.secrets({ signal, priority: 'view' }), places.secretReads(connection.place, signal)]);
  return mapSecrets({ remote, ...code }).map((row) => ({ ...row, kind: 'secret', ref: connection.project.ref }));
}

export function secretsTree(needs: SecretsTreeNeeds): TreeSource<SecretNode> {
  const { session } = needs;
  const changed = new Emitter<void>();
  session.onDidChange(() => changed.fire());
  session.onDidRefresh(() => changed.fire());
  return {
    children: async (node) => (node ? [] : ofShownProject(session, async (connection, signal) => listSecrets(needs, connection, signal))),
    row: (node) => secretRow(node, needs.clock.now()),
    onDidChange: changed.event,
    scope: () => shownConnection(session),
  };
}

export function secretRow(node: SecretNode, now: number): Row {
  const files = [...new Set(node.readers.map((read) => read.path))];
  const readBy = [...new Set(files.map((file) => functionOf(file)))];
  return {
    id: `secret/${node.name}`,
    kind: 'secret',
    label: visibleLine(node.name),
    description: description(node, readBy, now),
    tooltip: [visibleLine(node.name), ...files.map((file) => l10n.t('read by {0}', visibleLine(file))), ...(node.updatedAt === undefined ? [] : [l10n.t('set {0}', new Date(node.updatedAt).toISOString())])],
    icon: node.state === 'missing' ? stateIcon('critical') : { name: node.state === 'unused' ? 'circle-slash' : 'key' },
    // What the platform sets itself cannot be unset.
    states: [node.state === 'unused' ? 'set' : node.state],
    click: 'secrets.showReaders',
  };
}

function description(node: SecretNode, readBy: readonly string[], now: number): string {
  const old = node.updatedAt === undefined ? '' : ` · ${l10n.t('{0} old', age(node.updatedAt, now))}`;
  switch (node.state) {
    case 'missing':
      return visibleLine(l10n.t('missing · read by {0}', readBy.join(', ')));
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
