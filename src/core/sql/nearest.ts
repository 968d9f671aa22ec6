/** Names that look like another: what somebody may have meant. */

/** The closest first, at most three; none that is further away than a slip. */
export function nearestNames(name: string, among: Iterable<string>): string[] {
  const most = Math.max(1, Math.floor(name.length / 3));
  const found: { readonly candidate: string; readonly distance: number }[] = [];
  for (const candidate of new Set(among)) {
    const distance = Math.abs(candidate.length - name.length) > most ? Infinity : distanceBetween(name.toLowerCase(), candidate.toLowerCase(), most);
    if (distance <= most && candidate !== name) {
      found.push({ candidate, distance });
    }
  }
  return found
    .sort((one, other) => one.distance - other.distance || (one.candidate < other.candidate ? -1 : 1))
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** How many letters must be put in, taken out, changed or swapped with their neighbour; anything above `most` may be more than it is. */
function distanceBetween(one: string, other: string, most: number): number {
  let before: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row++) {
    const next = [row];
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1];
      const swapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      next.push(Math.min((last[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1, (last[column - 1] ?? 0) + (same ? 0 : 1), swapped ? (before[column - 2] ?? 0) + 1 : Infinity));
    }
    if (Math.min(...next) > most) {
      return Infinity;
    }
    [before, last] = [last, next];
  }
  return last[other.length] ?? Infinity;
}
