import type { CancellationToken } from 'vscode';

/** The border between VS Code's tokens and the signals that everything below the host speaks. */
export function toSignal(token: CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) {
    controller.abort();
  } else {
    token.onCancellationRequested(() => controller.abort());
  }
  return controller.signal;
}
