import type { OpsError } from '../../core/errors.ts';
import type { Session } from '../../core/project/session.ts';
import type { Guard } from '../../host/guard.ts';

/** What keeps the account from the project is said once, in a sentence with its next steps; another try asks the project again. */
export async function tellNoAccess({ session, guard }: { session: Session; guard: Guard }, error: OpsError): Promise<void> {
  let tried = false;
  await guard('open the project', async () => {
    if (tried) {
      await session.refresh();
    }
    tried = true;
    const { state } = session;
    // Another obstacle has its own sentence by now.
    if (state.kind === 'noPermission' && state.error.code === error.code) {
      throw error;
    }
  });
}
