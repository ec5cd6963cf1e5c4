/** How far something is: what it is at, how many of `unit` it has done of that, and the part of all that is done, 0 to 1. */
export interface Step {
  readonly at: string;
  readonly done: number;
  readonly unit: string;
  readonly fraction: number;
}

const PATIENCE = 1_000;

/**
 * A line for a terminal that says how far something is, how many it does each second, and how long the rest will take if
 * it goes on like that. `now` is milliseconds since 1970.
 */
export class ProgressLine {
  readonly #now: () => number;
  readonly #started: number;
  #at = '';
  #since = 0;

  constructor(now: () => number) {
    this.#now = now;
    this.#started = now();
  }

  /** The line; what it says of speed begins after a second. */
  describe({ at, done, unit, fraction }: Step): string {
    const now = this.#now();
    if (at !== this.#at) [this.#at, this.#since] = [at, now];
    const elapsed = now - this.#since;
    const rate = elapsed < PATIENCE ? '' : `, ${Math.round((done * 1_000) / elapsed)} ${unit}/s`;
    const whole = now - this.#started;
    const isTold = whole >= PATIENCE && fraction > 0 && fraction < 1;
    const left = isTold ? `, ${duration((whole * (1 - fraction)) / fraction)} left` : '';
    return `${Math.floor(fraction * 100)} %  ${at}: ${done} ${unit}${rate}${left}`;
  }
}

function duration(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
