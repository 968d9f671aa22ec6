/** Tests that this machine cannot run say so, with one of the reasons that `npm test` lets pass. */
import type { Context } from 'mocha';

export const skipReasons = ['needs Docker', 'needs ../shared', 'needs OPSBOOK_POSTGRES_SOURCE'] as const;

export type SkipReason = (typeof skipReasons)[number];

/** Marks the current test, or in a `before` hook all tests of its suite, as pending for `reason`. Never returns. */
export function skipFor(context: Context, reason: SkipReason): never {
  const named = skippedBy(context);
  if (named !== undefined) {
    named.title = `${named.title} [${reason}]`;
  }
  return context.skip();
}

function skippedBy({ test, currentTest }: Context): { title: string } | undefined {
  if (test?.title.startsWith('"before all" hook')) {
    return test.parent;
  }
  return test?.title.startsWith('"before each" hook') ? currentTest : test;
}

/** The reason that `skipFor` left in a title; nothing when the test was skipped in another way. */
export function skipReasonOf(fullTitle: string): SkipReason | undefined {
  return skipReasons.find((reason) => fullTitle.includes(`[${reason}]`));
}
