/** Chance that is the same every time: a small generator (mulberry32) with what the log story needs of it. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 0;
  }

  /** At least 0, less than 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let bits = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  /** Whole number, at least `low`, less than `high`. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low));
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  /** How many events of a mean rate happen: its whole part, and one more by chance. */
  count(rate: number): number {
    return Math.floor(rate) + (this.chance(rate % 1) ? 1 : 0);
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.whole(0, items.length)] as Item;
  }

  /** One of the items, each as often as its weight says. */
  weighted<Item extends { weight: number }>(items: readonly Item[]): Item {
    let left = this.next() * items.reduce((sum, item) => sum + item.weight, 0);
    return items.find((item) => (left -= item.weight) < 0) ?? (items.at(-1) as Item);
  }

  /** Around `median`, with the long tail that durations have. */
  duration(median: number, spread = 0.45): number {
    const bell = this.next() + this.next() + this.next() + this.next() - 2;
    return Math.max(1, Math.round(median * Math.exp(bell * 2 * spread)));
  }

  uuid(): string {
    const hex = (digits: number): string => Array.from({ length: digits }, () => this.whole(0, 16).toString(16)).join('');
    return `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;
  }
}
