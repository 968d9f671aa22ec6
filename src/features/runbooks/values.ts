import { OpsError } from '../../core/errors.ts';
import type { Argument } from '../../core/runbook/operation.ts';

/** Everything was filled in before; an argument that is still open is a fault of ours and stops the step. */
export function valueOf(argument: Argument): string {
  if (argument.kind === 'placeholder') {
    throw new OpsError('placeholdersLeft', { names: [argument.placeholder.text] });
  }
  return argument.value;
}
