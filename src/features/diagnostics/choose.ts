import { OpsError } from '../../core/errors.ts';
import { nodeOf } from '../../host/row.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';
import type { DiagnosticsNeeds } from './needs.ts';
import { isDiagnosticNode, listDiagnostics, type DiagnosticNode } from './tree.ts';

/** The row's diagnostic, one that a manual names by its title, or one that is picked. */
export async function diagnosticOf({ library, ui }: DiagnosticsNeeds, argument: unknown): Promise<DiagnosticNode> {
  const node = nodeOf(argument);
  if (isDiagnosticNode(node)) {
    return node;
  }
  const list = await listDiagnostics(library);
  if (typeof node === 'string') {
    const named = list.find((known) => known.step.title === node);
    if (!named) {
      throw new OpsError('notFound', { what: l10n.t('The diagnostic {0}', visibleLine(node)) });
    }
    return named;
  }
  return ui.pick(
    l10n.t('Run which diagnostic?'),
    list.map((known) => ({ label: visibleLine(known.step.title), description: visibleLine(known.step.options.topic ?? ''), icon: 'pulse', value: known })),
  );
}
