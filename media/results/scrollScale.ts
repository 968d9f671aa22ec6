/**
 * Between where an element is scrolled to and where in the list that is: no browser makes an element higher than some 17 million
 * pixels, and a million rows have 24 million. Small steps stay exact, so that a wheel moves row by row; large ones (the thumb was dragged)
 * go to the same share of the list.
 */
export class ScrollScale {
  private readonly limit: number;
  private total = 0;
  private viewport = 0;
  private position = 0;
  private place = 0;
  private jumping = false;

  constructor(limit = 8_000_000) {
    this.limit = limit;
  }

  /** Pixels of the list, and of it in sight. */
  resize(total: number, viewport: number): void {
    this.total = total;
    this.viewport = viewport;
    this.place = Math.min(this.place, this.lastPlace);
  }

  /** Of the element inside the one that scrolls. */
  get height(): number {
    return Math.min(this.total, this.limit);
  }

  /** The pixel of the list that is uppermost in sight. */
  get offset(): number {
    return this.place;
  }

  /** It moves by more than anybody can read: the thumb is being dragged, and has not rested since. */
  get isJumping(): boolean {
    return this.jumping;
  }

  /** How much higher in the element than in the list something is drawn. */
  get shift(): number {
    return this.place - this.position;
  }

  /** The element was scrolled; gives the new {@link offset}. */
  scrolled(position: number): number {
    const step = position - this.position;
    this.position = position;
    this.jumping = Math.abs(step) > 2 * this.viewport;
    if (this.total <= this.limit) {
      this.place = position;
    } else if (position <= 0) {
      this.place = 0;
    } else if (position >= this.lastPosition) {
      this.place = this.lastPlace;
    } else if (Math.abs(step) <= this.smallStep) {
      this.place = clamp(this.place + step, this.lastPlace);
    } else {
      this.place = (position / this.lastPosition) * this.lastPlace;
    }
    return this.place;
  }

  /** Where to scroll the element for a pixel of the list. */
  goTo(offset: number): number {
    this.jumping = false;
    this.place = clamp(offset, this.lastPlace);
    this.position = this.total <= this.limit ? this.place : Math.round((this.place / this.lastPlace) * this.lastPosition);
    return this.position;
  }

  /** After small steps: where the element should be for the thumb to show the truth. */
  settled(): number {
    this.jumping = false;
    return this.goTo(this.place);
  }

  /** Less than the thumb moves the element by half a pixel of its own. */
  private get smallStep(): number {
    return Math.max(2 * this.viewport, this.height / Math.max(1, this.viewport) / 2);
  }

  private get lastPlace(): number {
    return Math.max(0, this.total - this.viewport);
  }

  private get lastPosition(): number {
    return Math.max(1, this.height - this.viewport);
  }
}

function clamp(value: number, highest: number): number {
  return Math.min(Math.max(value, 0), highest);
}
