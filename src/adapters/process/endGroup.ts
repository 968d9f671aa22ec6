/**
 * Ends what a program that was stopped left behind: a child of it that would not end and no longer holds its output open. The group is
 * the program's own (execa's `killDescendants`), and lives as long as anybody in it. Windows has no groups: there `taskkill` has ended
 * the tree already.
 */
export function endGroup(pid: number | undefined): void {
  if (pid === undefined || process.platform === 'win32') {
    return;
  }
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left of it.
  }
}
